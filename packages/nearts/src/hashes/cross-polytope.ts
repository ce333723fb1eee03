import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, KeyParts, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { derive, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { countOf, keyBits, nameOf, tablesOf } from "../numeric/hash-options.js";
import { Opening } from "../numeric/opening.js";
import { polytopeCollision } from "../numeric/polytope-collision.js";
import { PolytopeKeys } from "../numeric/polytope-keys.js";
import { layOutPolytopes, polytopeSizes, powerOfTwoFor } from "../numeric/polytope-layout.js";
import { projectable } from "../numeric/projector.js";
import { mostRotated, Rotations, turnedSize } from "../numeric/rotations.js";

/** Options of {@link CrossPolytope}. */
export interface CrossPolytopeOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64: a polytope of d values takes log₂(2d) of them, a last and smaller one what is left. log₂ of the number of vectors, or a few less, is usual. */
  readonly bits: number;
  /**
   * Values of a polytope, a power of two from 1 (a plane) to 16,384; that at or above the dimension of the vectors when not given. Larger ones tell directions apart
   * better; of smaller ones many share a rotation, so that keys are made sooner.
   */
  readonly dimension?: number;
  /** Independent keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same rotations (0): give each hash of an engine its own. */
  readonly seed?: number | string;
  /** What is subtracted from every vector first, best the mean of all: for Euclidean distance on vectors that all lie to one side of the origin. */
  readonly origin?: Float32Array;
}

/**
 * The vertex of a cross-polytope, ± a unit vector, that is nearest to the randomly rotated vector, for each of a few polytopes (Andoni, Indyk, Laarhoven, Razenshteyn &
 * Schmidt 2015, "Practical and Optimal LSH for Angular Distance"; Terasawa & Tanaka 2007). It serves the angle: cosine, and Euclidean on vectors of about one
 * length. Rotations are fast Hadamard transforms; queries go on in the buckets of the next best vertices.
 */
export class CrossPolytope implements Hash {
  static readonly type = "CrossPolytope";
  static readonly serves: readonly string[] = ["cosine", "angular", "euclidean", "inner-product"];
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly serves: readonly string[] = CrossPolytope.serves;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #dimension: number | undefined;
  readonly #seed: number | string;
  readonly #origin: Float32Array | undefined;
  readonly #opening: Opening;
  #made: PolytopeKeys | undefined;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 bits or 1,024 tables. The origin is copied. */
  constructor({ name, bits, dimension, tables = 1, seed = 0, origin }: CrossPolytopeOptions) {
    this.name = nameOf(name);
    this.bits = countOf("bits", bits, keyBits, "a key has 64 bits: use more tables");
    this.tables = tablesOf(tables);
    if (dimension !== undefined) requirePower(dimension);
    this.#dimension = dimension;
    seedFrom(seed);
    this.#seed = seed;
    this.#opening = new Opening(name, this.kinds);
    if (origin !== undefined) this.#origin = checkedOrigin(origin);
    this.#opening.bind(this.#origin?.length);
  }

  static fromConfig(config: HashConfig): CrossPolytope {
    return fromValues(config, CrossPolytope.type, (values) => {
      const dim = values.dim();
      const dimension = values.number("dimension");
      const hash = new CrossPolytope({
        name: values.text("name"),
        bits: values.number("bits"),
        ...(dimension === 0 ? {} : { dimension }),
        tables: values.number("tables"),
        seed: values.seed(),
        ...(dim !== undefined && values.has("origin") ? { origin: values.floats("origin", dim) } : {}),
      });
      hash.#opening.bind(dim);
      return hash;
    });
  }

  open(shape: Shape): void {
    if (this.#opening.open(shape)) this.#made = undefined;
  }

  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    this.#keys().keys(rows, out);
  }

  /** Each table's own bucket, then those of the vertices next in line, best first over all tables. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    this.#keys().probes(query, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    return this.#keys().strings(vector);
  }

  /** The product of its polytopes', by numerical integration; of vectors less the origin, where there is one. Known after `open`. */
  get collision(): Collision | undefined {
    const { dim } = this.#opening.config;
    if (dim === undefined) return undefined;
    const sizes = polytopeSizes(this.bits, this.#dimension ?? wholeOf(dim));
    const different = [...new Set(sizes)];
    const [size] = sizes;
    // The last may be smaller. With an origin the angle between vectors is not that of what is hashed.
    const count = sizes.filter((other) => other === size).length;
    const parts: KeyParts = { bits: Math.log2(2 * size), count, probability: (angle) => polytopeCollision(angle, size) };
    return {
      distance: "angular",
      ...(this.#origin === undefined ? { parts } : {}),
      probability: (angle) =>
        different.reduce((all, size) => all * polytopeCollision(angle, size) ** sizes.filter((other) => other === size).length, 1),
    };
  }

  config(): HashConfig {
    return {
      type: CrossPolytope.type,
      version: 1,
      name: this.name,
      ...this.#opening.config,
      bits: this.bits,
      dimension: this.#dimension ?? 0,
      tables: this.tables,
      seed: this.#seed,
      ...(this.#origin === undefined ? {} : { origin: this.#origin.slice() }),
    };
  }

  #keys(): PolytopeKeys {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make(): PolytopeKeys {
    const { dim } = this.#opening.shape();
    const { bits, tables } = this;
    const dimension = this.#dimension ?? wholeOf(dim);
    // A polytope of all values needs as many of them as a power of two; smaller ones do without the padding.
    const size = dimension < turnedSize(dim) ? turnedSize(dim) : wholeOf(dim);
    const layout = layOutPolytopes({ bits, tables, dimension, size });
    const seed = derive(seedFrom(this.#seed), "polytopes");
    return new PolytopeKeys(new Rotations({ dim, size, count: layout.rotations, seed, origin: this.#origin }), layout);
  }
}

/** Values of a polytope over whole vectors of `dim`. */
function wholeOf(dim: number): number {
  return powerOfTwoFor(turnedSize(dim));
}

function requirePower(dimension: unknown): void {
  if (typeof dimension === "number" && dimension >= 1 && dimension <= mostRotated && Math.log2(dimension) % 1 === 0) return;
  const message = `dimension is ${show(dimension)}; give a power of two from 1 to ${mostRotated}, or leave it out`;
  throw new NearError("E_BAD_OPTION", message, { option: "dimension", got: dimension });
}

function checkedOrigin(origin: unknown): Float32Array {
  const fits = origin instanceof Float32Array && origin.length >= 1 && origin.length <= mostRotated;
  if (fits && origin.every(Number.isFinite)) return origin.slice();
  const message = `origin is ${show(origin)}; give a Float32Array of a finite value for each dimension, at most ${mostRotated}`;
  throw new NearError("E_BAD_OPTION", message, { option: "origin" });
}
