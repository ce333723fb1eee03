import { room } from "../../core/columns.js";
import type { Id } from "../../core/contracts.js";

const minimumSlots = 16;

/** Both directions between ids and rows, on typed arrays: a JS Map costs 58–86 bytes an entry and ends at 16.7 million. */
export class IdTable {
  /** Ids that are numbers, by row; NaN where the id is text or the row is free. */
  #numbers: Float64Array = new Float64Array(0);
  /** Ids that are text, by row; empty while all are numbers. */
  #texts: (string | undefined)[] = [];
  #textBytes = 0;
  /** Open addressing: row plus one, 0 where free. */
  #slots: Uint32Array = new Uint32Array(minimumSlots);
  #count = 0;

  get bytes(): number {
    return this.#numbers.byteLength + this.#slots.byteLength + this.#texts.length * 8 + this.#textBytes;
  }

  /** Row of an id, or −1. */
  find(id: Id): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread(id) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] - 1;
      if (row < 0 || this.#is(row, id)) return row;
    }
  }

  /** Whether a row has an id. */
  has(row: number): boolean {
    return !Number.isNaN(this.#numbers[row] ?? Number.NaN) || this.#texts[row] !== undefined;
  }

  /** The id of a row that has one. */
  at(row: number): Id {
    const number = this.#numbers[row];
    // A row without a number has a text: set() wrote one of the two.
    return Number.isNaN(number) ? (this.#texts[row] as string) : number;
  }

  /** Gives a free row a new id. */
  set(row: number, id: Id): void {
    const before = this.#numbers.length;
    this.#numbers = room(this.#numbers, row + 1);
    this.#numbers.fill(Number.NaN, before);
    this.#note(row, id);
    this.#count++;
    if (this.#count * 3 > this.#slots.length * 2) this.#rehash(this.#slots.length * 2);
    this.#place(row, id);
  }

  /** Makes room for `count` ids of rows below `rows`. */
  reserve(rows: number, count: number): void {
    const before = this.#numbers.length;
    this.#numbers = room(this.#numbers, rows);
    this.#numbers.fill(Number.NaN, before);
    let slots = this.#slots.length;
    while ((this.#count + count) * 3 > slots * 2) slots *= 2;
    if (slots > this.#slots.length) this.#rehash(slots);
  }

  /** Takes a column of ids that are numbers, by row (NaN for none), where there are no ids; the row of one that comes twice, or −1. The column is kept. */
  restore(numbers: Float64Array): number {
    this.#numbers = numbers;
    let count = 0;
    for (let row = 0; row < numbers.length; row++) if (!Number.isNaN(numbers[row])) count++;
    let slots = minimumSlots;
    while (count * 3 > slots * 2) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#count = count;
    for (let row = 0; row < numbers.length; row++) {
      const id = numbers[row];
      if (Number.isNaN(id)) continue;
      let slot = spread(id) & (slots - 1);
      for (; this.#slots[slot] !== 0; slot = (slot + 1) & (slots - 1)) if (numbers[this.#slots[slot] - 1] === id) return row;
      this.#slots[slot] = row + 1;
    }
    return -1;
  }

  /** As {@link IdTable.set}, where room was made, for an id that another row may have: then false, and nothing changed. */
  add(row: number, id: Id): boolean {
    const mask = this.#slots.length - 1;
    let slot = spread(id) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) if (this.#is(this.#slots[slot] - 1, id)) return false;
    this.#slots[slot] = row + 1;
    this.#count++;
    this.#note(row, id);
    return true;
  }

  /** Takes the id from a row. */
  delete(row: number): void {
    const id = this.at(row);
    this.#unplace(row, id);
    this.#numbers[row] = Number.NaN;
    if (typeof id === "string") {
      this.#texts[row] = undefined;
      this.#textBytes -= textBytes(id);
    }
    this.#count--;
  }

  /** Bytes that a new id takes. */
  static bytesOf(id: Id): number {
    return 14 + (typeof id === "string" ? 8 + textBytes(id) : 0);
  }

  #note(row: number, id: Id): void {
    if (typeof id === "number") {
      this.#numbers[row] = id;
      return;
    }
    while (this.#texts.length <= row) this.#texts.push(undefined);
    this.#texts[row] = id;
    this.#textBytes += textBytes(id);
  }

  #is(row: number, id: Id): boolean {
    return typeof id === "number" ? this.#numbers[row] === id : this.#texts[row] === id;
  }

  #place(row: number, id: Id): void {
    const mask = this.#slots.length - 1;
    let slot = spread(id) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #rehash(slots: number): void {
    const rows = this.#slots.filter((slot) => slot !== 0);
    this.#slots = new Uint32Array(slots);
    for (const row of rows) this.#place(row - 1, this.at(row - 1));
  }

  /** Frees a slot and moves up those that were pushed past it, so that no tombstones remain (Knuth, TAOCP 6.4, algorithm R). */
  #unplace(row: number, id: Id): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = spread(id) & mask;
    while (slots[hole] !== row + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = spread(this.at(slots[slot] - 1)) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot];
      hole = slot;
    }
    slots[hole] = 0;
  }
}

// V8 keeps a string of Latin characters in one byte each behind a header of 16; others take two.
function textBytes(id: string): number {
  return 16 + id.length;
}

function spread(id: Id): number {
  if (typeof id === "string") return finish(textHash(id));
  return finish(Math.imul(id | 0, 0x9e3779b1) ^ Math.floor(id / 4294967296));
}

/** FNV-1a over UTF-16 code units (Fowler, Noll, Vo). */
function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

function finish(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
