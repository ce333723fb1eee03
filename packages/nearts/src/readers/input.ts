import { type Room, roomFor } from "./room.js";

/** Bytes that are read at once, at least and at most: few trips to the disk, and no more memory than a chunk of rows takes. */
const LEAST_READ = 2 ** 18;
const MOST_READ = 2 ** 23;

/** The bytes of a file that have arrived and are not yet used, in one piece. It grows with what arrives, never with what is asked for. */
export class Input {
  #room = roomFor(256);
  #start = 0;
  #end = 0;
  #skipped = 0;
  #ended = false;
  #needed = 1;
  #size: number | null = null;

  /** Bytes that are here. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Where in the file the next byte stands. */
  get offset(): number {
    return this.#skipped;
  }

  /** Whether no more will arrive. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of the file that are not yet used, here or not; null where nobody knows. A file that changes has others. */
  get left(): number | null {
    return this.#size === null ? null : Math.max(this.#size - this.#skipped, this.length);
  }

  /** Bytes that are best read next: they end where the bytes that were needed last do, or would, were as many needed again. */
  get wanted(): number {
    const missing = this.#needed - (this.length % this.#needed);
    return Math.min(Math.max(missing, LEAST_READ), MOST_READ);
  }

  /** Adds the next bytes of the file; views taken before are stale. */
  push(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#room.bytes.length) this.#makeRoom(piece.length);
    this.#room.bytes.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** Adds the first `count` bytes of a room as the next of the file, without copying them where none are waiting. Returns a room to read into, this or another. */
  take(room: Room, count: number): Room {
    if (this.length > 0) {
      this.push(room.bytes.subarray(0, count));
      return room;
    }
    const used = this.#room;
    this.#room = room;
    this.#start = 0;
    this.#end = count;
    return used;
  }

  end(): void {
    this.#ended = true;
  }

  /** Tells how many bytes the file has in all. */
  tellSize(bytes: number): void {
    this.#size = bytes;
  }

  /** All bytes that are here: a view, valid until the next step that asks for more. */
  bytes(): Uint8Array {
    return this.#room.bytes.subarray(this.#start, this.#end);
  }

  /** Closes up `count` rows as the kernel of that name does, from the first byte on. */
  closeUp(count: number, words: number, lead: number, dim: number, floats: number): number {
    if (this.#start % 4 !== 0) this.#toFront();
    return this.#room.closeUp(this.#start, count, words, lead, dim, floats);
  }

  /** Drops the first `count` bytes, which must be here. */
  skip(count: number): void {
    this.#start += count;
    this.#skipped += count;
  }

  /** Asks for more until `count` bytes are here or the file ends; says whether they are here. */
  *need(count: number): Generator<null, boolean, undefined> {
    this.#needed = Math.max(count, 1);
    while (this.length < count && !this.#ended) yield null;
    return this.length >= count;
  }

  #makeRoom(more: number): void {
    const wanted = this.length + more;
    const room = wanted <= this.#room.bytes.length ? this.#room : roomFor(Math.max(wanted, this.#room.bytes.length * 2));
    room.bytes.set(this.bytes());
    this.#end = this.length;
    this.#start = 0;
    this.#room = room;
  }

  #toFront(): void {
    this.#room.bytes.copyWithin(0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
  }
}
