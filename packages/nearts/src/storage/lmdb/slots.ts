import { room } from "../../core/columns.js";

const nowhere = -1;

/**
 * Which row is in which of a bounded number of slots. A row goes into the slot of its own number where there is one that is free, so that while all rows fit
 * slots and rows have the same numbers; else where the clock's hand finds one not used since it last passed (CLOCK; Corbató 1968).
 */
export class Slots {
  readonly capacity: number;
  /** Whether every row is in the slot of its number. */
  direct = true;
  /** Slots in use. */
  count = 0;
  /** Slot of each row, row of each slot; −1 where there is none. */
  #slots: Int32Array = new Int32Array(0);
  #rows: Int32Array = new Int32Array(0);
  #used: Uint8Array = new Uint8Array(0);
  /** The part of work that a slot was last given or found for: it stays until the next. */
  #parts: Uint32Array = new Uint32Array(0);
  #part = 0;
  #hand = 0;
  /** Slots ever used are below it. */
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get bytes(): number {
    return this.#slots.byteLength + this.#rows.byteLength + this.#used.byteLength + this.#parts.byteLength;
  }

  /** Begins a part of work: what it finds and takes stays where it is until the next begins. */
  begin(): void {
    this.#part = (this.#part + 1) >>> 0;
  }

  /** Slot of a row that is to stay for this part, or −1. */
  find(row: number): number {
    if (row >= this.#slots.length) return nowhere;
    const slot = this.#slots[row];
    if (slot < 0) return nowhere;
    this.#used[slot] = 1;
    this.#parts[slot] = this.#part;
    return slot;
  }

  /** A slot for a row that has none, which stays for this part; −1 where all belong to this part. `leaving` is told which row left it, and its slot. */
  take(row: number, leaving: (slot: number) => void): number {
    const own = row < this.capacity && (row >= this.#rows.length || this.#rows[row] < 0);
    const slot = own ? row : this.#advance();
    if (slot < 0) return nowhere;
    this.#fit(row, slot);
    const before = this.#rows[slot];
    if (before >= 0) {
      leaving(slot);
      this.free(before);
    }
    this.count++;
    if (slot !== row) this.direct = false;
    this.#slots[row] = slot;
    this.#rows[slot] = row;
    this.#used[slot] = 1;
    this.#parts[slot] = this.#part;
    return slot;
  }

  /** Row in a slot. */
  rowOf(slot: number): number {
    return this.#rows[slot];
  }

  /** Empties a slot not used since the hand last passed, and not in this part; `leaving` is told which. False where there is none. */
  evict(leaving: (slot: number) => void): boolean {
    for (let seen = 0; seen < 2 * this.#end; seen++) {
      const slot = this.#pass(this.#end);
      if (this.#rows[slot] < 0 || !this.#leaves(slot)) continue;
      leaving(slot);
      this.free(this.#rows[slot]);
      return true;
    }
    return false;
  }

  /** Empties the slot of a row; says which it was, or −1. */
  free(row: number): number {
    const slot = row < this.#slots.length ? this.#slots[row] : nowhere;
    if (slot < 0) return nowhere;
    this.#slots[row] = nowhere;
    this.#rows[slot] = nowhere;
    this.count--;
    return slot;
  }

  #fit(row: number, slot: number): void {
    this.#end = Math.max(this.#end, slot + 1);
    if (row >= this.#slots.length) this.#slots = grown(this.#slots, row + 1);
    if (slot < this.#rows.length) return;
    this.#rows = grown(this.#rows, slot + 1);
    this.#used = room(this.#used, this.#rows.length);
    this.#parts = room(this.#parts, this.#rows.length);
  }

  /** The next slot that is free, or was not used since the hand last passed; −1 where there is none. */
  #advance(): number {
    const end = Math.min(this.capacity, this.#end + 1);
    for (let seen = 0; seen < 2 * end; seen++) {
      const slot = this.#pass(end);
      if (slot >= this.#end || this.#rows[slot] < 0 || this.#leaves(slot)) return slot;
    }
    return nowhere;
  }

  /** The hand's slot, which it passes. */
  #pass(end: number): number {
    const slot = this.#hand < end ? this.#hand : 0;
    this.#hand = slot + 1;
    return slot;
  }

  /** Whether what is in a slot may leave; if it was used it may the next time. */
  #leaves(slot: number): boolean {
    if (this.#parts[slot] === this.#part) return false;
    if (this.#used[slot] === 0) return true;
    this.#used[slot] = 0;
    return false;
  }
}

function grown(column: Int32Array, wanted: number): Int32Array {
  const copy = new Int32Array(Math.max(wanted, column.length + Math.max(16, column.length >>> 3)));
  copy.fill(nowhere, column.length);
  copy.set(column);
  return copy;
}
