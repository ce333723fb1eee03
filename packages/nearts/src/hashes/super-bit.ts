import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { derive, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { BinaryKeys } from "../numeric/binary-keys.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, countOf, nameOf, tablesOf } from "../numeric/hash-options.js";
import { normalMatrix, orthonormalise } from "../numeric/orthonormal.js";
import { refuseLargeMatrix } from "../numeric/plane-matrix.js";
import { explicitPlanes, type PlaneSource } from "../numeric/plane-source.js";
import { Projector, projectable } from "../numeric/projector.js";

/** Options of {@link SuperBit}. */
export interface SuperBitOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64: each halves a bucket, more or less. */
  readonly projections: number;
  /** Planes in a row that are at right angles to each other: those of a table when not given; never more than the vectors have dimensions. */
  readonly depth?: number;
  /** Keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same planes (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * A bit for each random plane, as RandomBinaryProjections, the planes at right angles batch by batch: the number of bits in which two vectors differ still estimates
 * their angle without bias, with less variance (Ji, Li, Yan, Zhang & Tian 2012, "Super-Bit Locality-Sensitive Hashing", theorem 2), so that keys tell more
 * where bits are not few against the dimension.
 */
export class SuperBit implements Hash {
  static readonly type = "SuperBit";
  static readonly serves: readonly string[] = ["cosine", "angular", "euclidean", "inner-product"];
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly serves: readonly string[] = SuperBit.serves;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #depth: number;
  readonly #seed: number | string;
  readonly #projector: Projector;
  readonly #keys: BinaryKeys;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections or 1,024 tables. */
  constructor({ name, projections, depth = projections, tables = 1, seed = 0 }: SuperBitOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.tables = tablesOf(tables);
    this.#depth = countOf("depth", depth, 65_536, "there are no more planes");
    this.#seed = seed;
    const entries = derive(seedFrom(seed), "super-bit");
    const planes = this.bits * this.tables;
    this.#projector = new Projector({ owner: name, planes, source: (dim) => batches(normalMatrix(entries, planes, dim), dim, depth) });
    this.#keys = new BinaryKeys({ projector: this.#projector, bits: this.bits, tables: this.tables });
  }

  static fromConfig(config: HashConfig): SuperBit {
    return fromValues(config, SuperBit.type, (values) => {
      const hash = new SuperBit({
        name: values.text("name"),
        projections: values.number("projections"),
        depth: values.number("depth"),
        tables: values.number("tables"),
        seed: values.seed(),
      });
      hash.#projector.opening.bind(values.dim());
      return hash;
    });
  }

  /** E_LIMIT where the planes would be over 1 GiB, of sparse vectors too. */
  open(shape: Shape): void {
    refuseLargeMatrix(this.bits * this.tables, shape.dim);
    this.#projector.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#keys.keys(rows, out);
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
      type: SuperBit.type,
      version: 1,
      name: this.name,
      ...this.#projector.opening.config,
      projections: this.bits,
      depth: this.#depth,
      tables: this.tables,
      seed: this.#seed,
    };
  }
}

/** Planes along the rows, `depth` of them at right angles, then the next. */
function batches(matrix: Float64Array, dim: number, depth: number): PlaneSource {
  const planes = matrix.length / dim;
  const batch = Math.min(depth, dim);
  for (let from = 0; from < planes; from += batch) orthonormalise(matrix, dim, from, Math.min(planes, from + batch));
  return explicitPlanes(Float32Array.from(matrix), dim);
}
