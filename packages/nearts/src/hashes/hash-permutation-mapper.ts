import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Kind, Rows } from "../core/rows.js";
import { flipBit } from "../numeric/bits.js";
import { Children } from "../numeric/children.js";
import { fromValues } from "../numeric/hash-config.js";
import { nameOf } from "../numeric/hash-options.js";
import { NearKeys } from "../numeric/near-keys.js";

/** Options of {@link HashPermutationMapper}. */
export interface HashPermutationMapperOptions {
  readonly name: string;
  /** Binary hashes: those with a property `bits` and one key in each table, such as RandomBinaryProjections. */
  readonly children: readonly Hash[];
}

/** Reads the query's own bucket and every bucket whose key differs from it in one bit, as far as the storage's key directory knows them to hold rows. */
export class HashPermutationMapper implements Hash {
  static readonly type = "HashPermutationMapper";
  readonly name: string;
  readonly #children: Children;
  readonly #near = new NearKeys();
  readonly #flipped = new Uint32Array(2);

  /** E_BAD_OPTION for a bad name or a child that is not binary, E_DUPLICATE_NAME for children of one name. */
  constructor({ name, children }: HashPermutationMapperOptions) {
    this.name = nameOf(name);
    this.#children = new Children(name, children);
  }

  static fromConfig(config: HashConfig, revive: (config: HashConfig) => Hash): HashPermutationMapper {
    return fromValues(config, HashPermutationMapper.type, (values) => {
      const hash = new HashPermutationMapper({ name: values.text("name"), children: values.configs("children").map(revive) });
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
   * Each table's own bucket, then those one bit away, none that is empty: at most 1 + bits a table, which bounds the reading, so a budget of no more
   * than `tables`, an engine's default, bounds it no further; a larger one does.
   */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void {
    const { hi, lo, tables, count } = this.#children.own(query);
    this.#near.clear();
    for (let e = 0; e < count; e++) {
      this.#addIfStored(directory, tables[e], hi[e], lo[e], 0);
      for (let j = 0; j < this.#children.layout[tables[e]].bits; j++) {
        flipBit(hi[e], lo[e], j, this.#flipped);
        this.#addIfStored(directory, tables[e], this.#flipped[0], this.#flipped[1], 1);
      }
    }
    this.#near.emit(directory, this.tables, budget > this.tables ? budget : Number.POSITIVE_INFINITY, out);
  }

  /** The children's keys, each after its child's name: `child_0110`. */
  bucketKeys(vector: Rows): string[] {
    return this.#children.strings(vector);
  }

  config(): HashConfig {
    return {
      type: HashPermutationMapper.type,
      version: 1,
      name: this.name,
      ...this.#children.opening.config,
      children: this.#children.configs(),
    };
  }

  #addIfStored(directory: KeyDirectory, table: number, hi: number, lo: number, distance: number): void {
    const entry = directory.find(table, hi, lo);
    if (entry >= 0 && directory.countAt(table, entry) > 0) this.#near.add(table, entry, distance);
  }
}
