import type { Collision } from "../core/contracts.js";
import { noValue } from "./min-values.js";

/**
 * Keys of bands: 64 bits made of the low bits of a band's values, as many of each as fit, the first value's first. So a shared prefix is a shared beginning
 * of the band, and two values that differ agree in them with probability 2^−bits.
 */
export class ValueKeys {
  /** Values of a band, and bits of each. */
  readonly rows: number;
  readonly bits: number;

  /** Of each value so many bits where that is less than fit. */
  constructor(rows: number, bits = 32) {
    this.rows = rows;
    this.bits = Math.min(bits, 32, Math.floor(64 / rows));
  }

  /** Writes the key of the band whose values begin at `from` to `out`, as two words. */
  write(values: Uint32Array, from: number, out: Uint32Array): void {
    const { rows, bits } = this;
    if (bits === 32) {
      out[0] = values[from];
      out[1] = rows === 2 ? values[from + 1] : 0;
      return;
    }
    const mask = 2 ** bits - 1;
    let [hi, lo] = [0, 0];
    for (let v = from; v < from + rows; v++) {
      hi = (hi << bits) | (lo >>> (32 - bits));
      lo = (lo << bits) | (values[v] & mask);
    }
    // Up to the first bit: fewer than 32 are left over.
    const rest = 64 - rows * bits;
    out[0] = rest === 0 ? hi : (hi << rest) | (lo >>> (32 - rest));
    out[1] = lo << rest;
  }

  /** Whether two values differ in the bits that are kept of them. */
  differ(a: number, b: number): boolean {
    return this.#low(a) !== this.#low(b);
  }

  /** The values of a band for people: "3af-01c", "∅" where there are none. */
  text(values: Uint32Array, from: number): string {
    if (values[from] === noValue) return "∅";
    const digits = Math.ceil(this.bits / 4);
    return Array.from({ length: this.rows }, (_, i) =>
      this.#low(values[from + i])
        .toString(16)
        .padStart(digits, "0"),
    ).join("-");
  }

  #low(value: number): number {
    return (this.bits === 32 ? value : value & (2 ** this.bits - 1)) >>> 0;
  }

  /** The law of keys whose values are equal with probability 1 − d, for that name of the distance d: of those that differ the bits kept agree by chance. */
  collision(distance: string): Collision {
    const { bits, rows } = this;
    const one = (d: number) => 1 - d + d * 2 ** -bits;
    return { distance, probability: (d) => one(d) ** rows, parts: { bits, count: rows, probability: one } };
  }
}
