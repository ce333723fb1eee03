import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { BinaryKeys } from "../numeric/binary-keys.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, nameOf } from "../numeric/hash-options.js";
import { PrincipalPlanes } from "../numeric/principal-planes.js";
import { projectable } from "../numeric/projector.js";
import type { Training } from "../numeric/training.js";

/** Options of {@link PCABinaryProjections}. */
export interface PCABinaryProjectionsOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64 and no more than the vectors have dimensions. */
  readonly projections: number;
  /** At least 2 vectors like those to be stored; without them `fit` must be called before the first use. */
  readonly training?: Training;
}

/**
 * A bit for each of the leading principal components of a sample: on which side of the sample's mean the vector lies. The planes follow the data,
 * so few bits separate much; there is one table, as there is one such set of planes.
 */
export class PCABinaryProjections implements Hash {
  static readonly type = "PCABinaryProjections";
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly asksDirectory = false;
  readonly tables = 1;
  /** Bits of a key. */
  readonly bits: number;
  readonly #planes: PrincipalPlanes;
  readonly #keys: BinaryKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections; and for the training all that `fit` refuses. */
  constructor({ name, projections, training }: PCABinaryProjectionsOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.#planes = new PrincipalPlanes(name, this.bits);
    this.#keys = new BinaryKeys({ projector: this.#planes.projector, bits: this.bits, tables: 1, thresholds: this.#planes.offsets });
    if (training !== undefined) this.fit(training);
  }

  static fromConfig(config: HashConfig): PCABinaryProjections {
    return fromValues(config, PCABinaryProjections.type, (values) => {
      const hash = new PCABinaryProjections({ name: values.text("name"), projections: values.number("projections") });
      hash.#planes.restore(values);
      return hash;
    });
  }

  /**
   * Learns the components from at least 2 rows or vectors, once. E_CONFIG if it has learned already or was opened for another dimension,
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

  /** The query's own bucket, then those across the planes nearest to it. E_NOT_FITTED before it has learned. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return { type: PCABinaryProjections.type, version: 1, name: this.name, projections: this.bits, ...this.#planes.config };
  }
}
