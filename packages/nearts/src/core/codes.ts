import { grown } from "./columns.js";

/** Entries of a bucket block: what one pass of the scan kernel estimates. */
export const blockEntries = 32;

/**
 * Codes of bucket entries, as columns: entry e has the code `bytes[e · bytesPerCode …]` (`groups` groups of 4 bits, group g in byte g >> 1, the even
 * group in the low half) and three factors. With u = Σ over the groups of the query's table at the entry's 4 bits, the rank of the entry is about
 * `add + scale · u + centre`, off by a standard deviation of `error · spread`; table, centre and spread are the query's, see {@link Estimate}.
 */
export class Codes {
  readonly groups: number;
  readonly bytesPerCode: number;
  count = 0;
  bytes: Uint8Array;
  add: Float32Array = new Float32Array(64);
  scale: Float32Array = new Float32Array(64);
  error: Float32Array = new Float32Array(64);

  /** For codes of `groups` groups of 4 bits. */
  constructor(groups: number) {
    this.groups = groups;
    this.bytesPerCode = (groups + 1) >>> 1;
    this.bytes = new Uint8Array(64 * this.bytesPerCode);
  }

  clear(): void {
    this.count = 0;
  }

  /** Makes room for `more` entries; views taken before are stale. */
  reserve(more: number): void {
    const wanted = this.count + more;
    if (wanted <= this.add.length) return;
    const capacity = Math.max(wanted, this.add.length * 2);
    this.bytes = grown(this.bytes, capacity * this.bytesPerCode);
    this.add = grown(this.add, capacity);
    this.scale = grown(this.scale, capacity);
    this.error = grown(this.error, capacity);
  }
}

/** What estimates the ranks of one query from codes: made by a sketch, read by the scan of a storage. */
export class Estimate {
  /** 16 entries for each group: the group's part of u is `step · table[16 g + bits]` plus its share of `bias`. */
  table: Uint8Array;
  step = 0;
  bias = 0;
  /** Standard deviation that rounding the table adds to every estimate. */
  rounding = 0;
  /**
   * By probe: what is added to every estimate, what multiplies its `error`, and what the scan stops by: about the least estimate to be expected there, or where
   * nothing tells that, what grows with it.
   */
  centres: Float32Array = new Float32Array(16);
  spreads: Float32Array = new Float32Array(16);
  orders: Float32Array = new Float32Array(16);

  constructor(groups: number) {
    this.table = new Uint8Array(groups * 16);
  }

  /** Makes room for `count` probes; views taken before are stale. */
  reserve(count: number): void {
    if (count <= this.centres.length) return;
    this.centres = new Float32Array(count * 2);
    this.spreads = new Float32Array(count * 2);
    this.orders = new Float32Array(count * 2);
  }
}
