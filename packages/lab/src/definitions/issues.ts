import type { NearError } from "nearts";
import type { z } from "zod";
import { unknownName } from "../names.js";
import { fault, type Place, type Source } from "./fault.js";

type Issue = z.core.$ZodIssue;

/** What a check of a schema found first, as an error that points there, with the nearest known name for one that is not known. */
export function firstIssue(source: Source, issues: readonly Issue[], around: Place, known: (place: Place) => readonly string[]): NearError {
  // A name that is not known tells more than that the one it should have been is missing.
  const { issue, path } = deepest(issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0], []);
  const place = [...around, ...path];
  if (issue.code === "unrecognized_keys") {
    const error = unknownName("a setting that there is here", issue.keys[0], known(place));
    return fault(source, [...place, issue.keys[0]], error.message, "key", error);
  }
  if (issue.code === "invalid_value") {
    const got = valueAt(issue.input);
    const error = unknownName("one of the values that there are", got, issue.values.map(String));
    return fault(source, place, error.message, "value", error);
  }
  const message = issue.message.replace(/^Invalid input: /, "").replace(/^Too small: |^Too big: /, "");
  return fault(source, place, `${lastKey(place)}${message}`);
}

/** The part of an issue that says most: of alternatives the one that fitted farthest. */
function deepest(issue: Issue, before: Place): { readonly issue: Issue; readonly path: Place } {
  const path = [...before, ...keysOf(issue.path)];
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return { issue, path };
  const inner = issue.errors.flatMap((branch) => branch.slice(0, 1).map((one) => deepest(one, path)));
  return inner.reduce((best, one) => (fits(one) > fits(best) ? one : best));
}

/** A value of the right type in the wrong place tells more than a wrong type. */
function fits({ issue, path }: { readonly issue: Issue; readonly path: Place }): number {
  return path.length * 2 + (issue.code === "invalid_type" ? 0 : 1);
}

function keysOf(path: readonly PropertyKey[]): Place {
  return path.map((key) => (typeof key === "symbol" ? String(key) : key));
}

function lastKey(place: Place): string {
  const key = place.findLast((one) => typeof one === "string");
  return key === undefined ? "" : `${key}: `;
}

function valueAt(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
