import { corrupt } from "./faults.js";

/** Reads a pickle's bytes in order; E_CORRUPT where there are fewer than it says. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** A view. */
  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(length));
    } catch (cause) {
      throw corrupt("has text that is no UTF-8", cause);
    }
  }

  /** The bytes up to a new line, each a code point; the new line is passed over. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw corrupt("ends in the middle of a line");
    const line = codePoints(this.take(end - this.#at));
    this.#at++;
    return line;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw corrupt(`ends ${length - (this.#bytes.length - at)} bytes early`);
    this.#at = at + length;
    return at;
  }
}

/** Text whose code points are the bytes. */
export function codePoints(bytes: Uint8Array): string {
  let text = "";
  // In pieces, because a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
