import { channel } from "#platform";
import { Codes } from "../core/codes.js";
import { Keys } from "../core/columns.js";
import type { Sketch } from "../core/contracts.js";
import type { EncodeJob } from "../engine/batches.js";
import type { Entries } from "../engine/entries.js";
import type { Crew } from "./crew.js";
import { PartEncoder } from "./encode-part.js";
import { divide, sharedParts } from "./parts.js";
import type { SharedEntries, SharedParts, SharedRows } from "./task.js";

const events = channel("nearts:threads");

/** Milliseconds of work that there must be left for workers to be asked. */
const leastMillis = 5;
/** Parts that wait, or are worked on, for each thread; and most that are brought at a time, in a millisecond or two. */
const slotsPerThread = 4;
const broughtAtOnce = 8;

/** As `Batches.encode`, with the help of a crew. Null for stages that workers cannot make again, or that have several lists for a row. */
export async function encodeRows(crew: Crew, job: EncodeJob): Promise<Entries | null> {
  const { stage, turn } = job;
  const known = crew.works ? crew.know(stage) : null;
  if (known === null || stage.sketch === null || (stage.hash.keysPerTable ?? 1) !== 1) return null;
  const rows = new RowsToEncode(job, crew.size, stage.sketch);
  const { count, parts } = rows;
  const encoder = new PartEncoder(stage, rows.rows, rows.entries);
  let asked = 0;
  const helpers = (millis: number) => {
    if (millis < leastMillis) return [];
    const task = { kind: "encode", hash: stage.number, rows: rows.rows, entries: rows.entries, parts } as const;
    const atWork = crew.setBy(known, crew.size, (to) => ({ ...task, ...to }));
    asked = atWork.length;
    return atWork;
  };
  const helped = await divide({ count, parts, bring: () => rows.bring(), run: (part) => encoder.encode(part), turn }, helpers);
  if (asked > 0 && events.hasSubscribers) events.publish({ work: "encode", parts: count, helped });
  return rows.taken();
}

/** The rows of a job in parts, copied to where all threads can read them, with room for their entries. */
class RowsToEncode {
  readonly count: number;
  readonly parts: SharedParts;
  readonly rows: SharedRows;
  readonly entries: SharedEntries;
  readonly #job: EncodeJob;
  /** By slot the part in it; −1 where there is none. */
  readonly #partIn: Int32Array;
  /** Row numbers by entry. */
  readonly #numbers: Uint32Array;
  #brought = 0;
  #placed = 0;

  constructor(job: EncodeJob, workers: number, { groups }: Sketch) {
    const { dim, atOnce, rows } = job;
    const slots = (workers + 1) * slotsPerThread;
    const { bytesPerCode } = new Codes(groups);
    const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));
    const words = (length: number) => new Uint32Array(new SharedArrayBuffer(length * 4));
    this.#job = job;
    this.count = Math.ceil(rows.length / atOnce);
    this.parts = sharedParts(this.count, workers);
    this.rows = { dim, atOnce, slots: floats(slots * atOnce * dim), parts: words(3 * this.count) };
    this.entries = {
      groups,
      lists: words(rows.length),
      bytes: new Uint8Array(new SharedArrayBuffer(rows.length * bytesPerCode)),
      add: floats(rows.length),
      scale: floats(rows.length),
      error: floats(rows.length),
    };
    this.#partIn = new Int32Array(slots).fill(-1);
    this.#numbers = new Uint32Array(rows.length);
  }

  /** Copies the rows of the next parts to the slots of those that are done; says how many parts there are then. There is always a slot for one more. */
  bring(): number {
    const { done } = this.parts;
    const most = Math.min(this.count, this.#brought + broughtAtOnce);
    for (let slot = 0; slot < this.#partIn.length && this.#brought < most; slot++) {
      const before = this.#partIn[slot];
      if (before < 0 || Atomics.load(done, before) === 1) this.#bringTo(slot);
    }
    return this.#brought;
  }

  /** The entries of all rows that were there. */
  taken(): Entries {
    const { groups, lists, bytes, add, scale, error } = this.entries;
    const count = this.#placed;
    const keys = new Keys();
    keys.reserve(count);
    keys.rows.set(this.#numbers.subarray(0, count));
    keys.lo.set(lists.subarray(0, count));
    const codes = Object.assign(new Codes(groups), { bytes, add, scale, error, count });
    return { keys: Object.assign(keys, { count }), codes };
  }

  #bringTo(slot: number): void {
    const { dim, atOnce, rows, gather } = this.#job;
    const { slots, parts } = this.rows;
    const part = this.#brought++;
    const room = slots.subarray(slot * atOnce * dim, (slot + 1) * atOnce * dim);
    const there = gather(rows.subarray(part * atOnce, (part + 1) * atOnce), room).rows;
    parts.set([slot, this.#placed, there.length], 3 * part);
    this.#numbers.set(there, this.#placed);
    this.#placed += there.length;
    this.#partIn[slot] = part;
  }
}
