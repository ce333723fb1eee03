import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Rows, SetRows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { MinBands } from "../numeric/min-bands.js";
import type { Permutations } from "../numeric/min-values.js";

/** Options of {@link MinHash}. */
export interface MinHashOptions {
  readonly name: string;
  /** Values of a key, 1 to 64: all must be equal for two sets to meet, so each makes buckets smaller. */
  readonly rows: number;
  /** Independent keys of a set, or bands (1): each adds candidates and memory. */
  readonly tables?: number;
  /** "one" (the default) orders members once for every 128 values; "classic" anew for each value, which takes many times as long. */
  readonly permutations?: Permutations;
  /** Hashes of the same seed have the same values (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * MinHash with banding (Broder 1997; Leskovec, Rajaraman & Ullman 2014, section 3.4): a key is made of `rows` values, each the least member of the set under a
 * random order, and equal for two sets with the probability of their Jaccard similarity s. So they share one key of a table with probability s^rows, and
 * some key of all with 1 − (1 − s^rows)^tables. Values of small sets are less independent than that, as they have few members to choose from.
 */
export class MinHash implements Hash {
  static readonly type = "MinHash";
  static readonly serves: readonly string[] = ["jaccard"];
  readonly name: string;
  readonly kinds: readonly "set"[] = ["set"];
  readonly serves = ["jaccard"] as const;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Values of a key, and its bits. */
  readonly rows: number;
  readonly bits: number;
  readonly permutations: Permutations;
  readonly #seed: number | string;
  readonly #bands: MinBands;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 rows, 1,024 tables or 16,384 values in all. */
  constructor({ name, rows, tables = 1, permutations = "one", seed = 0 }: MinHashOptions) {
    this.#bands = new MinBands({ name, rows, tables, permutations, seed });
    this.name = name;
    this.rows = rows;
    this.bits = this.#bands.bits;
    this.tables = tables;
    this.permutations = permutations;
    this.#seed = seed;
  }

  static fromConfig(config: HashConfig): MinHash {
    return fromValues(config, MinHash.type, (values) => {
      const hash = new MinHash({
        name: values.text("name"),
        rows: values.number("rows"),
        tables: values.number("tables"),
        permutations: values.text("permutations") as Permutations, // another text is refused as an option
        seed: values.seed(),
      });
      hash.#bands.opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#bands.opening.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#bands.keys(rows, out);
  }

  /** Each table's own bucket, then those where one value, or more, is the second least instead: they hold sets that lack the query's least member there. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#bands.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#bands.strings(vector);
  }

  /** Both sets have one least member with the probability of their similarity, for each value of a key. */
  get collision(): Collision {
    return this.#bands.collision;
  }

  /** The values of sets, `tables · rows` each: for those who compare them by themselves. A copy. */
  values(rows: SetRows): Uint32Array {
    return this.#bands.values(rows);
  }

  config(): HashConfig {
    return {
      type: MinHash.type,
      version: 1,
      name: this.name,
      ...this.#bands.opening.config,
      rows: this.rows,
      tables: this.tables,
      permutations: this.permutations,
      seed: this.#seed,
    };
  }
}
