import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { derive, type Seed, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { BinaryKeys } from "../numeric/binary-keys.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, countOf, nameOf, tablesOf } from "../numeric/hash-options.js";
import { quantisingDirections } from "../numeric/iterative-quantisation.js";
import { PrincipalPlanes, type Turning } from "../numeric/principal-planes.js";
import { projectable } from "../numeric/projector.js";
import type { Training } from "../numeric/training.js";

/** Options of {@link ITQBinaryProjections}. */
export interface ITQBinaryProjectionsOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64 and no more than the vectors have dimensions. */
  readonly projections: number;
  /** Keys of a vector, of as many rotations (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Steps of learning (50). */
  readonly rounds?: number;
  /** Fixes the rotations from which learning begins (0). */
  readonly seed?: number | string;
  /** At least 2 vectors like those to be stored, of which up to 4,096 teach the rotation; without them `fit` must be called before the first use. */
  readonly training?: Training;
}

/**
 * The leading principal components of a sample, rotated so that their signs are near to the values: a bit each (iterative quantisation, Gong & Lazebnik 2011,
 * "Iterative Quantization: A Procrustean Approach to Learning Binary Codes"). Unlike those of PCABinaryProjections its bits are of about equal weight, and
 * there can be several tables, as there are many such rotations.
 */
export class ITQBinaryProjections implements Hash {
  static readonly type = "ITQBinaryProjections";
  static readonly serves: readonly string[] = ["euclidean", "cosine", "angular", "inner-product"];
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly serves: readonly string[] = ITQBinaryProjections.serves;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #rounds: number;
  readonly #seed: number | string;
  readonly #planes: PrincipalPlanes;
  readonly #keys: BinaryKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections; and for the training all that `fit` refuses. */
  constructor({ name, projections, tables = 1, rounds = 50, seed = 0, training }: ITQBinaryProjectionsOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.tables = tablesOf(tables);
    this.#rounds = countOf("rounds", rounds, 1000, "it has long settled by then");
    this.#seed = seed;
    const planes = this.bits * this.tables;
    this.#planes = new PrincipalPlanes(name, planes, turning(this.bits, this.tables, rounds, derive(seedFrom(seed), "rotations")));
    const { projector, offsets } = this.#planes;
    this.#keys = new BinaryKeys({ projector, bits: this.bits, tables: this.tables, thresholds: offsets });
    if (training !== undefined) this.fit(training);
  }

  static fromConfig(config: HashConfig): ITQBinaryProjections {
    return fromValues(config, ITQBinaryProjections.type, (values) => {
      const hash = new ITQBinaryProjections({
        name: values.text("name"),
        projections: values.number("projections"),
        tables: values.number("tables"),
        rounds: values.number("rounds"),
        seed: values.seed(),
      });
      hash.#planes.restore(values);
      return hash;
    });
  }

  /**
   * Learns components and rotations from at least 2 rows or vectors, once. E_CONFIG if it has learned already or was opened for another dimension,
   * E_LIMIT for fewer dimensions than projections or more than 4,096, E_BAD_OPTION, E_BAD_VECTOR or E_BAD_SPARSE for a bad sample.
   */
  fit(sample: Training): void {
    this.#planes.fit(sample);
  }

  open(shape: Shape): void {
    this.#planes.projector.open(shape);
  }

  /** E_NOT_FITTED before it has learned. */
  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
  }

  /** Each table's own bucket, then those across the planes nearest to the query. E_NOT_FITTED before it has learned. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: ITQBinaryProjections.type,
      version: 1,
      name: this.name,
      projections: this.bits,
      tables: this.tables,
      rounds: this.#rounds,
      seed: this.#seed,
      ...this.#planes.config,
    };
  }
}

/** The same components for all tables, each rotated from a start of its own. */
function turning(bits: number, tables: number, rounds: number, seed: Seed): Turning {
  return {
    components: bits,
    turn: (components, sample, mean) => {
      const planes = new Float32Array(tables * components.length);
      for (let t = 0; t < tables; t++) {
        planes.set(quantisingDirections(components, sample, mean, derive(seed, t), rounds), t * components.length);
      }
      return planes;
    },
  };
}
