import { readFileSync } from "node:fs";

/** One thing that a program did to its files, or said. */
export type DiskEvent =
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly bytes: Buffer; readonly durable: boolean }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "sync" | "synced"; readonly path: string; readonly number: bigint }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "said"; readonly text: string };

const HEAD = 32;

/** What the shim noted, in order; a record that a kill cut short is left out. */
export function readLog(path: string): DiskEvent[] {
  const bytes = readFileSync(path);
  const events: DiskEvent[] = [];
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const [kind, pathLength, length] = [0, 8, 24].map((field) => Number(bytes.readBigUInt64LE(at + field)));
    const offset = bytes.readBigUInt64LE(at + 16);
    const start = at + HEAD + pathLength;
    if (start + length > bytes.length) break;
    events.push(
      eventOf(String.fromCharCode(kind), bytes.toString("utf8", at + HEAD, start), offset, bytes.subarray(start, start + length)),
    );
    at = start + length;
  }
  return events;
}

function eventOf(kind: string, path: string, offset: bigint, bytes: Buffer): DiskEvent {
  switch (kind) {
    case "w":
    case "W":
      return { kind: "write", path, offset: Number(offset), bytes, durable: kind === "W" };
    case "t":
      return { kind: "truncate", path, size: Number(offset) };
    case "s":
      return { kind: "sync", path, number: offset };
    case "e":
      return { kind: "synced", path, number: offset };
    case "r":
      return { kind: "rename", path, to: bytes.toString() };
    case "u":
      return { kind: "remove", path };
    case "a":
      return { kind: "said", text: bytes.toString() };
    default:
      throw new Error(`the shim's log holds a record of kind ${kind}`);
  }
}
