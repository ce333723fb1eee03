import type { Width } from "./code-books.js";
import type { Steps } from "./steps.js";

/** Entries of a group: 4 bits. */
const entryCount = 16;
const rounds = 10;

/**
 * Learns 16 entries for each group of `width` values by k-means (Lloyd 1982) on `count` rows of groups·width values: product quantisation (Jégou et al. 2011, section II)
 * with 4 bits a part. It starts from cells halved at their mean along the value that varies most there, so that a group with one large and one small variance gets
 * entries along the large one. Entries as in {@link CodeBooks}, those of width 1 ascending. One round of a group a step.
 */
export function* trainBooks(rows: Float32Array, count: number, width: Width, groups: number): Steps<Float32Array> {
  const entries = new Float32Array(groups * width * entryCount);
  const group = new Group(count, width);
  for (let g = 0; g < groups; g++) {
    group.take(rows, groups * width, g * width);
    group.start();
    yield;
    for (let round = 0; round < rounds; round++) {
      group.improve();
      yield;
    }
    entries.set(group.entries(), g * width * entryCount);
  }
  return entries;
}

/** The points of one group, and its centroids. */
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

  start(): void {
    this.#cells.fill(0);
    this.#centroids.fill(0);
    this.#move();
    for (let cells = 1; cells < entryCount; cells *= 2) {
      this.#halve(cells);
      this.#move();
    }
  }

  /** One round: each point to its nearest centroid, each centroid to the mean of its points. */
  improve(): void {
    if (this.#width === 1) this.#assignOne();
    else if (this.#width === 2) this.#assignTwo();
    else this.#assignFour();
    this.#move();
  }

  entries(): Float32Array {
    const width = this.#width;
    const out = new Float32Array(width * entryCount);
    if (width === 1) this.#centroids.sort();
    for (let j = 0; j < entryCount; j++) for (let i = 0; i < width; i++) out[i * entryCount + j] = this.#centroids[j * width + i];
    return out;
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

  #assignOne(): void {
    const c = this.#centroids;
    for (let r = 0; r < this.#count; r++) {
      const x = this.#points[r];
      let best = 0;
      let smallest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < entryCount; j++) {
        const gap = Math.abs(x - c[j]);
        if (gap < smallest) {
          smallest = gap;
          best = j;
        }
      }
      this.#cells[r] = best;
    }
  }

  #assignTwo(): void {
    const c = this.#centroids;
    for (let r = 0, at = 0; r < this.#count; r++, at += 2) {
      const x = this.#points[at];
      const y = this.#points[at + 1];
      let best = 0;
      let smallest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < 2 * entryCount; j += 2) {
        const gap = (x - c[j]) * (x - c[j]) + (y - c[j + 1]) * (y - c[j + 1]);
        if (gap < smallest) {
          smallest = gap;
          best = j >>> 1;
        }
      }
      this.#cells[r] = best;
    }
  }

  #assignFour(): void {
    const c = this.#centroids;
    for (let r = 0, at = 0; r < this.#count; r++, at += 4) {
      let best = 0;
      let smallest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < 4 * entryCount; j += 4) {
        let gap = 0;
        for (let i = 0; i < 4; i++) gap += (this.#points[at + i] - c[j + i]) * (this.#points[at + i] - c[j + i]);
        if (gap < smallest) {
          smallest = gap;
          best = j >>> 2;
        }
      }
      this.#cells[r] = best;
    }
  }
}
