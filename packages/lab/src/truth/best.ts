/** The nearest `k` of what is offered; of equal distances the lower rows. A heap with the worst on top. */
export class Best {
  readonly #k: number;
  readonly #rows: Uint32Array;
  readonly #distances: Float64Array;
  #count = 0;

  constructor(k: number) {
    this.#k = k;
    this.#rows = new Uint32Array(k);
    this.#distances = new Float64Array(k);
  }

  offer(row: number, distance: number): void {
    if (this.#count < this.#k) this.#rise(this.#count++, row, distance);
    else if (this.#isWorse(0, row, distance)) this.#sink(row, distance);
  }

  /** Writes what is held, nearest first, from place `at` on. */
  into(rows: Uint32Array, distances: Float64Array, at: number): void {
    const order = Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) => this.#distances[a] - this.#distances[b] || this.#rows[a] - this.#rows[b],
    );
    for (const [i, place] of order.entries()) {
      rows[at + i] = this.#rows[place];
      distances[at + i] = this.#distances[place];
    }
  }

  /** Whether what is at a place is farther than this, or as far with a higher row. */
  #isWorse(place: number, row: number, distance: number): boolean {
    return this.#distances[place] > distance || (this.#distances[place] === distance && this.#rows[place] > row);
  }

  /** Puts a pair at the end, and moves down those above it that it is worse than. */
  #rise(end: number, row: number, distance: number): void {
    let place = end;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (this.#isWorse(above, row, distance)) break;
      this.#move(above, place);
      place = above;
    }
    this.#put(place, row, distance);
  }

  /** Puts a pair in the place of the worst, and moves up those below that are worse. */
  #sink(row: number, distance: number): void {
    let place = 0;
    for (let below = 1; below < this.#k; below = 2 * place + 1) {
      if (below + 1 < this.#k && this.#isWorse(below + 1, this.#rows[below], this.#distances[below])) below++;
      if (!this.#isWorse(below, row, distance)) break;
      this.#move(below, place);
      place = below;
    }
    this.#put(place, row, distance);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#rows[from], this.#distances[from]);
  }

  #put(place: number, row: number, distance: number): void {
    this.#rows[place] = row;
    this.#distances[place] = distance;
  }
}
