import type { Node } from "jsonc-parser";
import { NearError } from "nearts";
import { positionOf } from "./fault.js";

/** Refuses keys that are twice in an object, of which one would be passed over in silence, and `__proto__`, which would set what no check sees. */
export function checkKeys(node: Node, text: string, shown: string): void {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    if (node.type === "object") {
      const key = child.children?.[0];
      const name = String(key?.value);
      if (name === "__proto__" || seen.has(name)) {
        const { line, column } = positionOf(text, child.offset);
        const wrong = name === "__proto__" ? "is no name of a setting" : "is given twice: leave one out";
        throw new NearError("E_CONFIG", `${shown}:${line}:${column}: ${JSON.stringify(name)} ${wrong}`, { line, column, got: name });
      }
      seen.add(name);
    }
    checkKeys(child, text, shown);
  }
}
