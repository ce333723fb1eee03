import type { FieldPredicate } from "../core/predicates.js";

/** Predicates that hold together exactly if the given one does, as many as can be had: ¬(a ∨ b) = ¬a ∧ ¬b (De Morgan), ¬¬a = a. None where it always holds. */
export function conjuncts(predicate: FieldPredicate): readonly FieldPredicate[] {
  if (predicate.op === "and") return predicate.of.flatMap(conjuncts);
  if (predicate.op === "or" && predicate.of.length === 1) return conjuncts(predicate.of[0]);
  if (predicate.op !== "not") return [predicate];
  const denied = predicate.of;
  if (denied.op === "not") return conjuncts(denied.of);
  if (denied.op === "or" || (denied.op === "and" && denied.of.length === 1)) {
    return denied.of.flatMap((part) => conjuncts({ op: "not", of: part }));
  }
  return [predicate];
}

/** The fields that a predicate asks about. */
export function fieldsOf(predicate: FieldPredicate): readonly string[] {
  switch (predicate.op) {
    case "and":
    case "or":
      return predicate.of.flatMap(fieldsOf);
    case "not":
      return fieldsOf(predicate.of);
    case "test":
      return [predicate.field];
  }
}
