import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { CellKeys } from "../numeric/cell-keys.js";
import { fromValues } from "../numeric/hash-config.js";
import { nameOf, slotsOf, widthOf } from "../numeric/hash-options.js";
import { PrincipalPlanes } from "../numeric/principal-planes.js";
import { projectable } from "../numeric/projector.js";
import type { Training } from "../numeric/training.js";

/** Options of {@link PCADiscretizedProjections}. */
export interface PCADiscretizedProjectionsOptions {
  readonly name: string;
  /** Integers of a key, 1 to 1,024 and no more than the vectors have dimensions. */
  readonly projections: number;
  /** Width of a bin, in the units of the vectors. */
  readonly binWidth: number;
  /** At least 2 vectors like those to be stored; without them `fit` must be called before the first use. */
  readonly training?: Training;
}

/** An integer for each of the leading principal components of a sample: the bin, counted from the sample's mean, in which the vector's projection falls. */
export class PCADiscretizedProjections implements Hash {
  static readonly type = "PCADiscretizedProjections";
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly asksDirectory = false;
  readonly tables = 1;
  readonly #projections: number;
  readonly #binWidth: number;
  readonly #planes: PrincipalPlanes;
  readonly #keys: CellKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 1,024 projections; and for the training all that `fit` refuses. */
  constructor({ name, projections, binWidth, training }: PCADiscretizedProjectionsOptions) {
    this.name = nameOf(name);
    this.#projections = slotsOf(projections);
    this.#binWidth = widthOf(binWidth);
    this.#planes = new PrincipalPlanes(name, projections);
    const { projector, offsets } = this.#planes;
    this.#keys = new CellKeys({ projector, slots: projections, tables: 1, binWidth, origins: offsets });
    if (training !== undefined) this.fit(training);
  }

  static fromConfig(config: HashConfig): PCADiscretizedProjections {
    return fromValues(config, PCADiscretizedProjections.type, (values) => {
      const hash = new PCADiscretizedProjections({
        name: values.text("name"),
        projections: values.number("projections"),
        binWidth: values.number("binWidth"),
      });
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

  /** E_NOT_FITTED before it has learned, E_LIMIT for a vector so long that a bin's number is beyond ±(2⁵³ − 1). */
  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
  }

  /** The query's own bucket, then those beyond the borders nearest to it. Errors as `keys`. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: PCADiscretizedProjections.type,
      version: 1,
      name: this.name,
      projections: this.#projections,
      binWidth: this.#binWidth,
      ...this.#planes.config,
    };
  }
}
