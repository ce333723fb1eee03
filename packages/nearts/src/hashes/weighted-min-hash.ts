import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { asSparse } from "../core/convert.js";
import type { Rows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { countOf, nameOf, tablesOf } from "../numeric/hash-options.js";
import { Opening } from "../numeric/opening.js";
import { ValueKeys } from "../numeric/value-keys.js";
import { WeightedValues } from "../numeric/weighted-values.js";

/** Options of {@link WeightedMinHash}. */
export interface WeightedMinHashOptions {
  readonly name: string;
  /** Values of a key, 1 to 64: all must be equal for two vectors to meet. */
  readonly rows: number;
  /** Independent keys of a vector, or bands (1). */
  readonly tables?: number;
  /** Hashes of the same seed have the same values (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

const mostValues = 4096;

/**
 * MinHash of multisets and vectors without negative values by consistent weighted sampling (Ioffe 2010): a value is equal for two vectors with the probability of
 * their weighted Jaccard similarity Σ min/Σ max. Each value of a vector takes time for each of its entries that is not 0.
 */
export class WeightedMinHash implements Hash {
  static readonly type = "WeightedMinHash";
  static readonly serves: readonly string[] = ["weighted-jaccard"];
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = ["dense", "sparse"];
  readonly serves = ["weighted-jaccard"] as const;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Values of a key, and its bits. */
  readonly rows: number;
  readonly bits: number;
  readonly #seed: number | string;
  readonly #opening: Opening;
  readonly #values: WeightedValues;
  readonly #keys: ValueKeys;
  readonly #own: Uint32Array;
  readonly #key = new Uint32Array(2);

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 rows, 1,024 tables or 4,096 values in all. */
  constructor({ name, rows, tables = 1, seed = 0 }: WeightedMinHashOptions) {
    this.name = nameOf(name);
    this.rows = countOf("rows", rows, 64, "a key has 64 bits: use more tables");
    this.tables = tablesOf(tables);
    const count = countOf("rows · tables", this.rows * this.tables, mostValues, "each value of each vector takes time to find");
    this.#seed = seed;
    this.#opening = new Opening(name, this.kinds);
    this.#values = new WeightedValues(count, seed);
    this.#keys = new ValueKeys(this.rows);
    this.bits = this.rows * this.#keys.bits;
    this.#own = new Uint32Array(count);
  }

  static fromConfig(config: HashConfig): WeightedMinHash {
    return fromValues(config, WeightedMinHash.type, (values) => {
      const hash = new WeightedMinHash({
        name: values.text("name"),
        rows: values.number("rows"),
        tables: values.number("tables"),
        seed: values.seed(),
      });
      hash.#opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#opening.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    const sparse = asSparse(rows);
    out.reserve(rows.count * this.tables);
    for (let r = 0; r < rows.count; r++) {
      this.#values.write(sparse, r, this.#own);
      for (let t = 0; t < this.tables; t++) {
        this.#keys.write(this.#own, t * this.rows, this.#key);
        out.add(r, t, this.#key[0], this.#key[1]);
      }
    }
  }

  /** Each table's own bucket: no other is known to be more promising than the rest. */
  probes(query: Rows, _directory: KeyDirectory, _budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    this.#values.write(asSparse(query), 0, this.#own);
    for (let t = 0; t < this.tables; t++) {
      this.#keys.write(this.#own, t * this.rows, this.#key);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
  }

  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    this.#values.write(asSparse(vector), 0, this.#own);
    return Array.from({ length: this.tables }, (_, t) => this.#keys.text(this.#own, t * this.rows));
  }

  /** Both vectors have one value with the probability of their weighted similarity. */
  get collision(): Collision {
    return this.#keys.collision("weighted-jaccard");
  }

  config(): HashConfig {
    return {
      type: WeightedMinHash.type,
      version: 1,
      name: this.name,
      ...this.#opening.config,
      rows: this.rows,
      tables: this.tables,
      seed: this.#seed,
    };
  }
}
