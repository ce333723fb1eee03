import { openFile } from "#platform";
import { isGzip, unzipped } from "./gunzip.js";
import type { Input } from "./input.js";
import { roomFor } from "./room.js";
import { type ByteSource, type Meter, piecesOf, type Source, unlessAborted } from "./source.js";

/** Brings an input its bytes: those of a source, unpacked where it is gzipped. */
export interface Supply {
  /** Adds some bytes to the input, or ends it; rejects with the signal's reason as soon as it is aborted. */
  feed(input: Input): Promise<void>;
  /** Closes the source; waits for it unless the signal is aborted. */
  close(): Promise<void>;
}

/** Bytes of the first read of a file, and of all where it is gzipped. */
const FIRST_READ = 2 ** 18;

/** Bytes that tell whether a file is gzipped. */
const HEAD_BYTES = 3;

/** What brings the bytes of a source. `leaving` is the controller of the signal that ends the reading; `meter` counts the source's own bytes. */
export function supplyOf(source: Source, meter: Meter, leaving: AbortController): Supply {
  return typeof source === "string" ? new FileSupply(source, meter, leaving) : new PieceSupply(source, undefined, meter, leaving);
}

/** Bytes that come in pieces, and are copied. */
class PieceSupply implements Supply {
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;

  constructor(source: ByteSource, file: string | undefined, meter: Meter, leaving: AbortController) {
    this.#pieces = unzipped(piecesOf(source, meter, leaving.signal), file, leaving);
  }

  async feed(input: Input): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done === true) input.end();
    else input.push(value);
  }

  async close(): Promise<void> {
    await this.#pieces.return();
  }
}

/** The bytes of a file, which are read straight to where they are used, one read ahead of the input. */
class FileSupply implements Supply {
  readonly #path: string;
  readonly #meter: Meter;
  readonly #leaving: AbortController;
  readonly #file: ReturnType<typeof openFile>;
  #room = roomFor(FIRST_READ);
  #arriving: Promise<number>;
  #begun = false;
  #unpacking: Supply | null = null;

  constructor(path: string, meter: Meter, leaving: AbortController) {
    this.#path = path;
    this.#meter = meter;
    this.#leaving = leaving;
    this.#file = openFile(path);
    this.#arriving = this.#readHead();
    this.#arriving.catch(() => {});
  }

  async feed(input: Input): Promise<void> {
    if (this.#unpacking !== null) return this.#unpacking.feed(input);
    const count = await unlessAborted(this.#arriving, this.#leaving.signal);
    if (!this.#begun && this.#isGzipped(count)) return this.#unpack(count).feed(input);
    if (!this.#begun) await this.#begin(input);
    this.#meter.bytes += count;
    if (count === 0) return input.end();
    this.#room = input.take(this.#room, count);
    this.#readAhead(input.wanted);
  }

  async close(): Promise<void> {
    await this.#unpacking?.close();
    const closing = this.#file.then((file) => file.close()).catch(() => {});
    if (!this.#leaving.signal.aborted) await closing;
  }

  /** The disk works while whoever asked does; a failure is told when it is these bytes' turn. */
  #readAhead(bytes: number): void {
    if (this.#room.bytes.length < bytes) this.#room = roomFor(bytes);
    const into = this.#room.bytes.subarray(0, bytes);
    this.#arriving = this.#file.then((file) => file.read(into));
    this.#arriving.catch(() => {});
  }

  async #readHead(): Promise<number> {
    const file = await this.#file;
    const into = this.#room.bytes;
    let count = 0;
    for (let more = 1; count < HEAD_BYTES && more > 0; count += more) more = await file.read(into.subarray(count));
    return count;
  }

  async #begin(input: Input): Promise<void> {
    const { kind, size } = await this.#file;
    if (kind === "file") input.tellSize(size);
    this.#begun = true;
  }

  #isGzipped(count: number): boolean {
    return isGzip(this.#room.bytes.subarray(0, count), this.#path);
  }

  #unpack(count: number): Supply {
    this.#unpacking = new PieceSupply(this.#packed(count), this.#path, this.#meter, this.#leaving);
    return this.#unpacking;
  }

  /** The bytes as they are, from the first, each piece borrowed until the next is asked for. */
  async *#packed(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.#file;
    const into = this.#room.bytes;
    try {
      for (let some = count; some > 0; some = await file.read(into)) yield into.subarray(0, some);
    } finally {
      await file.close(); // a second time does nothing
    }
  }
}
