import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { derive, Random, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { CellKeys } from "../numeric/cell-keys.js";
import { binCollision, cauchyCollision } from "../numeric/collision.js";
import { fromValues } from "../numeric/hash-config.js";
import { nameOf, slotsOf, tablesOf, widthOf } from "../numeric/hash-options.js";
import { naturalLog } from "../numeric/log.js";
import { cauchyPlanes, normalPlanes } from "../numeric/plane-source.js";
import { Projector, projectable } from "../numeric/projector.js";

/** Options of {@link PStableProjections}. */
export interface PStableProjectionsOptions {
  readonly name: string;
  /** The distance that vectors are to be near by: "euclidean" (when not given) or "manhattan". */
  readonly distance?: "euclidean" | "manhattan";
  /** Integers of a key, 1 to 1,024. */
  readonly projections: number;
  /** Width of a bin, in the units of the distance: about four times that at which two vectors should still often meet. */
  readonly binWidth: number;
  /** Independent keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same directions (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * E2LSH: an integer for each random direction, ⌊(projection + offset) / binWidth⌋ with a random offset (Datar, Immorlica, Indyk & Mirrokni 2004, "Locality-Sensitive
 * Hashing Scheme Based on p-Stable Distributions"). Directions are normal for Euclidean distance, Cauchy for Manhattan. Queries go on beyond the borders
 * that are nearest (Lv et al. 2007).
 */
export class PStableProjections implements Hash {
  static readonly type = "PStableProjections";
  static readonly serves: readonly string[] = ["euclidean", "manhattan"];
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly serves: readonly string[];
  readonly asksDirectory = false;
  readonly tables: number;
  readonly #distance: "euclidean" | "manhattan";
  readonly #projections: number;
  readonly #binWidth: number;
  readonly #seed: number | string;
  readonly #projector: Projector;
  readonly #keys: CellKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 1,024 projections or tables. */
  constructor({ name, distance = "euclidean", projections, binWidth, tables = 1, seed = 0 }: PStableProjectionsOptions) {
    this.name = nameOf(name);
    if (distance !== "euclidean" && distance !== "manhattan") {
      throw new NearError("E_BAD_OPTION", `distance is ${show(distance)}; give "euclidean" or "manhattan"`, {
        option: "distance",
        got: distance,
      });
    }
    this.serves = [distance];
    this.tables = tablesOf(tables);
    this.#distance = distance;
    this.#projections = slotsOf(projections);
    this.#binWidth = widthOf(binWidth);
    this.#seed = seed;
    const planes = projections * tables;
    const entries = derive(seedFrom(seed), distance);
    const source = distance === "euclidean" ? normalPlanes : cauchyPlanes;
    this.#projector = new Projector({ owner: name, planes, source: () => source(entries, planes) });
    const origins = originsOf(seed, planes, binWidth);
    const price = distance === "euclidean" ? {} : { price: (gap: number) => farPrice(gap / binWidth) };
    this.#keys = new CellKeys({ projector: this.#projector, slots: projections, tables, binWidth, origins, ...price });
  }

  static fromConfig(config: HashConfig): PStableProjections {
    return fromValues(config, PStableProjections.type, (values) => {
      const hash = new PStableProjections({
        name: values.text("name"),
        distance: values.text("distance") as "euclidean", // another text is refused as an option
        projections: values.number("projections"),
        binWidth: values.number("binWidth"),
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

  /** E_LIMIT for a vector so long that a bin's number is beyond ±(2⁵³ − 1). */
  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
  }

  /** Each table's own bucket, then those beyond the borders nearest to the query. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#keys.probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  /** The law of Datar et al. (2004) for a direction, to the power of the projections. */
  get collision(): Collision {
    const law = this.#distance === "euclidean" ? binCollision : cauchyCollision;
    return { distance: this.#distance, probability: (distance) => law(distance, this.#binWidth) ** this.#projections };
  }

  config(): HashConfig {
    return {
      type: PStableProjections.type,
      version: 1,
      name: this.name,
      ...this.#projector.opening.config,
      distance: this.#distance,
      projections: this.#projections,
      binWidth: this.#binWidth,
      tables: this.tables,
      seed: this.#seed,
    };
  }
}

/** Minus an offset in [0, binWidth) for each direction; more directions of a seed begin with the same offsets. */
function originsOf(seed: number | string, planes: number, binWidth: number): Float64Array {
  const random = new Random(derive(seedFrom(seed), "offsets"));
  return Float64Array.from({ length: planes }, () => -random.uniform() * binWidth);
}

/**
 * Minus the logarithm of the density of a Cauchy difference, which falls so slowly that its square would call far borders all but closed: ln(1 + (gap/s)²), where s is
 * a quarter of a bin, about how far apart near vectors are.
 */
function farPrice(gap: number): number {
  return naturalLog(1 + 16 * gap * gap);
}
