import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { BinaryKeys } from "../numeric/binary-keys.js";
import { planeCollision } from "../numeric/collision.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, nameOf, tablesOf } from "../numeric/hash-options.js";
import { type Projector, projectable, randomProjector } from "../numeric/projector.js";

/** Options of {@link RandomBinaryProjections}. */
export interface RandomBinaryProjectionsOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64: each halves a bucket, more or less. */
  readonly projections: number;
  /** Independent keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same planes (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * A bit for each random plane through the origin: on which side the vector lies, 1 where its projection is above 0. Two vectors agree in a bit with
 * probability 1 − angle/π (Charikar 2002, section 3), so it serves the angle: cosine, and Euclidean on vectors of one length.
 */
export class RandomBinaryProjections implements Hash {
  static readonly type = "RandomBinaryProjections";
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #seed: number | string;
  readonly #projector: Projector;
  readonly #keys: BinaryKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections or 1,024 tables. */
  constructor({ name, projections, tables = 1, seed = 0 }: RandomBinaryProjectionsOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.tables = tablesOf(tables);
    this.#seed = seed;
    this.#projector = randomProjector(name, seed, this.bits * this.tables);
    this.#keys = new BinaryKeys({ projector: this.#projector, bits: this.bits, tables: this.tables });
  }

  static fromConfig(config: HashConfig): RandomBinaryProjections {
    return fromValues(config, RandomBinaryProjections.type, (values) => {
      const hash = new RandomBinaryProjections({
        name: values.text("name"),
        projections: values.number("projections"),
        tables: values.number("tables"),
        seed: values.seed(),
      });
      hash.#projector.opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#projector.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
  }

  /** (1 − angle/π)^projections. */
  get collision(): Collision {
    const parts = { bits: 1, count: this.bits, probability: planeCollision };
    return { distance: "angular", probability: (angle) => planeCollision(angle) ** this.bits, parts };
  }

  /** Each table's own bucket, then those across the planes nearest to the query. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: RandomBinaryProjections.type,
      version: 1,
      name: this.name,
      ...this.#projector.opening.config,
      projections: this.bits,
      tables: this.tables,
      seed: this.#seed,
    };
  }
}
