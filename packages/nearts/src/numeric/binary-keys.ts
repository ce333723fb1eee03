import type { Keys, Probes } from "../core/columns.js";
import type { Rows } from "../core/rows.js";
import { flipBit, keyToString } from "./bits.js";
import { Perturbations } from "./perturbations.js";
import { type Projector, projectedAtOnce } from "./projector.js";

/** What {@link BinaryKeys} are made of. */
export interface BinaryKeysOptions {
  readonly projector: Projector;
  /** Bits of a key: 1 to 64. Table t's bit j is plane t · bits + j. */
  readonly bits: number;
  readonly tables: number;
  /** What each projection must exceed for a 1, one for each plane: kept, not copied, so that it may be written later. 0 where not given. */
  readonly thresholds?: Float64Array;
}

/** Keys of one bit a plane: on which side of it a vector lies (Charikar 2002, section 3). Bit 0 is the most significant. */
export class BinaryKeys {
  readonly #projector: Projector;
  readonly #bits: number;
  readonly #tables: number;
  readonly #thresholds: Float64Array;
  readonly #scores: Float64Array;
  readonly #key = new Uint32Array(2);
  #perturbations: Perturbations | undefined;

  constructor({ projector, bits, tables, thresholds = new Float64Array(bits * tables) }: BinaryKeysOptions) {
    this.#projector = projector;
    this.#bits = bits;
    this.#tables = tables;
    this.#thresholds = thresholds;
    this.#scores = new Float64Array(bits);
  }

  /** Appends the key of each row in each table. */
  keys(rows: Rows, out: Keys): void {
    this.#projector.opening.check(rows);
    out.reserve(rows.count * this.#tables);
    for (let from = 0; from < rows.count; from += projectedAtOnce) {
      const to = Math.min(rows.count, from + projectedAtOnce);
      const values = this.#projector.project(rows, from, to);
      for (let r = from; r < to; r++) this.#addKeys(values, r - from, r, out);
    }
  }

  /**
   * Appends each table's own bucket (score 0), then, while there are fewer than `budget`, the buckets that differ in the bits nearest to flipping, all tables
   * pooled: the score is the sum of the squared margins of the flipped bits (Lv et al. 2007, section 4.4).
   */
  probes(query: Rows, budget: number, out: Probes): void {
    this.#projector.opening.checkOne(query);
    const values = this.#projector.project(query, 0, 1);
    const own = out.count;
    for (let t = 0; t < this.#tables; t++) {
      this.#pack(values, 0, t);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
    if (budget > this.#tables) this.#addPerturbed(values, budget - this.#tables, own, out);
  }

  /** The keys of one vector as strings of 0 and 1, a table each. */
  strings(vector: Rows): string[] {
    this.#projector.opening.checkOne(vector);
    const values = this.#projector.project(vector, 0, 1);
    return Array.from({ length: this.#tables }, (_, t) => {
      this.#pack(values, 0, t);
      return keyToString(this.#key[0], this.#key[1], this.#bits);
    });
  }

  #addKeys(values: Float32Array, r: number, row: number, out: Keys): void {
    for (let t = 0; t < this.#tables; t++) {
      this.#pack(values, r * this.#bits * this.#tables, t);
      out.add(row, t, this.#key[0], this.#key[1]);
    }
  }

  /** Packs the key of table t of the row whose projections begin at `at`. */
  #pack(values: Float32Array, at: number, t: number): void {
    const first = t * this.#bits;
    const high = Math.min(32, this.#bits);
    this.#key[0] = packWord(values, at + first, this.#thresholds, first, high);
    this.#key[1] = packWord(values, at + first + 32, this.#thresholds, first + 32, this.#bits - high);
  }

  #addPerturbed(values: Float32Array, count: number, own: number, out: Probes): void {
    this.#perturbations ??= new Perturbations();
    const perturbations = this.#perturbations;
    perturbations.begin();
    for (let t = 0; t < this.#tables; t++) {
      this.#squareMargins(values, t * this.#bits);
      perturbations.addTable(t, this.#scores, null, this.#bits);
    }
    for (let i = 0; i < count && perturbations.next(); i++) {
      const { table, members, size } = perturbations;
      this.#key[0] = out.hi[own + table];
      this.#key[1] = out.lo[own + table];
      for (let s = 0; s < size; s++) flipBit(this.#key[0], this.#key[1], members[s], this.#key);
      out.add(table, this.#key[0], this.#key[1], perturbations.score);
    }
  }

  #squareMargins(values: Float32Array, first: number): void {
    for (let j = 0; j < this.#bits; j++) {
      const margin = values[first + j] - this.#thresholds[first + j];
      // A projection that overflowed is on no side for sure, and its square has no place in an order: last.
      this.#scores[j] = Number.isNaN(margin) ? Number.POSITIVE_INFINITY : margin * margin;
    }
  }
}

/** `count` ≤ 32 bits, the first the most significant of 32. */
function packWord(values: Float32Array, at: number, thresholds: Float64Array, first: number, count: number): number {
  let word = 0;
  for (let j = 0; j < count; j++) word = (word << 1) | (values[at + j] > thresholds[first + j] ? 1 : 0);
  return count === 0 ? 0 : word << (32 - count);
}
