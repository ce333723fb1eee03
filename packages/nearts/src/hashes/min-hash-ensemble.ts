import { Keys, type Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows, SetRows } from "../core/rows.js";
import { maskPrefix } from "../numeric/bits.js";
import { fromValues } from "../numeric/hash-config.js";
import { keyBits } from "../numeric/hash-options.js";
import { MinBands } from "../numeric/min-bands.js";

/** Options of {@link MinHashEnsemble}. */
export interface MinHashEnsembleOptions {
  readonly name: string;
  /** The largest size of each partition, ascending, as {@link partitionSizes} finds them. Larger sets lie in one more, which every query reads. */
  readonly sizes: readonly number[];
  /** The containment |Q∩X|/|Q| that sets must have to be found, over 0 to 1; 0.8 when not given. */
  readonly threshold?: number;
  /** The share of them that is found, over 0 and below 1; 0.95 when not given. */
  readonly recall?: number;
  /** Keys of a set (32), of 8 values each. */
  readonly bands?: number;
  readonly seed?: number | string;
}

/** Bits of a key: the number of the partition, and 7 of each of 8 values, of which queries compare as many as they can. */
const partitionBits = 8;
const rows = 8;
const bitsOfValue = 7;
const mostPartitions = 64;

/**
 * Containment search over sets of very different sizes (Zhu, Nargesian, Pu & Miller 2016, "LSH Ensemble", sections 4 and 5): sets are partitioned by size. Of a
 * partition whose sets have at most u members, those that contain the share t of a query of q members are at Jaccard similarity t/(u/q + 1 − t) at least; so
 * in each partition keys are read by the longest prefix that brings together the recall of sets so near, all of it where no prefix does.
 */
export class MinHashEnsemble implements Hash {
  static readonly type = "MinHashEnsemble";
  static readonly serves: readonly string[] = ["containment"];
  readonly name: string;
  readonly kinds: readonly "set"[] = ["set"];
  readonly serves = ["containment"] as const;
  readonly asksDirectory = false;
  /** As many as there are bands. */
  readonly tables: number;
  readonly sizes: readonly number[];
  readonly threshold: number;
  readonly recall: number;
  readonly #seed: number | string;
  readonly #bands: MinBands;
  readonly #own = new Keys();
  readonly #key = new Uint32Array(2);

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 1,024 bands. */
  constructor({ name, sizes, threshold = 0.8, recall = 0.95, bands = 32, seed = 0 }: MinHashEnsembleOptions) {
    this.name = name;
    this.sizes = checkedSizes(sizes);
    this.threshold = shareOf("threshold", threshold, threshold <= 1);
    this.recall = shareOf("recall", recall, recall < 1);
    this.#bands = new MinBands({ name, rows, tables: bands, permutations: "one", seed, bits: bitsOfValue });
    this.tables = bands;
    this.#seed = seed;
  }

  static fromConfig(config: HashConfig): MinHashEnsemble {
    return fromValues(config, MinHashEnsemble.type, (values) => {
      const hash = new MinHashEnsemble({
        name: values.text("name"),
        sizes: values.numbers("sizes"),
        threshold: values.number("threshold"),
        recall: values.number("recall"),
        bands: values.number("bands"),
        seed: values.seed(),
      });
      hash.#bands.opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#bands.opening.open(shape);
  }

  /** The keys of each set begin with its partition. */
  keys(sets: Rows, out: Keys): void {
    this.#own.clear();
    this.#bands.keys(sets, this.#own);
    const { offsets } = sets as SetRows; // all that it can be opened for
    const { rows: of, tables, count } = this.#own;
    out.reserve(count);
    for (let e = 0; e < count; e++) {
      this.#keyIn(this.#partitionOf(offsets[of[e] + 1] - offsets[of[e]]), e);
      out.add(of[e], tables[e], this.#key[0], this.#key[1]);
    }
  }

  /**
   * In each partition, its own first, a prefix a table, or all of it in the first table. The threshold and the recall bound the reading, which the default budget
   * of an engine must not cut short.
   */
  probes(query: Rows, _directory: KeyDirectory, _budget: number, out: Probes): void {
    this.#bands.opening.checkOne(query);
    this.#own.clear();
    this.#bands.keys(query, this.#own);
    const { offsets } = query as SetRows; // all that it can be opened for
    const size = offsets[1] - offsets[0];
    const own = this.#partitionOf(size);
    this.#probeIn(own, this.#comparedIn(own, size), 0, out);
    for (let partition = 0; partition <= this.sizes.length; partition++) {
      if (partition !== own) this.#probeIn(partition, this.#comparedIn(partition, size), 1, out);
    }
  }

  /** The values of each table after the number of the partition: "3:1f-02-…". */
  bucketKeys(vector: Rows): string[] {
    this.#bands.opening.checkOne(vector);
    const { offsets } = vector as SetRows; // all that it can be opened for
    const partition = this.#partitionOf(offsets[1] - offsets[0]);
    return this.#bands.strings(vector).map((text) => `${partition}:${text}`);
  }

  config(): HashConfig {
    return {
      type: MinHashEnsemble.type,
      version: 1,
      name: this.name,
      ...this.#bands.opening.config,
      sizes: this.sizes,
      threshold: this.threshold,
      recall: this.recall,
      bands: this.tables,
      seed: this.#seed,
    };
  }

  /** Of a partition that is read whole one table tells everything; of the query's own (score 0) its buckets in the others are read all the same. */
  #probeIn(partition: number, compared: number, score: number, out: Probes): void {
    const whole = compared === 0;
    for (let t = 0; t < (whole && score > 0 ? 1 : this.tables); t++) {
      const bits = whole && t > 0 ? keyBits : partitionBits + compared * bitsOfValue;
      this.#keyIn(partition, t);
      maskPrefix(this.#key[0], this.#key[1], bits, this.#key);
      out.add(t, this.#key[0], this.#key[1], score, bits);
    }
  }

  /** The key of a partition, and behind it that of entry `e` of the bands, whose last bits are not used. */
  #keyIn(partition: number, e: number): void {
    const [hi, lo] = [this.#own.hi[e], this.#own.lo[e]];
    this.#key[0] = (partition << (32 - partitionBits)) | (hi >>> partitionBits);
    this.#key[1] = (hi << (32 - partitionBits)) | (lo >>> partitionBits);
  }

  #partitionOf(size: number): number {
    const partition = this.sizes.findIndex((most) => size <= most);
    return partition < 0 ? this.sizes.length : partition;
  }

  /** How many values of a key are compared in a partition, for a query of so many members; 0 where all is read. */
  #comparedIn(partition: number, members: number): number {
    if (partition === this.sizes.length || members === 0) return 0;
    const similarity = Math.min(1, this.threshold / (this.sizes[partition] / members + 1 - this.threshold));
    for (let compared = rows; compared > 0; compared--) {
      if (1 - (1 - similarity ** compared) ** this.tables >= this.recall) return compared;
    }
    return 0;
  }
}

/** Bounds of partitions that hold about as many sets each, for {@link MinHashEnsemble}: from the sizes of a sample of the sets. E_BAD_OPTION without sizes. */
export function partitionSizes(sizes: ArrayLike<number>, partitions = 16): number[] {
  const ascending = Float64Array.from(sizes).sort();
  if (ascending.length === 0 || !Number.isInteger(partitions) || partitions < 1 || partitions > mostPartitions) {
    const message = `there are ${ascending.length} sizes and ${show(partitions)} partitions; give at least one size, and 1 to ${mostPartitions} partitions`;
    throw new NearError("E_BAD_OPTION", message, { sizes: ascending.length, partitions });
  }
  const bounds = Array.from({ length: partitions }, (_, p) => ascending[Math.ceil(((p + 1) * ascending.length) / partitions) - 1]);
  return [...new Set(bounds)].filter((bound) => bound > 0);
}

function checkedSizes(sizes: unknown): readonly number[] {
  const list: readonly unknown[] = Array.isArray(sizes) ? sizes : [];
  const ascending = list.every((size, i) => Number.isInteger(size) && (size as number) > (i === 0 ? 0 : (list[i - 1] as number))); // integers, one by one
  if (ascending && list.length > 0 && list.length < mostPartitions) return [...list] as number[]; // as was just seen
  const message = `sizes is ${show(sizes)}; give 1 to ${mostPartitions - 1} ascending integers from 1 on, as partitionSizes finds them`;
  throw new NearError("E_BAD_OPTION", message, { option: "sizes" });
}

function shareOf(option: string, value: number, fits: boolean): number {
  if (typeof value === "number" && value > 0 && fits) return value;
  const most = option === "recall" ? "below 1" : "up to 1";
  throw new NearError("E_BAD_OPTION", `${option} is ${show(value)}; give a number over 0, ${most}`, { option, got: value });
}
