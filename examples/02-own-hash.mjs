// A hash of your own, in one file. Winner-take-all (Yagnik et al. 2011): of 8 random coordinates note which is the largest, four times over,
// so that vectors meet that rank their coordinates alike. 02-own-hash-evaluated.mjs compares it with others, 02-own-hash.test.mjs holds it to the contract.
import { NearError, Random, rowAt } from "nearts";

/** @import { Hash, HashConfig, Rows, Shape } from "nearts" */
/** @implements {Hash} */
export class WinnerTakeAll {
  static type = "WinnerTakeAll";
  kinds = /** @type {const} */ (["dense"]);
  #dim = 0; // not open
  /** @type {Uint32Array[]} */ #looks = [];

  /** @param {{ name?: unknown, tables?: unknown, seed?: unknown }} options */
  constructor({ name, tables, seed }) {
    const good = typeof name === "string" && Number.isInteger(tables) && Number.isSafeInteger(seed);
    if (!good) throw new NearError("E_CONFIG", "name must be a text, tables and seed integers", { name, tables, seed });
    this.name = name;
    this.tables = Number(tables);
    this.seed = Number(seed);
  }
  /** @param {HashConfig} config */
  static fromConfig(config) {
    if (config.version !== 1) throw new NearError("E_CONFIG", `the configuration has version ${config.version}, expected 1`);
    const hash = new WinnerTakeAll(config);
    if (config.dim !== undefined) hash.open({ kind: "dense", dim: config.dim });
    return hash;
  }
  /** @param {Shape} shape */
  open({ kind, dim }) {
    const fits = kind === "dense" && dim >= 1 && (this.#dim === 0 || this.#dim === dim);
    if (!fits)
      throw new NearError("E_CONFIG", `got ${kind} vectors of ${dim} dimensions, expected dense ones of ${this.#dim || "1 or more"}`);
    const random = new Random(this.seed);
    this.#looks = Array.from({ length: 4 * this.tables }, () => random.permutation(dim).subarray(0, 8));
    this.#dim = dim;
  }
  /** @type {Hash["keys"]} */
  keys(rows, out) {
    for (let r = 0; r < rows.count; r++) for (const [table, key] of this.#keysOf(rows, r).entries()) out.add(r, table, 0, key);
  }
  /** @type {Hash["probes"]} */
  probes(query, _directory, _budget, out) {
    for (const [table, key] of this.#keysOf(query, 0).entries()) out.add(table, 0, key, 0);
  }
  /** @param {Rows} vector */
  bucketKeys(vector) {
    return this.#keysOf(vector, 0).map((key) => key.toString(8).padStart(4, "0"));
  }
  config() {
    const dim = this.#dim === 0 ? {} : { dim: this.#dim };
    return { type: WinnerTakeAll.type, version: 1, name: this.name, tables: this.tables, seed: this.seed, ...dim };
  }
  /** @param {Rows} rows @param {number} r */
  #keysOf(rows, r) {
    const x = /** @type {Float32Array} */ (rowAt(rows, r)); // open() refuses the other kinds
    const winners = this.#looks.map((look) => look.reduce((best, i, place) => (x[i] > x[look[best]] ? place : best), 0));
    return Array.from({ length: this.tables }, (_, t) => winners.slice(4 * t, 4 * t + 4).reduce((key, winner) => key * 8 + winner, 0));
  }
}
