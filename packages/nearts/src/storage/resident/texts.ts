import { room } from "../../core/columns.js";
import { type Dump, pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import { dataLimits } from "../../core/json.js";
import { isJson } from "../../core/json-bytes.js";

/** Chunks double what is held from the smallest on up to the largest. */
const leastBytes = 1 << 12;
const chunkBytes = 1 << 20;
/** Longest text: of each UTF-16 unit at most 3 bytes. */
const longestText = dataLimits.characters * 3;

/** Where the JSON texts of data are, by row. */
export interface RowTexts {
  /** Bytes of memory. */
  readonly bytes: number;
  /** Bytes of memory that so many more bytes of text would add. */
  growth(bytes: number): number;
  /** Text of a row, or undefined. */
  get(row: number): string | undefined;
  set(row: number, text: string | undefined): void;
  delete(row: number): void;
}

/** JSON texts by row, as UTF-8 outside the JavaScript heap, whose size is limited. */
export class Texts implements RowTexts {
  #chunks: Uint8Array[] = [];
  /** Chunk of each row's text plus one (0 where there is none), offset in it, and length in bytes. */
  #chunkOf: Uint32Array = new Uint32Array(0);
  #offsets: Uint32Array = new Uint32Array(0);
  #lengths: Uint32Array = new Uint32Array(0);
  #used = 0;
  #live = 0;
  #held = 0;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  get bytes(): number {
    return this.#held + this.#chunkOf.byteLength * 3;
  }

  growth(bytes: number): number {
    const last = this.#chunks[this.#chunks.length - 1];
    return last !== undefined && this.#used + bytes <= last.length ? 0 : this.#chunkFor(bytes);
  }

  get(row: number): string | undefined {
    if (!(this.#chunkOf[row] > 0)) return undefined;
    const chunk = this.#chunks[this.#chunkOf[row] - 1];
    return this.#decoder.decode(chunk.subarray(this.#offsets[row], this.#offsets[row] + this.#lengths[row]));
  }

  set(row: number, text: string | undefined): void {
    this.delete(row);
    if (text === undefined) return;
    this.#chunkOf = room(this.#chunkOf, row + 1);
    this.#offsets = room(this.#offsets, row + 1);
    this.#lengths = room(this.#lengths, row + 1);
    this.#append(row, this.#encoder.encode(text));
    this.#live += this.#lengths[row];
  }

  delete(row: number): void {
    if (!(this.#chunkOf[row] > 0)) return;
    this.#live -= this.#lengths[row];
    this.#chunkOf[row] = 0;
    if (this.#held > 4 * chunkBytes && this.#live * 2 < this.#held) this.#compact();
  }

  /** How many bytes (u32) the text of each row below `rows` has, 0 for none; then the texts of all. Null where no row has one. */
  dump(rows: number): Dump | null {
    if (this.#live === 0) return null;
    let bytes = rows * 4;
    for (let row = 0; row < rows; row++) bytes += this.#lengthOf(row);
    return { bytes, pieces: () => this.#pieces(rows) };
  }

  /** Takes what `dump` gave, where there are no texts. Rows that are not `live` have none. */
  async restore(live: Uint8Array, rows: number, supply: Supply): Promise<void> {
    const lengths = await supply.words(rows);
    this.#chunkOf = new Uint32Array(rows);
    this.#offsets = new Uint32Array(rows);
    for (let from = 0; from < rows; ) {
      let [to, bytes] = [from, 0];
      for (; to < rows && (bytes === 0 || bytes + lengths[to] <= chunkBytes); to++) {
        if (lengths[to] > longestText) supply.refuse(`the data of row ${to} have ${lengths[to]} bytes, at most ${longestText} are kept`);
        if (lengths[to] > 0 && live[to] === 0) supply.refuse(`row ${to} has data and holds no vector`);
        bytes += lengths[to];
      }
      if (bytes > 0) await this.#restoreChunk(lengths, from, to, bytes, supply);
      from = to;
    }
    this.#lengths = lengths;
  }

  async #restoreChunk(lengths: Uint32Array, from: number, to: number, bytes: number, supply: Supply): Promise<void> {
    const chunk = await supply.bytes(bytes);
    this.#chunks.push(chunk);
    this.#held += bytes;
    this.#live += bytes;
    this.#used = bytes;
    for (let row = from, at = 0; row < to; at += lengths[row++]) {
      if (lengths[row] === 0) continue;
      if (!isJson(chunk, at, at + lengths[row])) supply.refuse(`the data of row ${row} are no JSON as it is kept`);
      this.#chunkOf[row] = this.#chunks.length;
      this.#offsets[row] = at;
    }
  }

  #lengthOf(row: number): number {
    return this.#chunkOf[row] > 0 ? this.#lengths[row] : 0;
  }

  *#pieces(rows: number): Iterable<Uint8Array> {
    const some = new Uint32Array(pieceBytes / 4);
    for (let from = 0; from < rows; from += some.length) {
      const count = Math.min(some.length, rows - from);
      for (let i = 0; i < count; i++) some[i] = this.#lengthOf(from + i);
      yield* piecesOf(some.subarray(0, count));
    }
    for (let row = 0; row < rows; row++) {
      if (!(this.#chunkOf[row] > 0)) continue;
      const from = this.#offsets[row];
      yield* piecesOf(this.#chunks[this.#chunkOf[row] - 1].subarray(from, from + this.#lengths[row]));
    }
  }

  #chunkFor(bytes: number): number {
    return Math.max(Math.min(chunkBytes, Math.max(leastBytes, this.#held)), bytes);
  }

  #append(row: number, bytes: Uint8Array): void {
    if (this.#chunks.length === 0 || this.#used + bytes.length > this.#chunks[this.#chunks.length - 1].length) {
      const size = this.#chunkFor(bytes.length);
      this.#chunks.push(new Uint8Array(size));
      this.#held += size;
      this.#used = 0;
    }
    this.#chunks[this.#chunks.length - 1].set(bytes, this.#used);
    this.#chunkOf[row] = this.#chunks.length;
    this.#offsets[row] = this.#used;
    this.#lengths[row] = bytes.length;
    this.#used += bytes.length;
  }

  #compact(): void {
    const old = this.#chunks;
    this.#chunks = [];
    this.#held = 0;
    this.#used = 0;
    for (let row = 0; row < this.#chunkOf.length; row++) {
      if (this.#chunkOf[row] === 0) continue;
      this.#append(row, old[this.#chunkOf[row] - 1].subarray(this.#offsets[row], this.#offsets[row] + this.#lengths[row]));
    }
  }
}
