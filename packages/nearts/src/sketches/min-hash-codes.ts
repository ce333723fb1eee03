import type { Codes, Estimate } from "../core/codes.js";
import type { Keys, Probes } from "../core/columns.js";
import type { HashConfig, Shape, Sketch } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows, SetRows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { MinValues } from "../numeric/min-values.js";
import { SketchShape } from "../numeric/sketch-shape.js";

/** Options of {@link MinHashCodes}. */
export interface MinHashCodesOptions {
  /** MinHash values of a set: a multiple of 4, 4 to 4,096; 128 when not given. */
  readonly values?: number;
  /** Bits kept of each: 1, 2 (when not given) or 4. */
  readonly bits?: 1 | 2 | 4;
  /** Other than that of the hash, so that what made two sets meet says nothing here. */
  readonly seed?: number | string;
}

const mostValues = 4096;

/**
 * The lowest bits of MinHash values (Li & König 2010, "b-Bit Minwise Hashing"): of two sets at Jaccard distance d a value differs with probability
 * d·(1 − 2^−bits), so the share of those that differ is an unbiased estimate of d. Its standard deviation is given as that at the worst distance, with the share
 * that few members add, as then values are not independent.
 */
export class MinHashCodes implements Sketch {
  static readonly type = "MinHashCodes";
  readonly name: string;
  readonly metric = "jaccard";
  readonly groups: number;
  readonly values: number;
  readonly bits: 1 | 2 | 4;
  readonly #seed: number | string;
  readonly #minima: MinValues;
  readonly #shape: SketchShape;
  readonly #code: Uint8Array;

  /** E_BAD_OPTION for a bad value. */
  constructor({ values = 128, bits = 2, seed = "codes" }: MinHashCodesOptions = {}) {
    if (bits !== 1 && bits !== 2 && bits !== 4) {
      throw new NearError("E_BAD_OPTION", `bits is ${show(bits)}; give 1, 2 or 4`, { option: "bits", got: bits });
    }
    if (!Number.isInteger(values) || values < 4 || values > mostValues || values % 4 !== 0) {
      const message = `values is ${show(values)}; give a multiple of 4 from 4 to ${mostValues}`;
      throw new NearError("E_BAD_OPTION", message, { option: "values", got: values });
    }
    this.values = values;
    this.bits = bits;
    this.groups = (values * bits) / 4;
    this.name = `MinHash codes, ${values} × ${bits} ${bits === 1 ? "bit" : "bits"}`;
    this.#seed = seed;
    this.#minima = new MinValues(values, "one", seed);
    this.#shape = new SketchShape(this.name, ["set"]);
    this.#code = new Uint8Array(this.groups + (this.groups & 1));
  }

  /** The sketch described by `config`; E_CONFIG where the version or a value is not understood. */
  static fromConfig(config: HashConfig): MinHashCodes {
    return fromValues(config, MinHashCodes.type, (values) => {
      const bits = values.number("bits") as 1 | 2 | 4; // others are refused as options
      const sketch = new MinHashCodes({ values: values.number("values"), bits, seed: values.seed() });
      const dim = values.dim();
      if (dim !== undefined) sketch.#shape.bind(dim);
      return sketch;
    });
  }

  open(shape: Shape): void {
    this.#shape.open(shape);
  }

  encode(rows: Rows, keys: Keys, out: Codes): void {
    this.#shape.check(rows);
    const sets = rows as SetRows; // all that it can be opened for
    out.reserve(keys.count);
    let coded = -1;
    for (let e = 0; e < keys.count; e++) {
      const row = keys.rows[e];
      if (row !== coded) this.#codeOf(sets, row);
      coded = row;
      const at = out.count++;
      const first = at * out.bytesPerCode;
      for (let b = 0; b < out.bytesPerCode; b++) out.bytes[first + b] = this.#code[2 * b] | (this.#code[2 * b + 1] << 4);
      out.add[at] = 0;
      out.scale[at] = this.#scale;
      out.error[at] = this.#deviation(sets.offsets[row + 1] - sets.offsets[row]);
    }
  }

  /** The table tells how many of a group's values differ from the query's. */
  estimate(query: Rows, probes: Probes, hash: number, out: Estimate): void {
    this.#shape.checkOne(query);
    this.#codeOf(query as SetRows, 0); // all that it can be opened for
    const mask = 2 ** this.bits - 1;
    for (let g = 0; g < this.groups; g++) {
      for (let nibble = 0; nibble < 16; nibble++) {
        let differ = 0;
        for (let shift = 0; shift < 4; shift += this.bits) if ((((nibble ^ this.#code[g]) >>> shift) & mask) !== 0) differ++;
        out.table[g * 16 + nibble] = differ;
      }
    }
    out.step = 1;
    out.bias = 0;
    out.rounding = 0;
    out.reserve(probes.count);
    for (let p = 0; p < probes.count; p++) {
      if (probes.hashes[p] !== hash) continue;
      out.centres[p] = 0;
      out.spreads[p] = 1;
      out.orders[p] = 0;
    }
  }

  config(): HashConfig {
    const { dim } = this.#shape;
    return {
      type: MinHashCodes.type,
      version: 1,
      name: this.name,
      ...(dim === undefined ? {} : { dim }),
      values: this.values,
      bits: this.bits,
      seed: this.#seed,
    };
  }

  /** Distance that one value that differs stands for. */
  get #scale(): number {
    return 1 / (this.values * (1 - 2 ** -this.bits));
  }

  /** ½ is the largest deviation of a value that may differ or not. */
  #deviation(members: number): number {
    return 0.5 * Math.sqrt(this.values * this.#scale ** 2 + 1 / Math.max(1, members));
  }

  /** Groups of a row's code, one a byte. */
  #codeOf(rows: SetRows, row: number): void {
    const minima = this.#minima.of(rows, row, row + 1);
    const perGroup = 4 / this.bits;
    const mask = 2 ** this.bits - 1;
    for (let g = 0, v = 0; g < this.groups; g++) {
      let group = 0;
      for (let i = 0; i < perGroup; i++, v++) group |= (minima[v] & mask) << (i * this.bits);
      this.#code[g] = group;
    }
  }
}
