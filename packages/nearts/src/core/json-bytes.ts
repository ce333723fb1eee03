import { dataLimits } from "./json.js";

/**
 * Whether bytes `from … to)` are one JSON text (RFC 8259) that {@link JSON.parse} takes, in UTF-8 (RFC 3629), nested no deeper than data may be and with
 * no white space around its parts, as {@link JSON.stringify} writes it. Nothing is made of it: for texts that are kept and perhaps never asked for.
 */
export function isJson(bytes: Uint8Array, from: number, to: number): boolean {
  const text = new JsonText(bytes, from, to);
  return text.value() && text.ended;
}

const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [minus, plus, dot, zero, letterE, letterU] = [0x2d, 0x2b, 0x2e, 0x30, 0x65, 0x75];
const words = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));
const escapes = new TextEncoder().encode('"\\/bfnrt');

/** A place in a text. Each step passes over one part of it and says whether it was there; after one that was not, the place means nothing. */
class JsonText {
  readonly #bytes: Uint8Array;
  readonly #to: number;
  #at: number;
  #depth = 0;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
  }

  get ended(): boolean {
    return this.#at === this.#to;
  }

  value(): boolean {
    const byte = this.#byte;
    if (byte === quote) return this.#text();
    if (byte === openBrace) return this.#list(closeBrace, true);
    if (byte === openBracket) return this.#list(closeBracket, false);
    if (byte === minus || isDigit(byte)) return this.#number();
    return words.some((word) => word[0] === byte && this.#word(word));
  }

  /** The byte here; 0, which no text has, at its end. */
  get #byte(): number {
    return this.#at < this.#to ? this.#bytes[this.#at] : 0;
  }

  #pass(byte: number): boolean {
    if (this.#byte !== byte) return false;
    this.#at++;
    return true;
  }

  #list(close: number, named: boolean): boolean {
    this.#at++;
    if (this.#depth === dataLimits.depth) return false;
    if (this.#pass(close)) return true;
    this.#depth++;
    do {
      if (named && !(this.#byte === quote && this.#text() && this.#pass(colon))) return false;
      if (!this.value()) return false;
    } while (this.#pass(comma));
    this.#depth--;
    return this.#pass(close);
  }

  #word(word: Uint8Array): boolean {
    for (const byte of word) if (!this.#pass(byte)) return false;
    return true;
  }

  #number(): boolean {
    this.#pass(minus);
    if (!this.#pass(zero) && !this.#digits()) return false;
    if (this.#pass(dot) && !this.#digits()) return false;
    if ((this.#byte | 0x20) !== letterE) return true;
    this.#at++;
    if (!this.#pass(minus)) this.#pass(plus);
    return this.#digits();
  }

  /** One digit or more. */
  #digits(): boolean {
    const from = this.#at;
    while (isDigit(this.#byte)) this.#at++;
    return this.#at > from;
  }

  #text(): boolean {
    const [bytes, to] = [this.#bytes, this.#to];
    let at = this.#at + 1;
    while (at < to) {
      const byte = bytes[at];
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte < 0x20) return false;
      const length = byte === backslash ? escapeLength(bytes, at, to) : byte < 0x80 ? 1 : characterLength(bytes, at, to);
      if (length === 0) return false;
      at += length;
    }
    return false;
  }
}

/** Bytes of the escape that begins at `at`; 0 where it is none. */
function escapeLength(bytes: Uint8Array, at: number, to: number): number {
  if (at + 1 >= to) return 0;
  if (bytes[at + 1] !== letterU) return escapes.includes(bytes[at + 1]) ? 2 : 0;
  if (at + 6 > to) return 0;
  for (let i = at + 2; i < at + 6; i++) {
    const letter = bytes[i] | 0x20;
    if (!isDigit(bytes[i]) && !(letter >= 0x61 && letter <= 0x66)) return 0;
  }
  return 6;
}

/** Bytes, two to four, of the character that begins at `at`; 0 where it is none: cut short, too long a form, half of a surrogate pair, beyond Unicode. */
function characterLength(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at];
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > to) return 0;
  for (let i = at + 1; i < at + length; i++) if ((bytes[i] & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1];
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0;
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return length;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
