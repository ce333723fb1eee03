import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Kind, Rows } from "../core/rows.js";
import { flipBit, maskPrefix } from "../numeric/bits.js";
import { Children } from "../numeric/children.js";
import { fromValues } from "../numeric/hash-config.js";
import { countOf, keyBits, nameOf } from "../numeric/hash-options.js";
import { SubtreePath } from "../numeric/subtrees.js";

/** Options of {@link LSHForest}. */
export interface LSHForestOptions {
  readonly name: string;
  /** Binary hashes whose tables are the trees: those with a property `bits` and one key in each table, such as RandomBinaryProjections, best with many bits. */
  readonly children: readonly Hash[];
  /** How many rows a query should find in all trees together, where there are so many: several times the neighbours wanted. More probes read on beside them. */
  readonly minimumResultSize: number;
}

/**
 * The keys of binary hashes read as prefix trees: a query reads, in all trees, what shares the longest prefix with it, one length for all, that holds enough rows
 * together (Bawa, Condie & Ganesan 2005, "LSH Forest: Self-Tuning Indexes for Similarity Search", section 4, "synchronous ascend"). So one index serves near and
 * far neighbours, dense and thin places, without a choice of how many bits count.
 */
export class LSHForest implements Hash {
  static readonly type = "LSHForest";
  readonly name: string;
  readonly #children: Children;
  readonly #minimum: number;
  readonly #prefix = new Uint32Array(2);

  /** E_BAD_OPTION for a bad value or a child that is not binary, E_DUPLICATE_NAME for children of one name. */
  constructor({ name, children, minimumResultSize }: LSHForestOptions) {
    this.name = nameOf(name);
    this.#children = new Children(name, children);
    this.#minimum = countOf("minimumResultSize", minimumResultSize, 2 ** 32 - 1, "rows are numbered in 32 bits");
  }

  static fromConfig(config: HashConfig, revive: (config: HashConfig) => Hash): LSHForest {
    return fromValues(config, LSHForest.type, (values) => {
      const hash = new LSHForest({
        name: values.text("name"),
        children: values.configs("children").map(revive),
        minimumResultSize: values.number("minimumResultSize"),
      });
      hash.#children.opening.bind(values.dim());
      return hash;
    });
  }

  get kinds(): readonly Kind[] {
    return this.#children.kinds;
  }

  /** What all children serve; absent where none says. */
  get serves(): readonly string[] | undefined {
    return this.#children.serves;
  }

  /** Those of all children. */
  get tables(): number {
    return this.#children.layout.length;
  }

  open(shape: Shape): void {
    this.#children.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#children.keys(rows, out);
  }

  /**
   * A prefix for each tree that has rows under it, all of one length, the longest under which there are enough; then, while there are fewer than `budget`, the
   * subtrees beside these on the way to the root, of all trees level by level: the score is by how many bits less they share.
   */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void {
    const { hi, lo, count } = this.#children.own(query);
    const paths = Array.from({ length: count }, (_, t) => new SubtreePath(directory, t, hi[t], lo[t]));
    let depth = keyBits;
    while (sumAt(paths, depth) < this.#minimum && depth > 0) depth--;
    const own = out.count;
    for (let t = 0; t < count; t++) {
      if (paths[t].rows > 0) this.#add(t, hi[t], lo[t], depth < this.#children.layout[t].bits ? depth : keyBits, 0, out);
    }
    for (let level = depth - 1; level >= 0; level--) {
      for (let t = 0; t < count; t++) {
        if (out.count - own >= budget) return;
        const before = paths[t].rows;
        if (paths[t].widen(level) === before) continue;
        flipBit(hi[t], lo[t], level, this.#prefix);
        this.#add(t, this.#prefix[0], this.#prefix[1], level + 1, depth - level, out);
      }
    }
  }

  /** The children's keys, each after its child's name: `child_0110`. */
  bucketKeys(vector: Rows): string[] {
    return this.#children.strings(vector);
  }

  config(): HashConfig {
    return {
      type: LSHForest.type,
      version: 1,
      name: this.name,
      ...this.#children.opening.config,
      children: this.#children.configs(),
      minimumResultSize: this.#minimum,
    };
  }

  #add(table: number, hi: number, lo: number, bits: number, score: number, out: Probes): void {
    maskPrefix(hi, lo, bits, this.#prefix);
    out.add(table, this.#prefix[0], this.#prefix[1], score, bits);
  }
}

/** Rows under the prefixes of this length in all trees, widened to it. */
function sumAt(paths: readonly SubtreePath[], depth: number): number {
  let sum = 0;
  for (const path of paths) sum += path.widen(depth);
  return sum;
}
