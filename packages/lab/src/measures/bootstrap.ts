import { Random } from "nearts";

/** Resamples: enough for the ends of a 95 % interval to be stable to about a tenth of its width. */
const resamples = 200;
const tail = 0.025;

/** A summary of values of queries and the 95 % interval in which it would fall with other queries of the same sort. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile intervals by the bootstrap over queries (Efron and Tibshirani 1993, chapter 13). How often each query is drawn into each resample is
 * decided once, for all measures and trials of as many queries: they share their luck, and drawing costs next to nothing.
 */
export class Bootstrap {
  readonly #queries: number;
  /** `resamples` rows of how often each query was drawn. */
  readonly #counts: Uint8Array;

  constructor(queries: number, seed: number) {
    this.#queries = queries;
    this.#counts = new Uint8Array(queries * resamples);
    const random = new Random(seed);
    for (let r = 0; r < resamples && queries > 0; r++)
      for (let i = 0; i < queries; i++) this.#counts[r * queries + random.below(queries)]++;
  }

  /** The mean of the values that are not NaN; undefined where all are. */
  mean(values: Float64Array): Interval | undefined {
    const mean = (counts: Uint8Array) => {
      let [sum, drawn] = [0, 0];
      for (let q = 0; q < values.length; q++) {
        if (Number.isNaN(values[q])) continue;
        sum += counts[q] * values[q];
        drawn += counts[q];
      }
      return sum / drawn;
    };
    return this.#interval(mean);
  }

  /** The value that a share of those that are not NaN is at most; undefined where all are NaN. */
  quantile(values: Float64Array, share: number): Interval | undefined {
    const order = Uint32Array.from(values.keys()).filter((q) => !Number.isNaN(values[q]));
    order.sort((a, b) => values[a] - values[b]);
    const quantile = (counts: Uint8Array) => {
      let drawn = 0;
      for (const q of order) drawn += counts[q];
      let left = Math.max(1, Math.ceil(share * drawn));
      for (const q of order) {
        left -= counts[q];
        if (left <= 0) return values[q];
      }
      return Number.NaN;
    };
    return this.#interval(quantile);
  }

  #interval(summary: (counts: Uint8Array) => number): Interval | undefined {
    const value = summary(new Uint8Array(this.#queries).fill(1));
    if (Number.isNaN(value)) return undefined;
    const drawn = new Float64Array(resamples);
    for (let r = 0; r < resamples; r++) drawn[r] = summary(this.#counts.subarray(r * this.#queries, (r + 1) * this.#queries));
    // A resample in which no query has a value says nothing.
    const told = drawn.filter((one) => !Number.isNaN(one)).sort();
    if (told.length === 0) return { value, low: value, high: value };
    const at = Math.floor(tail * (told.length - 1));
    return { value, low: told[at], high: told[told.length - 1 - at] };
  }
}
