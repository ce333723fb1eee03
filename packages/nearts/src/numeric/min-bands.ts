import type { Keys, Probes } from "../core/columns.js";
import type { Collision } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows, SetRows } from "../core/rows.js";
import { countOf, nameOf, tablesOf } from "./hash-options.js";
import { MinValues, noValue, type Permutations } from "./min-values.js";
import { Opening } from "./opening.js";
import { Perturbations } from "./perturbations.js";
import { ValueKeys } from "./value-keys.js";

/** Rows hashed together: their values stay in the cache. */
const rowsAtOnce = 64;
const mostValues = 16_384;

/** What {@link MinBands} are made of. */
export interface MinBandsOptions {
  readonly name: string;
  readonly rows: number;
  readonly tables: number;
  readonly permutations: Permutations;
  readonly seed: number | string;
  /** Bits of a value, where that is less than fit into a key. */
  readonly bits?: number;
}

/** MinHash values of sets cut into bands, one for each table, each a key. */
export class MinBands {
  readonly opening: Opening;
  readonly #tables: number;
  readonly #values: MinValues;
  readonly #keys: ValueKeys;
  readonly #key = new Uint32Array(2);
  readonly #perturbations = new Perturbations();

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 rows, 1,024 tables or 16,384 values in all. */
  constructor({ name, rows, tables, permutations, seed, bits }: MinBandsOptions) {
    this.opening = new Opening(nameOf(name), ["set"]);
    const perKey = countOf("rows", rows, 64, "a key has 64 bits: use more tables");
    this.#tables = tablesOf(tables);
    if (permutations !== "one" && permutations !== "classic") {
      const message = `permutations is ${show(permutations)}; give "one" or "classic"`;
      throw new NearError("E_BAD_OPTION", message, { option: "permutations", got: permutations });
    }
    const count = countOf("rows · tables", perKey * this.#tables, mostValues, "each value of each set takes time to find");
    this.#keys = new ValueKeys(perKey, bits);
    this.#values = new MinValues(count, permutations, seed);
  }

  /** Bits of a key. */
  get bits(): number {
    return this.#keys.rows * this.#keys.bits;
  }

  /** Keys of rows, a table each. */
  keys(rows: Rows, out: Keys): void {
    this.opening.check(rows);
    const sets = rows as SetRows; // all that it can be opened for
    out.reserve(rows.count * this.#tables);
    for (let from = 0; from < rows.count; from += rowsAtOnce) {
      const to = Math.min(rows.count, from + rowsAtOnce);
      const values = this.#values.of(sets, from, to);
      for (let r = from; r < to; r++) {
        const first = (r - from) * this.#values.stride;
        for (let t = 0; t < this.#tables; t++) {
          this.#keys.write(values, first + t * this.#keys.rows, this.#key);
          out.add(r, t, this.#key[0], this.#key[1]);
        }
      }
    }
  }

  /** Each table's own bucket, then those of {@link TwoLeast}, fewest changes first. */
  probes(query: Rows, budget: number, out: Probes): void {
    this.opening.checkOne(query);
    const set = query as SetRows; // all that it can be opened for
    const own = this.#values.of(set, 0, 1).slice(0, this.#values.count);
    for (let t = 0; t < this.#tables; t++) {
      this.#keys.write(own, t * this.#keys.rows, this.#key);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
    if (budget > this.#tables) this.#probeBeyond(set, budget - this.#tables, out);
  }

  /** Readable keys of one set, a table each. */
  strings(vector: Rows): string[] {
    this.opening.checkOne(vector);
    const values = this.#values.of(vector as SetRows, 0, 1); // all that it can be opened for
    return Array.from({ length: this.#tables }, (_, t) => this.#keys.text(values, t * this.#keys.rows));
  }

  /** The law of the keys. */
  get collision(): Collision {
    return this.#keys.collision("jaccard");
  }

  /** The values of sets, one after the other: a copy. */
  values(rows: SetRows): Uint32Array {
    this.opening.check(rows);
    const all = new Uint32Array(rows.count * this.#values.count);
    for (let r = 0; r < rows.count; r++) all.set(this.#values.of(rows, r, r + 1).subarray(0, this.#values.count), r * this.#values.count);
    return all;
  }

  #probeBeyond(query: SetRows, budget: number, out: Probes): void {
    const { first, second } = this.#values.twoOf(query);
    const { rows } = this.#keys;
    const perturbations = this.#perturbations;
    perturbations.begin();
    const scores = new Float64Array(rows);
    const places = new Uint32Array(this.#tables * rows);
    for (let t = 0; t < this.#tables; t++) {
      let count = 0;
      for (let i = 0; i < rows; i++) {
        const v = t * rows + i;
        if (second[v] === noValue || !this.#keys.differ(first[v], second[v])) continue;
        // All changes are alike; a little more for the later of a table, so that the tables take turns.
        scores[count] = 1 + i * 2 ** -20;
        places[t * rows + count++] = i;
      }
      perturbations.addTable(t, scores, null, count);
    }
    const changed = new Uint32Array(rows);
    for (let left = budget; left > 0 && perturbations.next(); left--) {
      const { table, members, size, score } = perturbations;
      changed.set(first.subarray(table * rows, (table + 1) * rows));
      for (let m = 0; m < size; m++) {
        const i = places[table * rows + members[m]];
        changed[i] = second[table * rows + i];
      }
      this.#keys.write(changed, 0, this.#key);
      out.add(table, this.#key[0], this.#key[1], score);
    }
  }
}
