import { NearError, show } from "./errors.js";

/** The name of a stream of random bits: 64 bits as two u32s. JSON-safe, so that a configuration can carry it. */
export interface Seed {
  readonly lo: number;
  readonly hi: number;
}

/** The seed of a safe integer or a text: distinct integers give distinct seeds, and `7` and `"7"` differ. `E_BAD_OPTION` for any other value. */
export function seedFrom(seed: number | string): Seed {
  return child(ROOT, seed);
}

/** The child of `seed` named `label` (a safe integer or a text): an independent stream for one purpose, such as `derive(seed, "offsets")`. */
export function derive(seed: Seed, label: string | number): Seed {
  return child(seed, label);
}

/**
 * Writes 64 random bits, a pure function of (seed, i, j) with i and j u32, into `out[at]` and `out[at + 1]`.
 * Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3", section 4.2): the key is
 * (seed.lo, seed.hi), the counter (i, j). Chosen over Philox because it needs no wide multiplication and has a 64-bit key.
 */
// biome-ignore format: one round a line is the shape of the cipher
export function bits64(seed: Seed, i: number, j: number, out: Uint32Array, at = 0): void {
  const a = seed.lo | 0;
  const b = seed.hi | 0;
  const c = a ^ b ^ PARITY;
  let x = (i + a) | 0;
  let y = (j + b) | 0;
  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + b) | 0; y = (y + c + 1) | 0;
  x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + c) | 0; y = (y + a + 2) | 0;
  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + a) | 0; y = (y + b + 3) | 0;
  x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + b) | 0; y = (y + c + 4) | 0;
  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  out[at] = x + c;
  out[at + 1] = y + a + 5;
}

/** Anything {@link Random.shuffle} can reorder in place. */
export interface Shufflable<T> {
  readonly length: number;
  [index: number]: T;
}

/**
 * Random numbers in sequence: draw n is word n of the stream `bits64(seed, …)`, so (seed, counter) is the whole state and
 * `new Random(random.seed, random.counter)` goes on where `random` stands. Give each purpose its own {@link derive}d seed.
 */
export class Random {
  readonly seed: Seed;
  readonly #block = new Uint32Array(2);
  #counter: number;

  /** Starts after `counter` drawn words. `E_BAD_OPTION` if the seed is a number that is no safe integer, or the counter is none or negative. */
  constructor(seed: Seed | number | string, counter = 0) {
    if (!Number.isSafeInteger(counter) || counter < 0) {
      throw new NearError("E_BAD_OPTION", `counter is ${show(counter)}; it must be an integer of at least 0`, { counter });
    }
    this.seed = typeof seed === "object" ? seed : seedFrom(seed);
    this.#counter = counter;
    if (counter % 2 === 1) this.#load();
  }

  /** How many 32-bit words have been drawn. */
  get counter(): number {
    return this.#counter;
  }

  /** An integer from 0 to 2³² − 1, each equally likely. */
  uint32(): number {
    const half = this.#counter % 2;
    if (half === 0) this.#load();
    this.#counter++;
    return this.#block[half];
  }

  /** An integer from 0 to n − 1, each exactly equally likely (by rejection). `E_BAD_OPTION` unless n is an integer from 1 to 2³². */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new NearError("E_BAD_OPTION", `n is ${show(n)}; it must be an integer from 1 to 4294967296`, { n });
    }
    const limit = TWO_32 - (TWO_32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** A multiple of 2⁻⁵³ in [0, 1), each equally likely. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Puts the elements in random order, every order equally likely (Fisher and Yates; Knuth, TAOCP 2, algorithm 3.4.2P). */
  shuffle<T>(array: Shufflable<T>): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const moved = array[i];
      array[i] = array[j];
      array[j] = moved;
    }
  }

  /** `count` different integers from 0 to n − 1, in random order: E_BAD_OPTION unless 0 ≤ count ≤ n < 2³². */
  choose(n: number, count: number): Uint32Array {
    if (!Number.isInteger(n) || n >= TWO_32 || !Number.isInteger(count) || count < 0 || count > n) {
      throw new NearError("E_BAD_OPTION", `cannot choose ${show(count)} of ${show(n)}; give integers, the first from 0 to the second`, {
        n,
        count,
      });
    }
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    // The first steps of a shuffle from the front (Knuth, volume 2, section 3.4.2, algorithm P).
    for (let i = 0; i < count; i++) {
      const j = i + this.below(n - i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order.subarray(0, count);
  }

  /** The numbers 0 … n − 1 in random order. `E_BAD_OPTION` unless n is an integer from 0 to 2³² − 1. */
  permutation(n: number): Uint32Array {
    if (!Number.isInteger(n) || n < 0 || n >= TWO_32) {
      throw new NearError("E_BAD_OPTION", `n is ${show(n)}; it must be an integer from 0 to 4294967295`, { n });
    }
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    this.shuffle(order);
    return order;
  }

  #load(): void {
    const block = Math.floor(this.#counter / 2);
    bits64(this.seed, block >>> 0, Math.floor(block / TWO_32), this.#block);
  }
}

const TWO_32 = 4294967296;
const PARITY = 0x1bd11bda; // C240 of the Threefish key schedule, its low half, as in Salmon et al. 2011
const ROOT: Seed = { lo: 0x6e656172, hi: 0x74730001 }; // "nearts", version 1 of the scheme

// Seeds are made under keys unlike any stream's own, so that no child is a word of its parent's stream.
const NUMBER_KEY = 0x243f6a88; // digits of π
const TEXT_KEY = 0x85a308d3;

function child(parent: Seed, label: string | number): Seed {
  if (typeof label === "string") return childOfText(parent, label);
  if (!Number.isSafeInteger(label)) {
    throw new NearError("E_BAD_OPTION", `seed or label is ${show(label)}; it must be a safe integer or a text`, { seed: label });
  }
  return step({ lo: (parent.lo ^ NUMBER_KEY) >>> 0, hi: parent.hi }, label >>> 0, Math.floor(label / TWO_32) >>> 0);
}

/** Chains the cipher over the UTF-16 code units, each with its position, and closes with the length so that no text is a prefix of another. */
function childOfText(parent: Seed, text: string): Seed {
  let seed: Seed = { lo: (parent.lo ^ TEXT_KEY) >>> 0, hi: parent.hi };
  for (let i = 0; i < text.length; i++) seed = step(seed, text.charCodeAt(i), i);
  return step(seed, text.length, 0xffffffff);
}

function step(key: Seed, i: number, j: number): Seed {
  const out = new Uint32Array(2);
  bits64(key, i, j, out);
  return { lo: out[0], hi: out[1] };
}
