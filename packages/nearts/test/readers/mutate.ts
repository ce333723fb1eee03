/** A seeded generator of whole numbers (mulberry32): the same on every runtime. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 4294967296) * sides);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)];
  }
}

/** A good file, and where its structure is: what damage is most likely to be believed. */
export interface Specimen {
  readonly bytes: Uint8Array;
  /** Where counts, axes and lengths of 1, 2 or 4 bytes start. */
  readonly fields?: readonly number[];
  /** What its text may be made to say in place of one of its words; absent for files of numbers. */
  readonly words?: readonly string[];
}

type Damage = (bytes: Uint8Array, specimen: Specimen, dice: Dice) => Uint8Array;

const LIES = [
  0, 1, 2, 3, 4, 5, 8, 16, 127, 128, 255, 256, 0x7fff, 0xffff, 0x100000, 0x100001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/** NaN, −∞, the largest float32, the smallest, and 1e300 and NaN as float64, in little-endian order. */
const PATTERNS = ["0000c07f", "000080ff", "ffff7f7f", "01000000", "9c7500883ce4377e", "000000000000f87f"].map((digits) =>
  Buffer.from(digits, "hex"),
);

const BINARY: readonly Damage[] = [flipBits, setByte, cut, copyWithin, remove, lie, lie, lie, pattern];
const TEXT: readonly Damage[] = [flipBits, setByte, cut, copyWithin, remove, speak, speak, speak, speak];

/** A copy of the specimen with one to three damages. */
export function mutate(specimen: Specimen, dice: Dice): Uint8Array {
  const damages = specimen.words === undefined ? BINARY : TEXT;
  let bytes: Uint8Array = specimen.bytes.slice();
  for (let left = 1 + dice.roll(3); left > 0; left--) if (bytes.length > 0) bytes = dice.pick(damages)(bytes, specimen, dice);
  return bytes;
}

function flipBits(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  for (let left = 1 + dice.roll(4); left > 0; left--) bytes[dice.roll(bytes.length)] ^= 1 << dice.roll(8);
  return bytes;
}

function setByte(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  bytes[dice.roll(bytes.length)] = dice.pick([0, 1, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xff]);
  return bytes;
}

function cut(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  return bytes.slice(0, dice.roll(bytes.length));
}

/** Writes a piece of the file over another place, or between two bytes. */
function copyWithin(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  const from = dice.roll(bytes.length);
  const piece = bytes.slice(from, from + 1 + dice.roll(32));
  const at = dice.roll(bytes.length + 1);
  return splice(bytes, at, dice.roll(2) * piece.length, piece);
}

function remove(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  return splice(bytes, dice.roll(bytes.length), 1 + dice.roll(8), new Uint8Array(0));
}

/** Writes a number over a count, in either byte order. */
function lie(bytes: Uint8Array, { fields = [] }: Specimen, dice: Dice): Uint8Array {
  const at = fields.length > 0 && dice.roll(4) > 0 ? dice.pick(fields) : dice.roll(bytes.length);
  const number = new DataView(new ArrayBuffer(4));
  const size = dice.pick([1, 2, 4, 4]);
  const littleEndian = dice.roll(2) === 0;
  number.setUint32(0, dice.pick(LIES), littleEndian);
  const from = littleEndian ? 0 : 4 - size;
  return splice(bytes, at, size, new Uint8Array(number.buffer, from, size));
}

function pattern(bytes: Uint8Array, _specimen: Specimen, dice: Dice): Uint8Array {
  const value = Uint8Array.from(dice.pick(PATTERNS));
  if (dice.roll(2) === 0) value.reverse();
  return splice(bytes, dice.roll(bytes.length), value.length, value);
}

/** Puts a word in place of one that is there: what stands between white space and punctuation. */
function speak(bytes: Uint8Array, { words = [] }: Specimen, dice: Dice): Uint8Array {
  const isPunctuation = (byte: number): boolean => byte <= 0x20 || ",:[]{}()".includes(String.fromCharCode(byte));
  let from = dice.roll(bytes.length);
  while (from > 0 && !isPunctuation(bytes[from - 1])) from--;
  let to = from;
  while (to < bytes.length && !isPunctuation(bytes[to])) to++;
  return splice(bytes, from, to - from, Uint8Array.from(Buffer.from(dice.pick(words), "latin1")));
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const after = bytes.subarray(at + removed);
  const result = new Uint8Array(Math.min(at, bytes.length) + inserted.length + after.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, Math.min(at, bytes.length));
  result.set(after, Math.min(at, bytes.length) + inserted.length);
  return result;
}
