import { Keys, type Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { BinaryKeys } from "../numeric/binary-keys.js";
import { maskPrefix } from "../numeric/bits.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, countOf, keyBits, nameOf, tablesOf } from "../numeric/hash-options.js";
import { type Projector, projectable, randomProjector } from "../numeric/projector.js";
import { SubtreePath } from "../numeric/subtrees.js";

/** Options of {@link RandomBinaryProjectionTree}. */
export interface RandomBinaryProjectionTreeOptions {
  readonly name: string;
  /** Depth of the tree: bits of a key, 1 to 64. */
  readonly projections: number;
  /** How many rows a query should find in each table, where there are so many: a little over the neighbours wanted. */
  readonly minimumResultSize: number;
  /** Independent trees (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same planes (0), those of RandomBinaryProjections too: give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * The keys of RandomBinaryProjections read as a tree: a query reads, in each table, the smallest subtree on its own path that holds at least `minimumResultSize`
 * rows, all rows where there are fewer, nothing where there are none. It counts in the storage's key directory, so it is right after deletes by anyone.
 *
 * NearPy walks from the root and, where the query's branch is missing, goes on in the other by the query's later bits, which may read a part of it;
 * here that node is read whole. In all else the subtree is the same.
 */
export class RandomBinaryProjectionTree implements Hash {
  static readonly type = "RandomBinaryProjectionTree";
  readonly name: string;
  readonly kinds: readonly ("dense" | "sparse")[] = projectable;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #minimum: number;
  readonly #seed: number | string;
  readonly #projector: Projector;
  readonly #keys: BinaryKeys;
  readonly #own = new Keys();
  readonly #prefix = new Uint32Array(2);

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections or 1,024 tables. */
  constructor({ name, projections, minimumResultSize, tables = 1, seed = 0 }: RandomBinaryProjectionTreeOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.#minimum = countOf("minimumResultSize", minimumResultSize, mostRows, "rows are numbered in 32 bits");
    this.tables = tablesOf(tables);
    this.#seed = seed;
    this.#projector = randomProjector(name, seed, this.bits * this.tables);
    this.#keys = new BinaryKeys({ projector: this.#projector, bits: this.bits, tables: this.tables });
  }

  static fromConfig(config: HashConfig): RandomBinaryProjectionTree {
    return fromValues(config, RandomBinaryProjectionTree.type, (values) => {
      const hash = new RandomBinaryProjectionTree({
        name: values.text("name"),
        projections: values.number("projections"),
        minimumResultSize: values.number("minimumResultSize"),
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

  /** One subtree for each table that has rows, as a prefix: `minimumResultSize` bounds the reading, and any budget of at least `tables` allows it. */
  probes(query: Rows, directory: KeyDirectory, _budget: number, out: Probes): void {
    this.#projector.opening.checkOne(query);
    this.#own.clear();
    this.#keys.keys(query, this.#own);
    for (let t = 0; t < this.tables; t++) {
      const hi = this.#own.hi[t];
      const lo = this.#own.lo[t];
      const depth = depthOfSubtree(directory, t, hi, lo, this.bits, this.#minimum);
      if (depth < 0) continue;
      maskPrefix(hi, lo, depth, this.#prefix);
      out.add(t, this.#prefix[0], this.#prefix[1], 0, depth === this.bits ? keyBits : depth);
    }
  }

  bucketKeys(vector: Rows): string[] {
    return this.#keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: RandomBinaryProjectionTree.type,
      version: 1,
      name: this.name,
      ...this.#projector.opening.config,
      projections: this.bits,
      minimumResultSize: this.#minimum,
      tables: this.tables,
      seed: this.#seed,
    };
  }
}

const mostRows = 2 ** 32 - 1;

/** How many bits of the key name the smallest subtree with at least `minimum` rows; 0 where all rows together are fewer, −1 where there are none. */
function depthOfSubtree(directory: KeyDirectory, t: number, hi: number, lo: number, bits: number, minimum: number): number {
  const path = new SubtreePath(directory, t, hi, lo);
  for (let depth = bits; depth >= 0; depth--) if (path.widen(depth) >= minimum) return depth;
  return path.rows > 0 ? 0 : -1;
}
