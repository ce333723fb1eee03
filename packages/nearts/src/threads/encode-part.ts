import { Codes } from "../core/codes.js";
import { Keys } from "../core/columns.js";
import { type Entries, enter } from "../engine/entries.js";
import type { Stage } from "../engine/stages.js";
import type { SharedEntries, SharedRows } from "./task.js";

/** Makes keys and codes of parts of rows, in whichever thread, by a stage that has one list for each row. */
export class PartEncoder {
  readonly #stage: Stage;
  readonly #rows: SharedRows;
  readonly #entries: SharedEntries;
  /** Of one part. */
  readonly #own: Entries & { readonly codes: Codes };

  constructor(stage: Stage, rows: SharedRows, entries: SharedEntries) {
    this.#stage = stage;
    this.#rows = rows;
    this.#entries = entries;
    this.#own = { keys: new Keys(), codes: new Codes(entries.groups) };
  }

  encode(part: number): void {
    const { dim, atOnce, slots, parts } = this.#rows;
    const [slot, place, count] = parts.subarray(3 * part, 3 * part + 3);
    const first = slot * atOnce * dim;
    const { keys, codes } = this.#own;
    enter(this.#stage, { kind: "dense", dim, count, values: slots.subarray(first, first + count * dim) }, this.#own);
    const { lists, bytes, add, scale, error } = this.#entries;
    lists.set(keys.lo.subarray(0, count), place);
    bytes.set(codes.bytes.subarray(0, count * codes.bytesPerCode), place * codes.bytesPerCode);
    add.set(codes.add.subarray(0, count), place);
    scale.set(codes.scale.subarray(0, count), place);
    error.set(codes.error.subarray(0, count), place);
  }
}
