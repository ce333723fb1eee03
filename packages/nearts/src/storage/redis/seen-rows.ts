const leastSlots = 256;

/** Numbers rows in order of first appearance: a table of the few rows that one query meets, whatever their numbers are. */
export class SeenRows {
  count = 0;
  #rows: Uint32Array = new Uint32Array(leastSlots);
  /** Open addressing: place in `#rows` plus one, 0 where free. */
  #slots: Uint32Array = new Uint32Array(leastSlots * 2);

  clear(): void {
    this.count = 0;
    this.#slots.fill(0);
  }

  /** The row that has this number. */
  at(number: number): number {
    return this.#rows[number];
  }

  /** The number of a row; a new one, the `count` before the call, where it was not seen yet. */
  number(row: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(row, 0x9e3779b1) >>> 7) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) if (this.#rows[this.#slots[slot] - 1] === row) return this.#slots[slot] - 1;
    if (this.count === this.#rows.length) {
      this.#grow();
      return this.number(row);
    }
    this.#rows[this.count] = row;
    this.#slots[slot] = ++this.count;
    return this.count - 1;
  }

  #grow(): void {
    const rows = this.#rows;
    this.#rows = new Uint32Array(rows.length * 2);
    this.#slots = new Uint32Array(rows.length * 4);
    const { count } = this;
    this.count = 0;
    for (let i = 0; i < count; i++) this.number(rows[i]);
  }
}
