import type { Id } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { FieldTypes } from "../core/fields.js";
import { evaluator, type FieldPredicate } from "../core/predicates.js";
import { parseWhere } from "./where-parse.js";
import { conjuncts, fieldsOf } from "./where-split.js";

/** A `where`, checked and ready to be asked. A row is in exactly if it is in `indexed` and `rest` holds, which is if `test` does. */
export interface CompiledWhere {
  /** What declared fields decide; null where that is nothing. */
  readonly indexed: FieldPredicate | null;
  /** What is left to be asked of the data of each candidate; null where that is nothing. */
  readonly rest: ((data: unknown, id: Id) => boolean) | null;
  /** All of it, asked of data. */
  readonly test: (data: unknown, id: Id) => boolean;
}

/**
 * Splits a `where` into what the declared `fields` decide and what must be asked of data. Of an object those conditions that must hold together are
 * split; one alternative of an `or` on a key that is not declared sends the whole `or` to the data. E_BAD_OPTION for what cannot be understood.
 */
export function compileWhere(where: unknown, fields: FieldTypes): CompiledWhere {
  if (typeof where === "function") return compileFunction(where as (data: unknown, id: Id) => unknown); // any function may be called
  const predicate = parseWhere(where);
  const declared = Object.keys(fields);
  const parts = conjuncts(predicate);
  const indexed = declared.length === 0 ? [] : parts.filter((part) => fieldsOf(part).every((field) => declared.includes(field)));
  const rest = indexed.length === parts.length ? [] : parts.filter((part) => !indexed.includes(part));
  // Most are only asked of columns: what reads data is made when it is first needed.
  let test: ((data: unknown) => boolean) | undefined;
  return {
    indexed: allOf(indexed),
    rest: rest.length === 0 ? null : evaluator({ op: "and", of: rest }),
    test: (data) => {
      test ??= evaluator(predicate);
      return test(data);
    },
  };
}

function allOf(parts: readonly FieldPredicate[]): FieldPredicate | null {
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0] : { op: "and", of: parts };
}

function compileFunction(where: (data: unknown, id: Id) => unknown): CompiledWhere {
  const test = (data: unknown, id: Id) => {
    const answer = where(data, id);
    if (typeof answer === "boolean") return answer;
    // A promise, for one, would let everything through.
    throw new NearError("E_BAD_OPTION", `where returned ${show(answer)} for id ${show(id)}; return true or false, at once`, { id });
  };
  return { indexed: null, rest: test, test };
}
