import { dataLimits } from "./json.js";

/**
 * Whether bytes `from … to)` are one JSON text (RFC 8259) that {@link JSON.parse} takes, in UTF-8 (RFC 3629), nested no deeper than data may be, with
 * no white space around its parts, as {@link JSON.stringify} writes it. Nothing is made of it: for texts that are kept and perhaps never asked for.
 */
export function isJson(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  // What is open around the place: bit d of `objects` says whether level d is an object.
  let [depth, objects] = [0, 0];
  for (;;) {
    // A value begins here.
    const byte = at < to ? bytes[at] : 0;
    if (byte === openBrace || byte === openBracket) {
      if (depth === dataLimits.depth) return false;
      const isObject = byte === openBrace;
      if (bytes[at + 1] === (isObject ? closeBrace : closeBracket) && at + 1 < to) at += 2;
      else {
        objects = isObject ? objects | (1 << depth) : objects & ~(1 << depth);
        depth++;
        at++;
        if (isObject && (at = endOfName(bytes, at, to)) < 0) return false;
        continue;
      }
    } else if ((at = endOfScalar(bytes, at, to)) < 0) return false;
    // A value ends here: what is open is closed as long as it ends too.
    for (;;) {
      if (depth === 0) return at === to;
      if (at >= to) return false;
      const next = bytes[at++];
      const isObject = ((objects >>> (depth - 1)) & 1) === 1;
      if (next === comma) {
        if (isObject && (at = endOfName(bytes, at, to)) < 0) return false;
        break;
      }
      if (next !== (isObject ? closeBrace : closeBracket)) return false;
      depth--;
    }
  }
}

const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [minus, plus, dot, zero] = [0x2d, 0x2b, 0x2e, 0x30];
const words = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

/** Behind a name and its colon, or −1. Here and below for bytes from `at` to `to`. */
function endOfName(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to || bytes[at] !== quote) return -1;
  const end = endOfText(bytes, at + 1, to);
  return end >= 0 && end < to && bytes[end] === colon ? end + 1 : -1;
}

function endOfScalar(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  if (bytes[at] === quote) return endOfText(bytes, at + 1, to);
  if (bytes[at] === minus || isDigit(bytes[at])) return endOfNumber(bytes, at, to);
  for (const word of words) {
    if (bytes[at] !== word[0]) continue;
    for (let i = 1; i < word.length; i++) if (at + i >= to || bytes[at + i] !== word[i]) return -1;
    return at + word.length;
  }
  return -1;
}

function endOfNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = bytes[from] === minus ? from + 1 : from;
  if (at < to && bytes[at] === zero) at++;
  else if ((at = endOfDigits(bytes, at, to)) < 0) return -1;
  if (at < to && bytes[at] === dot && (at = endOfDigits(bytes, at + 1, to)) < 0) return -1;
  if (at < to && (bytes[at] | 0x20) === 0x65) {
    const sign = at + 1 < to && (bytes[at + 1] === minus || bytes[at + 1] === plus) ? 1 : 0;
    at = endOfDigits(bytes, at + 1 + sign, to);
  }
  return at;
}

/** Behind one digit or more, or −1. */
function endOfDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes[at])) at++;
  return at === from ? -1 : at;
}

/** Behind the closing quote of a text whose opening one is before `at`, or −1. */
function endOfText(bytes: Uint8Array, at: number, to: number): number {
  while (at < to) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at = endOfEscape(bytes, at + 1, to);
    else if (byte < 0x20) return -1;
    else at = byte < 0x80 ? at + 1 : endOfCharacter(bytes, at, to);
    if (at < 0) return -1;
  }
  return -1;
}

function endOfEscape(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  if (bytes[at] !== 0x75) return escapes.includes(bytes[at]) ? at + 1 : -1;
  if (at + 5 > to) return -1;
  for (let i = at + 1; i < at + 5; i++) {
    const letter = bytes[i] | 0x20;
    if (!isDigit(bytes[i]) && !(letter >= 0x61 && letter <= 0x66)) return -1;
  }
  return at + 5;
}

/** Behind a character of two to four bytes, or −1 where it is no well-formed one: too long a form, half of a surrogate pair, beyond Unicode. */
function endOfCharacter(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at];
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > to) return -1;
  for (let i = at + 1; i < at + length; i++) if ((bytes[i] & 0xc0) !== 0x80) return -1;
  const second = bytes[at + 1];
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return -1;
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return -1;
  return at + length;
}

const escapes = new TextEncoder().encode('"\\/bfnrt');

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
