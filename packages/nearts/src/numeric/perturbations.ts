import { NearError, show } from "../core/errors.js";

/**
 * Query-directed probing (Lv et al. 2007, "Multi-Probe LSH", section 4.4): the sets of perturbations of a query's keys, all tables
 * pooled, by ascending total score. The empty set, the query's own bucket, is not among them.
 *
 * A perturbation is one small change of a key at a price: for a binary hash the flip of bit j, its score the squared margin; for a discretised one
 * the step of slot j down or up, its score the squared distance to that border. A set that changes one coordinate twice is left out.
 *
 * Sets come in the order of (score, table, members), the members of a table being ordered by (score, place in its list). The score of a set is the sum of its
 * members' in that order. Nothing is allocated per set once the columns have grown to the longest enumeration asked for.
 */
export class Perturbations {
  // The perturbations of all tables, one table after the other, each sorted: score, coordinate and place in the list as it was given.
  #scores = new Float64Array(64);
  #coordinates = new Uint32Array(64);
  #places = new Uint32Array(64);
  #used = 0;

  // The tables, by the order of their adding.
  #names = new Uint32Array(16);
  #ends = new Uint32Array(16);
  #largest = new Uint32Array(16);
  #tables = 0;

  // Every set proposed so far: the set without its last member (or −1), that last member, its table, size and score. Sets share their beginnings.
  #parents: Int32Array;
  #lasts: Uint32Array;
  #homes: Uint32Array;
  #sizes: Uint32Array;
  #sums: Float64Array;
  #count = 0;

  // The proposed sets that have not been given out: a binary heap of their numbers.
  #heap: Uint32Array;
  #waiting = 0;

  #current = -1;
  #members = new Uint32Array(64);

  /** Room for `capacity` proposed sets, two for each set given out; it grows by doubling. `E_BAD_OPTION` unless it is a positive integer. */
  constructor(capacity = 256) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new NearError("E_BAD_OPTION", `capacity is ${show(capacity)}; it must be an integer of at least 1`, { capacity });
    }
    this.#parents = new Int32Array(capacity);
    this.#lasts = new Uint32Array(capacity);
    this.#homes = new Uint32Array(capacity);
    this.#sizes = new Uint32Array(capacity);
    this.#sums = new Float64Array(capacity);
    this.#heap = new Uint32Array(capacity);
  }

  /** Forgets the last query's tables. */
  begin(): void {
    this.#used = 0;
    this.#tables = 0;
    this.#count = 0;
    this.#waiting = 0;
    this.#current = -1;
  }

  /**
   * Adds the `count` perturbations of one table, in any order: `scores[i]` ≥ 0, and in `coordinates[i]` the coordinate that it changes
   * (`null` if each changes its own, as bit flips do). Both are copied. Sets have at most `largest` members, best as many as there are different
   * coordinates. Each table once, between `begin` and the first `next`. `E_BAD_OPTION` for a score that is negative or NaN.
   */
  addTable(
    table: number,
    scores: Float64Array | Float32Array,
    coordinates: ArrayLike<number> | null,
    count: number,
    largest: number = count,
  ): void {
    const start = this.#used;
    this.#reserve(start + count);
    for (let i = 0; i < count; i++) {
      const score = scores[i];
      if (!(score >= 0)) {
        throw new NearError("E_BAD_OPTION", `score ${i} of table ${table} is ${show(score)}; it must be at least 0`, { table, score });
      }
      this.#insert(start, start + i, score, coordinates === null ? i : coordinates[i], i);
    }
    if (this.#tables === this.#names.length) this.#growTables();
    this.#names[this.#tables] = table;
    this.#ends[this.#tables] = start + count;
    this.#largest[this.#tables] = largest;
    this.#used = start + count;
    this.#propose(-1, start, this.#tables++);
  }

  /** Goes to the next set; false when there is none left. */
  next(): boolean {
    if (this.#waiting === 0) return false;
    const set = this.#pop();
    this.#current = set;
    const after = this.#lasts[set] + 1;
    this.#propose(set, after, this.#homes[set]); // "expand"
    this.#propose(this.#parents[set], after, this.#homes[set]); // "shift"
    this.#listMembers(set);
    return true;
  }

  /** The table of the current set. This and the following are valid after a `next` that gave true, until the next call. */
  get table(): number {
    return this.#names[this.#homes[this.#current]];
  }

  /** The total score of the current set. */
  get score(): number {
    return this.#sums[this.#current];
  }

  /** How many perturbations the current set has, 1 or more. */
  get size(): number {
    return this.#sizes[this.#current];
  }

  /** In its first `size` places the current set's perturbations, as places in the list given for the table, by ascending score. */
  get members(): Uint32Array {
    return this.#members;
  }

  #listMembers(set: number): void {
    let member = set;
    for (let i = this.#sizes[set] - 1; i >= 0; i--) {
      this.#members[i] = this.#places[this.#lasts[member]];
      member = this.#parents[member];
    }
  }

  /** Puts a perturbation into its place among those from `start` on; the last free place is `end`. Equal scores keep their order. */
  #insert(start: number, end: number, score: number, coordinate: number, place: number): void {
    let at = end;
    for (; at > start && this.#scores[at - 1] > score; at--) {
      this.#scores[at] = this.#scores[at - 1];
      this.#coordinates[at] = this.#coordinates[at - 1];
      this.#places[at] = this.#places[at - 1];
    }
    this.#scores[at] = score;
    this.#coordinates[at] = coordinate;
    this.#places[at] = place;
  }

  /**
   * Proposes `parent` with one member more, the first from `from` on whose coordinate the parent leaves alone. So every proposed set can be given
   * out (the paper proposes them all, and throws away those that change a coordinate twice), and each has one predecessor that comes before it.
   */
  #propose(parent: number, from: number, home: number): void {
    if (parent >= 0 && this.#sizes[parent] === this.#largest[home]) return;
    const end = this.#ends[home];
    let last = from;
    while (last < end && this.#changes(parent, this.#coordinates[last])) last++;
    if (last === end) return;
    if (this.#count === this.#sums.length) this.#growSets();
    const set = this.#count++;
    this.#parents[set] = parent;
    this.#lasts[set] = last;
    this.#homes[set] = home;
    this.#sizes[set] = parent < 0 ? 1 : this.#sizes[parent] + 1;
    this.#sums[set] = (parent < 0 ? 0 : this.#sums[parent]) + this.#scores[last];
    this.#push(set);
  }

  #changes(set: number, coordinate: number): boolean {
    for (let member = set; member >= 0; member = this.#parents[member]) {
      if (this.#coordinates[this.#lasts[member]] === coordinate) return true;
    }
    return false;
  }

  /** Whether set a comes before set b: by score, then table, then members. */
  #before(a: number, b: number): boolean {
    if (this.#sums[a] !== this.#sums[b]) return this.#sums[a] < this.#sums[b];
    const homeA = this.#homes[a];
    const homeB = this.#homes[b];
    return homeA === homeB ? this.#sortsBefore(a, b) : this.#names[homeA] < this.#names[homeB];
  }

  /**
   * Lexicographic order of two waiting sets of one table, read from their ends: the first difference is the last one met.
   * There is one: no set waits together with a beginning of its own, which was given out before the set was proposed.
   */
  #sortsBefore(a: number, b: number): boolean {
    let x = a;
    let y = b;
    while (this.#sizes[x] > this.#sizes[y]) x = this.#parents[x];
    while (this.#sizes[y] > this.#sizes[x]) y = this.#parents[y];
    let before = false;
    while (x !== y) {
      if (this.#lasts[x] !== this.#lasts[y]) before = this.#lasts[x] < this.#lasts[y];
      x = this.#parents[x];
      y = this.#parents[y];
    }
    return before;
  }

  #push(set: number): void {
    let at = this.#waiting++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#before(set, this.#heap[above])) break;
      this.#heap[at] = this.#heap[above];
      at = above;
    }
    this.#heap[at] = set;
  }

  #pop(): number {
    const first = this.#heap[0];
    const moved = this.#heap[--this.#waiting];
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#waiting) break;
      if (below + 1 < this.#waiting && this.#before(this.#heap[below + 1], this.#heap[below])) below++;
      if (!this.#before(this.#heap[below], moved)) break;
      this.#heap[at] = this.#heap[below];
      at = below;
    }
    this.#heap[at] = moved;
    return first;
  }

  #reserve(perturbations: number): void {
    if (perturbations <= this.#scores.length) return;
    const size = Math.max(perturbations, 2 * this.#scores.length);
    this.#scores = enlarged(this.#scores, new Float64Array(size));
    this.#coordinates = enlarged(this.#coordinates, new Uint32Array(size));
    this.#places = enlarged(this.#places, new Uint32Array(size));
    this.#members = new Uint32Array(size);
  }

  #growTables(): void {
    const size = 2 * this.#names.length;
    this.#names = enlarged(this.#names, new Uint32Array(size));
    this.#ends = enlarged(this.#ends, new Uint32Array(size));
    this.#largest = enlarged(this.#largest, new Uint32Array(size));
  }

  #growSets(): void {
    const size = 2 * this.#sums.length;
    this.#parents = enlarged(this.#parents, new Int32Array(size));
    this.#lasts = enlarged(this.#lasts, new Uint32Array(size));
    this.#homes = enlarged(this.#homes, new Uint32Array(size));
    this.#sizes = enlarged(this.#sizes, new Uint32Array(size));
    this.#sums = enlarged(this.#sums, new Float64Array(size));
    this.#heap = enlarged(this.#heap, new Uint32Array(size));
  }
}

function enlarged<T extends Float64Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
