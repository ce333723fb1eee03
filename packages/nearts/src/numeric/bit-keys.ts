import type { Keys, Probes } from "../core/columns.js";
import { NearError } from "../core/errors.js";
import { type BitRows, type Rows, wordsPerRow } from "../core/rows.js";
import { flipBit, keyToString } from "./bits.js";

/** Keys of some places of bit vectors: bit j of table t's key is the vector's bit at `places[starts[t] + j]`, bit 0 the most significant. At most 64 a table. */
export class BitKeys {
  readonly #places: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #key = new Uint32Array(2);
  readonly #flipped = new Uint32Array(2);
  readonly #flips = new Uint8Array(64);

  /** Table t has the places from starts[t] to starts[t + 1] − 1. */
  constructor(places: Uint32Array, starts: Uint32Array) {
    this.#places = places;
    this.#starts = starts;
  }

  get tables(): number {
    return this.#starts.length - 1;
  }

  /** Bits of a key of table t. */
  bits(t: number): number {
    return this.#starts[t + 1] - this.#starts[t];
  }

  /** Appends the key of each row in each table. */
  keys(rows: Rows, out: Keys): void {
    const { words, count, dim } = bitRows(rows);
    const width = wordsPerRow(dim);
    out.reserve(count * this.tables);
    for (let r = 0; r < count; r++) {
      for (let t = 0; t < this.tables; t++) {
        this.#pack(words, r * width, t);
        out.add(r, t, this.#key[0], this.#key[1]);
      }
    }
  }

  /**
   * Appends the keys that differ from the query's in 0 bits, 1 bit, 2 bits …, table by table, which is their score: all keys of table t up to `radius[t]` bits
   * away, and further ones while there are fewer than `budget`.
   */
  probes(query: Rows, radius: ArrayLike<number>, budget: number, out: Probes): void {
    const { words } = bitRows(query);
    const own = out.count;
    for (let t = 0; t < this.tables; t++) {
      this.#pack(words, 0, t);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
    for (let away = 1; away <= 64; away++) {
      let more = false;
      for (let t = 0; t < this.tables; t++) {
        const within = radius[t] >= away;
        const left = within ? Number.POSITIVE_INFINITY : budget - (out.count - own);
        if (away > this.bits(t) || left <= 0) continue;
        this.#addAway(t, away, left, own, out);
        more = true;
      }
      if (!more) return;
    }
  }

  /** The keys of one vector as strings of 0 and 1, a table each. */
  strings(vector: Rows): string[] {
    const { words } = bitRows(vector);
    return Array.from({ length: this.tables }, (_, t) => {
      this.#pack(words, 0, t);
      return keyToString(this.#key[0], this.#key[1], this.bits(t));
    });
  }

  /** Adds the keys `away` flips from the query's own in table t, at most `left`, in the lexicographic order of the flipped places. */
  #addAway(t: number, away: number, left: number, own: number, out: Probes): void {
    const bits = this.bits(t);
    const flips = this.#flips;
    for (let i = 0; i < away; i++) flips[i] = i;
    for (let added = 0; added < left; added++) {
      this.#flipped[0] = out.hi[own + t];
      this.#flipped[1] = out.lo[own + t];
      for (let i = 0; i < away; i++) flipBit(this.#flipped[0], this.#flipped[1], flips[i], this.#flipped);
      out.add(t, this.#flipped[0], this.#flipped[1], away);
      if (!advance(flips, away, bits)) return;
    }
  }

  /** Packs the key of table t of the row whose words begin at `at`. */
  #pack(words: Uint32Array, at: number, t: number): void {
    const from = this.#starts[t];
    const count = this.bits(t);
    const high = Math.min(32, count);
    this.#key[0] = this.#packWord(words, at, from, high);
    this.#key[1] = this.#packWord(words, at, from + high, count - high);
  }

  /** `count` ≤ 32 bits, the first the most significant of 32. */
  #packWord(words: Uint32Array, at: number, from: number, count: number): number {
    let word = 0;
    for (let j = from; j < from + count; j++) {
      const place = this.#places[j];
      word = (word << 1) | ((words[at + (place >>> 5)] >>> (place & 31)) & 1);
    }
    return count === 0 ? 0 : word << (32 - count);
  }
}

/** Goes to the next combination of `count` of `n` places in lexicographic order; false after the last. */
function advance(places: Uint8Array, count: number, n: number): boolean {
  let i = count - 1;
  while (i >= 0 && places[i] === n - count + i) i--;
  if (i < 0) return false;
  places[i]++;
  for (let j = i + 1; j < count; j++) places[j] = places[j - 1] + 1;
  return true;
}

function bitRows(rows: Rows): BitRows {
  if (rows.kind === "bits") return rows;
  throw new NearError("E_UNSUPPORTED", `places of bits are sampled of bit vectors, not of ${rows.kind} ones`, {
    expected: ["bits"],
    got: rows.kind,
  });
}
