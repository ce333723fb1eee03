import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { derive, Random, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { CellKeys } from "../numeric/cell-keys.js";
import { binCollision } from "../numeric/collision.js";
import { fromValues } from "../numeric/hash-config.js";
import { flagOf, nameOf, slotsOf, tablesOf, widthOf } from "../numeric/hash-options.js";
import { type Projector, projectable, randomProjector } from "../numeric/projector.js";

/** Options of {@link RandomDiscretizedProjections}. */
export interface RandomDiscretizedProjectionsOptions {
  readonly name: string;
  /** Integers of a key, 1 to 1,024. */
  readonly projections: number;
  /** Width of a bin, in the units of the vectors: about the distance at which two should still often meet. */
  readonly binWidth: number;
  /** Independent keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same planes (0): give each hash of an engine its own. */
  readonly seed?: number | string;
  /** Whether each projection is shifted by its own random part of a bin (false), so that borders fall anywhere. */
  readonly offset?: boolean;
}

/**
 * An integer for each random direction: ⌊(projection + offset) / binWidth⌋, the bin in which the projection falls. With the offset it is the
 * 2-stable hash of Datar et al. (2004, section 3.2), for Euclidean distance.
 */
export class RandomDiscretizedProjections implements Hash {
  static readonly type = "RandomDiscretizedProjections";
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly asksDirectory = false;
  readonly tables: number;
  readonly #projections: number;
  readonly #binWidth: number;
  readonly #seed: number | string;
  readonly #offset: boolean;
  readonly #projector: Projector;
  readonly #keys: CellKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 1,024 projections or tables. */
  constructor({ name, projections, binWidth, tables = 1, seed = 0, offset = false }: RandomDiscretizedProjectionsOptions) {
    this.name = nameOf(name);
    this.#projections = slotsOf(projections);
    this.#binWidth = widthOf(binWidth);
    this.tables = tablesOf(tables);
    this.#seed = seed;
    this.#offset = flagOf("offset", offset);
    const planes = projections * tables;
    this.#projector = randomProjector(name, seed, planes);
    this.#keys = new CellKeys({
      projector: this.#projector,
      slots: projections,
      tables,
      binWidth,
      origins: offset ? randomOrigins(seed, planes, binWidth) : new Float64Array(planes),
    });
  }

  static fromConfig(config: HashConfig): RandomDiscretizedProjections {
    return fromValues(config, RandomDiscretizedProjections.type, (values) => {
      const hash = new RandomDiscretizedProjections({
        name: values.text("name"),
        projections: values.number("projections"),
        binWidth: values.number("binWidth"),
        tables: values.number("tables"),
        seed: values.seed(),
        offset: values.flag("offset"),
      });
      hash.#projector.opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#projector.open(shape);
  }

  /** E_LIMIT for a vector so long that a bin's number is beyond ±(2⁵³ − 1). */
  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
  }

  /** The law of Datar et al. (2004) to the power of the projections; without offsets, borders always lie at 0 and distance alone decides nothing. */
  get collision(): Collision | undefined {
    if (!this.#offset) return undefined;
    return { distance: "euclidean", probability: (distance) => binCollision(distance, this.#binWidth) ** this.#projections };
  }

  /** Each table's own bucket, then those beyond the borders nearest to the query. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: RandomDiscretizedProjections.type,
      version: 1,
      name: this.name,
      ...this.#projector.opening.config,
      projections: this.#projections,
      binWidth: this.#binWidth,
      tables: this.tables,
      seed: this.#seed,
      offset: this.#offset,
    };
  }
}

/** Minus an offset in [0, binWidth) for each plane; more planes of a seed begin with the same offsets. */
function randomOrigins(seed: number | string, planes: number, binWidth: number): Float64Array {
  const random = new Random(derive(seedFrom(seed), "offsets"));
  return Float64Array.from({ length: planes }, () => -random.uniform() * binWidth);
}
