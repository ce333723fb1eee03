import { createArena } from "../kernels/arena.js";
import { learnedChoice, type Width } from "./code-books.js";
import type { Steps } from "./steps.js";

/** Entries of a group: 4 bits. */
const entryCount = 16;
const rounds = 10;
/** Rows compared with all entries between pauses. */
const rowsAtOnce = 1024;

/**
 * Learns 16 entries for each group of `width` values by k-means (Lloyd 1982) on `count` rows of groups·width values: product quantisation (Jégou et al. 2011, section II)
 * with 4 bits a part. It starts from cells halved at their mean along the value that varies most there, so that a group with one large and one small variance gets
 * entries along the large one. Entries as in {@link CodeBooks}, those of width 1 ascending. In steps of a few milliseconds.
 */
export function* trainBooks(rows: Float32Array, count: number, width: Width, groups: number): Steps<Float32Array> {
  const entries = new Float32Array(groups * width * entryCount);
  const group = new Group(count, width);
  for (let g = 0; g < groups; g++) {
    group.take(rows, groups * width, g * width);
    entries.set(group.start(), g * width * entryCount);
    yield;
  }
  const all = new Rounds(rows, count, width, groups);
  for (let round = 0; round < rounds; round++) yield* all.improve(entries);
  for (let g = 0; width === 1 && g < groups; g++) entries.subarray(g * entryCount, (g + 1) * entryCount).sort();
  return entries;
}

/** All rows and what is chosen for them, in an arena of their own. */
class Rounds {
  readonly #arena = createArena();
  readonly #rows: Float32Array;
  readonly #count: number;
  readonly #width: Width;
  readonly #groups: number;
  /** Byte offsets behind the rows. */
  readonly #table: number;
  readonly #chosen: number;
  /** Of the values in each cell, where the cell's entry is in the entries; and how many there are, by group and entry. */
  readonly #sums: Float64Array;
  readonly #sizes: Uint32Array;

  constructor(rows: Float32Array, count: number, width: Width, groups: number) {
    this.#rows = rows;
    this.#count = count;
    this.#width = width;
    this.#groups = groups;
    this.#table = count * groups * width * 4;
    this.#chosen = this.#table + groups * (width + 1) * entryCount * 4;
    this.#sums = new Float64Array(groups * width * entryCount);
    this.#sizes = new Uint32Array(groups * entryCount);
    this.#arena.ensure(this.#chosen + rowsAtOnce * groups);
    this.#arena.views().f32.set(rows.subarray(0, count * groups * width));
  }

  /** One round: the values of each group to their nearest entry, each entry to the mean of its values; one that has none stays where it is. */
  *improve(entries: Float32Array): Steps<void> {
    const { values, factor } = learnedChoice(this.#width, entries);
    this.#arena.views().f32.set(values, this.#table >>> 2);
    this.#sums.fill(0);
    this.#sizes.fill(0);
    for (let from = 0; from < this.#count; from += rowsAtOnce) {
      this.#add(from, Math.min(this.#count, from + rowsAtOnce), factor);
      yield;
    }
    const width = this.#width;
    for (let e = 0; e < entries.length; e++) {
      const size = this.#sizes[Math.floor(e / (width * entryCount)) * entryCount + (e % entryCount)];
      if (size > 0) entries[e] = this.#sums[e] / size;
    }
  }

  #add(from: number, to: number, factor: number): void {
    const [width, groups] = [this.#width, this.#groups];
    const apart = groups * width;
    this.#arena.kernels.choose(from * apart * 4, to - from, apart, this.#table, width, groups, factor, this.#chosen);
    const chosen = this.#arena.views().u8.subarray(this.#chosen);
    for (let r = from, c = 0, at = from * apart; r < to; r++) {
      for (let g = 0; g < groups; g++, c++) {
        this.#sizes[g * entryCount + chosen[c]]++;
        for (let i = 0; i < width; i++) this.#sums[(g * width + i) * entryCount + chosen[c]] += this.#rows[at++];
      }
    }
  }
}

/** The points of one group, and the means of its cells. */
class Group {
  readonly #count: number;
  readonly #width: Width;
  readonly #points: Float64Array;
  /** Centroid j has the values centroids[j·width + i]. */
  readonly #centroids: Float64Array;
  readonly #cells: Uint8Array;
  readonly #sums: Float64Array;
  readonly #sizes = new Uint32Array(entryCount);

  constructor(count: number, width: Width) {
    this.#count = count;
    this.#width = width;
    this.#points = new Float64Array(count * width);
    this.#centroids = new Float64Array(entryCount * width);
    this.#cells = new Uint8Array(count);
    this.#sums = new Float64Array(entryCount * width);
  }

  take(rows: Float32Array, apart: number, first: number): void {
    for (let r = 0, at = 0; r < this.#count; r++) {
      for (let i = 0; i < this.#width; i++) this.#points[at++] = rows[r * apart + first + i];
    }
  }

  /** The entries to begin with: the means of 16 cells. */
  start(): Float32Array {
    this.#cells.fill(0);
    this.#centroids.fill(0);
    this.#move();
    for (let cells = 1; cells < entryCount; cells *= 2) {
      this.#halve(cells);
      this.#move();
    }
    const width = this.#width;
    return Float32Array.from(
      { length: width * entryCount },
      (_, e) => this.#centroids[(e % entryCount) * width + Math.floor(e / entryCount)],
    );
  }

  /** Centroids to the means of their cells; one whose cell is empty stays where it is. */
  #move(): void {
    const width = this.#width;
    this.#sums.fill(0);
    this.#sizes.fill(0);
    for (let r = 0, at = 0; r < this.#count; r++) {
      const cell = this.#cells[r];
      this.#sizes[cell]++;
      for (let i = 0; i < width; i++) this.#sums[cell * width + i] += this.#points[at++];
    }
    for (let j = 0; j < entryCount * width; j++) {
      const size = this.#sizes[Math.floor(j / width)];
      if (size > 0) this.#centroids[j] = this.#sums[j] / size;
    }
  }

  /** Cell j becomes the cells j and j + `cells`. */
  #halve(cells: number): void {
    const width = this.#width;
    const spread = new Float64Array(cells * width);
    for (let r = 0; r < this.#count; r++) {
      const at = this.#cells[r] * width;
      for (let i = 0; i < width; i++) spread[at + i] += (this.#points[r * width + i] - this.#centroids[at + i]) ** 2;
    }
    const widest = Uint8Array.from({ length: cells }, (_, cell) => {
      let best = 0;
      for (let i = 1; i < width; i++) if (spread[cell * width + i] > spread[cell * width + best]) best = i;
      return best;
    });
    this.#centroids.copyWithin(cells * width, 0, cells * width);
    for (let r = 0; r < this.#count; r++) {
      const cell = this.#cells[r];
      const i = widest[cell];
      if (this.#points[r * width + i] > this.#centroids[cell * width + i]) this.#cells[r] = cell + cells;
    }
  }
}
