import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { derive, Random, seedFrom } from "../core/random.js";
import type { Kind, Rows } from "../core/rows.js";
import { Children } from "../numeric/children.js";
import { fromValues } from "../numeric/hash-config.js";
import { countOf, nameOf } from "../numeric/hash-options.js";
import { NearKeys } from "../numeric/near-keys.js";
import { PermutedTable } from "../numeric/permuted-table.js";

/** Options of {@link HashPermutations}. */
export interface HashPermutationsOptions {
  readonly name: string;
  /** Binary hashes: those with a property `bits` and one key in each table, such as RandomBinaryProjections. */
  readonly children: readonly Hash[];
  /** Orders of the bits in which the keys are kept sorted (50). */
  readonly permutations?: number;
  /** Keys looked at in each order around the query's place, half of them before it (10): an even number. */
  readonly beam?: number;
  /** Most buckets read in each table, the nearest (100). */
  readonly neighbours?: number;
  /** Fixes the permutations (0). */
  readonly seed?: number | string;
}

/**
 * Reads the buckets whose keys are near the query's in Hamming distance, found in permuted sorted lists of the stored keys (Charikar 2002, section 4).
 * The lists follow the storage's key directory by themselves: what is stored is found at once, what is removed never read.
 */
export class HashPermutations implements Hash {
  static readonly type = "HashPermutations";
  readonly name: string;
  readonly #children: Children;
  readonly #permutations: number;
  readonly #beam: number;
  readonly #neighbours: number;
  readonly #seed: number | string;
  readonly #near = new NearKeys();
  /** The lists of each directory met: what one storage holds says nothing of another. */
  readonly #tables = new WeakMap<KeyDirectory, readonly PermutedTable[]>();
  /** The orders of each child's bits, made on first use. */
  readonly #orders = new Map<number, readonly Uint8Array[]>();

  /** E_BAD_OPTION for a bad value, an odd beam or a child that is not binary, E_DUPLICATE_NAME for children of one name, E_LIMIT for too large a number. */
  constructor({ name, children, permutations = 50, beam = 10, neighbours = 100, seed = 0 }: HashPermutationsOptions) {
    this.name = nameOf(name);
    this.#children = new Children(name, children);
    this.#permutations = countOf("permutations", permutations, 1024, "every key is kept in each order");
    this.#beam = evenOf(countOf("beam", beam, mostKeys, "all of these keys are looked at"));
    this.#neighbours = countOf("neighbours", neighbours, mostKeys, "all of these buckets are read");
    this.#seed = seed;
    seedFrom(seed); // refuses a bad one now, not at the first query
  }

  static fromConfig(config: HashConfig, revive: (config: HashConfig) => Hash): HashPermutations {
    return fromValues(config, HashPermutations.type, (values) => {
      const hash = new HashPermutations({
        name: values.text("name"),
        children: values.configs("children").map(revive),
        permutations: values.number("permutations"),
        beam: values.number("beam"),
        neighbours: values.number("neighbours"),
        seed: values.seed(),
      });
      hash.#children.opening.bind(values.dim());
      return hash;
    });
  }

  get kinds(): readonly Kind[] {
    return this.#children.kinds;
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
   * The buckets nearest to the query's key in each table, its own first, none that is empty: at most `neighbours` a table. These options bound the reading,
   * so a budget of no more than `tables`, an engine's default, bounds it no further; a larger one does.
   */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void {
    const own = this.#children.own(query);
    const tables = this.#tablesOf(directory);
    this.#near.clear();
    for (let e = 0; e < own.count; e++) {
      const from = this.#near.count;
      tables[own.tables[e]].near(directory, own.hi[e], own.lo[e], this.#beam, this.#near);
      this.#near.keepNearest(from, this.#neighbours);
    }
    this.#near.emit(directory, tables.length, budget > tables.length ? budget : Number.POSITIVE_INFINITY, out);
  }

  /** The children's keys, each after its child's name: `child_0110`. */
  bucketKeys(vector: Rows): string[] {
    return this.#children.strings(vector);
  }

  config(): HashConfig {
    return {
      type: HashPermutations.type,
      version: 1,
      name: this.name,
      ...this.#children.opening.config,
      children: this.#children.configs(),
      permutations: this.#permutations,
      beam: this.#beam,
      neighbours: this.#neighbours,
      seed: this.#seed,
    };
  }

  #tablesOf(directory: KeyDirectory): readonly PermutedTable[] {
    const known = this.#tables.get(directory);
    if (known !== undefined) return known;
    const made = this.#children.layout.map(({ child, bits }, t) => new PermutedTable(t, this.#ordersOf(child, bits)));
    this.#tables.set(directory, made);
    return made;
  }

  #ordersOf(child: number, bits: number): readonly Uint8Array[] {
    const known = this.#orders.get(child);
    if (known !== undefined) return known;
    const random = new Random(derive(derive(seedFrom(this.#seed), "permutations"), child));
    const made = Array.from({ length: this.#permutations }, () => Uint8Array.from(random.permutation(bits)));
    this.#orders.set(child, made);
    return made;
  }
}

const mostKeys = 2 ** 20;

function evenOf(beam: number): number {
  if (beam % 2 === 0) return beam;
  const message = `beam is ${show(beam)}; it must be even, half of it lies before the query's place: use ${beam + 1}`;
  throw new NearError("E_BAD_OPTION", message, { option: "beam", got: beam });
}
