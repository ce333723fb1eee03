import { NearError, show } from "../core/errors.js";
import type { SetRows } from "../core/rows.js";
import { createArena } from "../kernels/arena.js";
import type { Arena } from "../kernels/contract.js";
import { MinValues } from "../numeric/min-values.js";

/** Options of {@link Signatures}. */
export interface SignaturesOptions {
  /** MinHash values of a set, of which a byte each is kept: a multiple of 16 up to 4,080; 128 when not given. */
  readonly values?: number;
  readonly seed?: number | string;
}

/** Sets that are like another, by their numbers, with the Jaccard similarity that is estimated of each. */
export interface Alike {
  readonly rows: Uint32Array;
  readonly similarities: Float64Array;
}

/**
 * Signatures of sets, a byte for each of their MinHash values, and a scan of all of them: for where there are no buckets, or all of them would be read. Two sets
 * of similarity s have the share s + (1 − s)/256 of their bytes in common (Li & König 2010).
 */
export class Signatures {
  readonly values: number;
  readonly #minima: MinValues;
  readonly #arena: Arena = createArena();
  #count = 0;

  /** E_BAD_OPTION for a bad value. */
  constructor({ values = 128, seed = 0 }: SignaturesOptions = {}) {
    if (!Number.isInteger(values) || values < 16 || values > 4080 || values % 16 !== 0) {
      throw new NearError("E_BAD_OPTION", `values is ${show(values)}; give a multiple of 16 from 16 to 4080`, {
        option: "values",
        got: values,
      });
    }
    this.values = values;
    this.#minima = new MinValues(values, "one", seed);
  }

  /** How many sets there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds sets, which are numbered in order from 0 on. E_MEMORY where there is no room. */
  add(sets: SetRows): void {
    for (let r = 0; r < sets.count; r++) {
      this.#arena.ensure(this.#end + this.values);
      this.#write(sets, r, this.#end);
      this.#count++;
    }
  }

  /** The sets whose similarity to the only one of `query` is estimated to be at least so much. E_BAD_OPTION for a threshold outside (0, 1]. */
  scan(query: SetRows, threshold: number): Alike {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new NearError("E_BAD_OPTION", `threshold is ${show(threshold)}; give a similarity over 0, up to 1`, { threshold });
    }
    const found = (this.#end + 7) & ~7;
    this.#arena.ensure(found + (this.#count + 1) * 8);
    this.#write(query, 0, 0);
    const least = Math.ceil(this.values * (threshold + (1 - threshold) / 256) - 1e-9);
    const kept = this.#arena.kernels.signatures(0, this.values, this.values, this.#count, least, found) >>> 0;
    const pairs = this.#arena.views().u32.subarray(found >>> 2, (found >>> 2) + 2 * kept);
    return {
      rows: Uint32Array.from({ length: kept }, (_, i) => pairs[2 * i]),
      similarities: Float64Array.from({ length: kept }, (_, i) => (pairs[2 * i + 1] / this.values - 1 / 256) / (1 - 1 / 256)),
    };
  }

  /** The query lies before the first signature. */
  get #end(): number {
    return this.values * (1 + this.#count);
  }

  #write(sets: SetRows, row: number, at: number): void {
    const minima = this.#minima.of(sets, row, row + 1);
    const { u8 } = this.#arena.views();
    for (let v = 0; v < this.values; v++) u8[at + v] = minima[v];
  }
}
