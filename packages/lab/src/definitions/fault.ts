import { findNodeAtLocation, type Node } from "jsonc-parser";
import { NearError } from "nearts";

/** A definition as it was read, for errors that say where. */
export interface Source {
  /** As it was named, and in full. */
  readonly path: string;
  readonly file: string;
  /** Text and syntax tree of a JSON file; a module has none. */
  readonly json?: { readonly text: string; readonly tree: Node };
}

/** Where in a definition: keys and indices from its top. */
export type Place = readonly (string | number)[];

/** What is wrong with a definition, and where: `path:line:column`, or the keys that lead there in a module. `at` "key" points at the key rather than its value. */
export function fault(source: Source, place: Place, message: string, at: "key" | "value" = "value", cause?: unknown): NearError {
  const details = cause instanceof NearError ? cause.details : {};
  const options = cause === undefined ? {} : { cause };
  if (source.json === undefined) {
    const where = place.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    return new NearError("E_CONFIG", `${source.path}${where === "" ? "" : ` at ${where.slice(1)}`}: ${message}`, details, options);
  }
  const offset = offsetOf(source.json.tree, place, at);
  const { line, column } = positionOf(source.json.text, offset);
  return new NearError("E_CONFIG", `${source.path}:${line}:${column}: ${message}`, { ...details, line, column }, options);
}

/** Line and column of an offset in a text, both from 1. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before[before.length - 1].length + 1 };
}

/** The offset of what lies at a place, or of the nearest thing around it that is there. */
function offsetOf(tree: Node, place: Place, at: "key" | "value"): number {
  for (let length = place.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, place.slice(0, length));
    if (node === undefined) continue;
    const property = node.parent;
    return at === "key" && length === place.length && property?.type === "property" ? property.offset : node.offset;
  }
  return tree.offset;
}
