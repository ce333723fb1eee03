import { bits64, derive, type Seed, seedFrom } from "../core/random.js";
import { rowAt, type SetRows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import type { KernelBuild } from "../kernels/contract.js";
import { mixedWords, sourcesOf, stirred } from "../kernels/reference-min-hash.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";

/** How values are made: "one" order of all members for every 128 of them, or a "classic" order of its own for each. */
export type Permutations = "one" | "classic";

/** What stands for the least member of an empty set: no member has it. */
export const noValue = 0xffffffff;

/** Values of a block of one order. */
const bins = 128;
const tableWords = 4 * 256 * 4 + 4 * 256 * 2;

/** The two least values of a set under each order; the second is {@link noValue} where there is none. */
export interface TwoLeast {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

/**
 * The least members of sets under random orders (Broder 1997): two sets have an equal value with the probability of their Jaccard similarity. A value's low
 * bits are uniform; two members have one value with probability 2⁻³².
 *
 * One order: cut into 128 bins, the least of each (Li, Owen & Zhang 2012), empty bins filled from others by a rule that keeps this probability (Mai et al. 2020,
 * "On densification for minwise hashing"). Members are hashed by mixed tabulation, with which bins are as good as truly random (Dahlgaard et al. 2015).
 */
export class MinValues {
  readonly count: number;
  readonly #permutations: Permutations;
  /** Values computed: the count, rounded up to whole blocks. */
  readonly #width: number;
  readonly #memory: PlaneMemory;
  readonly #tables: number;
  readonly #keys: number;

  /** E_MEMORY where the machine has no room. */
  constructor(count: number, permutations: Permutations, seed: number | string, build: KernelBuild = bestBuild()) {
    this.count = count;
    this.#permutations = permutations;
    this.#width = permutations === "one" ? Math.ceil(count / bins) * bins : Math.ceil(count / 4) * 4;
    const keyWords = permutations === "one" ? (this.#width / bins) * 4 : this.#width * 2;
    this.#memory = planeMemory(build);
    this.#tables = this.#memory.allocate((tableWords + keyWords) * 4, this);
    this.#keys = this.#tables + tableWords * 4;
    const { u32 } = this.#memory.arena.views();
    const root = derive(seedFrom(seed), "min-wise");
    fillWords(u32.subarray(this.#tables >>> 2, this.#keys >>> 2), derive(root, "tables"));
    const keys = u32.subarray(this.#keys >>> 2, (this.#keys >>> 2) + keyWords);
    // The words of a value's order depend on its own number only, so that fewer values are the first of more.
    if (permutations === "one") fillWords(keys, derive(root, "keys"));
    else {
      fillWords(keys.subarray(0, this.#width), derive(root, "keys"));
      fillWords(keys.subarray(this.#width), derive(root, "factors"));
    }
    for (let i = 0; i < keyWords; i++) if (permutations === "one" ? i % 2 === 1 : i >= this.#width) keys[i] |= 1;
  }

  /** From one row to the next in what {@link MinValues.of} returns. */
  get stride(): number {
    return this.#width;
  }

  /** The values of rows from … to), `stride` apart: valid until anyone asks for values again. */
  of({ offsets, members }: SetRows, from: number, to: number): Uint32Array {
    const [first, last] = [offsets[from], offsets[to]];
    const rows = to - from;
    const scratch = this.#memory.scratch((last - first + rows + 1 + rows * this.#width) * 4 + 16);
    const at = { members: scratch, offsets: scratch + (last - first) * 4, out: 0 };
    at.out = (at.offsets + (rows + 1) * 4 + 15) & ~15;
    const { arena } = this.#memory;
    const { u32 } = arena.views();
    u32.set(members.subarray(first, last), at.members >>> 2);
    for (let r = 0; r <= rows; r++) u32[(at.offsets >>> 2) + r] = offsets[from + r] - first;
    const { kernels } = arena;
    if (this.#permutations === "one")
      kernels.minHashFast(this.#tables, this.#keys, this.#width / bins, at.members, at.offsets, rows, at.out);
    else kernels.minHashClassic(this.#tables, this.#keys, this.#width, at.members, at.offsets, rows, at.out);
    return u32.subarray(at.out >>> 2, (at.out >>> 2) + rows * this.#width);
  }

  /** The two least values of the only row, for probes of a query: in plain TypeScript, the first as {@link MinValues.of} gives them. */
  twoOf(query: SetRows): TwoLeast {
    const two = { first: new Uint32Array(this.#width).fill(noValue), second: new Uint32Array(this.#width).fill(noValue) };
    const { u32 } = this.#memory.arena.views();
    const keys = u32.subarray(this.#keys >>> 2);
    for (const member of rowAt<"set">(query, 0).members) {
      const [low, high] = mixedWords(u32, this.#tables >>> 2, member);
      if (this.#permutations === "one") placeInBins(two, keys, low, high);
      else for (let v = 0; v < this.#width; v++) offer(two, v, stirred(Math.imul(low ^ keys[v], keys[this.#width + v])));
    }
    if (this.#permutations === "one" && query.offsets[1] > query.offsets[0]) fillEmpty(two, keys);
    return two;
  }
}

function fillWords(words: Uint32Array, seed: Seed): void {
  for (let i = 0; i < words.length; i += 2) bits64(seed, i, 0, words, i);
}

function offer({ first, second }: TwoLeast, v: number, value: number): void {
  if (value < first[v]) {
    second[v] = first[v];
    first[v] = value;
  } else if (value < second[v] && value !== first[v]) second[v] = value;
}

function placeInBins(two: TwoLeast, keys: Uint32Array, low: number, high: number): void {
  for (let b = 0; b * bins < two.first.length; b++) {
    const bin = Math.imul(low ^ keys[b * 4], keys[b * 4 + 1]) >>> 25;
    offer(two, b * bins + bin, Math.min(stirred(Math.imul(high ^ keys[b * 4 + 2], keys[b * 4 + 3])), noValue - 1));
  }
}

function fillEmpty({ first, second }: TwoLeast, keys: Uint32Array): void {
  for (let b = 0; b * bins < first.length; b++) {
    const block = first.subarray(b * bins, (b + 1) * bins);
    const sources = sourcesOf(
      Array.from(block, (value) => value !== noValue),
      keys[b * 4],
    );
    sources.forEach((from, to) => {
      first[b * bins + to] = first[b * bins + from];
      second[b * bins + to] = second[b * bins + from];
    });
  }
}
