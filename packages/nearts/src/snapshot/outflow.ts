import { crc32 } from "#platform";
import type { Awaitable } from "../core/contracts.js";
import { pieceBytes } from "../core/dump.js";

/** Where bytes go: borrowed until it resolves. */
export type Sink = (bytes: Uint8Array) => Awaitable<unknown>;

/** Bytes that go to a sink together. */
const bufferBytes = 2 ** 20;

/** Gathers pieces for a sink, and computes the CRC-32 of what was put since it was last asked. */
export class Outflow {
  /** Bytes put so far. */
  bytes = 0;
  readonly #sink: Sink;
  readonly #buffer = new Uint8Array(bufferBytes);
  #used = 0;
  #hashed = 0;
  #crc = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Adds a piece of at most {@link pieceBytes} bytes, which is copied at once. What it returns is to be waited for before the next one is even looked at. */
  put(piece: Uint8Array): Promise<void> | undefined {
    this.#buffer.set(piece, this.#used);
    this.#used += piece.length;
    this.bytes += piece.length;
    return this.#used + pieceBytes > bufferBytes ? this.flush() : undefined;
  }

  /** CRC-32 of the bytes since the last call. */
  check(): number {
    this.#hash();
    const crc = this.#crc;
    this.#crc = 0;
    return crc;
  }

  /** Gives what is here to the sink. */
  async flush(): Promise<void> {
    this.#hash();
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    this.#hashed = 0;
    if (bytes.length > 0) await this.#sink(bytes);
  }

  #hash(): void {
    this.#crc = crc32(this.#buffer.subarray(this.#hashed, this.#used), this.#crc);
    this.#hashed = this.#used;
  }
}
