/** How a file writes a number: `u` unsigned, `i` signed, `f` IEEE 754 binary; then its bytes. */
export type NumberName = "u1" | "i1" | "u2" | "i2" | "u4" | "i4" | "i8" | "f2" | "f4" | "f8";

type NumberArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

interface NumberKind {
  readonly bytes: number;
  /** The numbers in a buffer of native byte order, exact, or rounded to float64 where they are no safe integers. */
  values(buffer: ArrayBuffer): NumberArray;
  /** Position of the first number that is refused, or −1; absent where every number is fine. */
  firstBad?(rounded: Float32Array, exact: NumberArray): number;
}

const KINDS: Readonly<Record<NumberName, NumberKind>> = {
  u1: { bytes: 1, values: (buffer) => new Uint8Array(buffer) },
  i1: { bytes: 1, values: (buffer) => new Int8Array(buffer) },
  u2: { bytes: 2, values: (buffer) => new Uint16Array(buffer) },
  i2: { bytes: 2, values: (buffer) => new Int16Array(buffer) },
  u4: { bytes: 4, values: (buffer) => new Uint32Array(buffer) },
  i4: { bytes: 4, values: (buffer) => new Int32Array(buffer) },
  i8: { bytes: 8, values: wideIntegers, firstBad: firstUnsafe },
  f2: { bytes: 2, values: halves, firstBad: firstInfinite },
  f4: { bytes: 4, values: (buffer) => new Float32Array(buffer), firstBad: firstInfinite },
  f8: { bytes: 8, values: (buffer) => new Float64Array(buffer), firstBad: firstInfinite },
};

/** The exponent bits of a float32: all set in NaN and ±∞ only. */
const EXPONENT = 0x7f800000;

/** Worth of the upper word of an 8-byte integer: 2³². */
const WORD = 4294967296;

/** Smallest positive binary16: 2⁻²⁴. */
const SMALLEST_HALF = 1 / 16777216;

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** How a file writes a number, and in which byte order. */
export interface NumberType {
  readonly name: NumberName;
  readonly bigEndian: boolean;
}

/** Numbers of a file: as the file has them (`exact`) and rounded to float32; `bad` is the position of the first that is refused, or −1. */
export interface Numbers {
  readonly exact: ArrayLike<number>;
  readonly values: Float32Array;
  readonly bad: number;
}

/** Whether `name` is a known way to write numbers. */
export function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(KINDS, name);
}

/** Whether numbers of this type are float32 as this machine holds them. */
export function isNativeFloat({ name, bigEndian }: NumberType): boolean {
  return name === "f4" && bigEndian !== LITTLE_ENDIAN;
}

/** Bytes of one number. */
export function bytesOf(type: NumberType): number {
  return KINDS[type.name].bytes;
}

/**
 * The numbers in `raw`, a whole buffer of its own that is used up: rounded to float32, refused where not finite or (i8) not safe integers.
 */
export function toNumbers(raw: Uint8Array<ArrayBuffer>, type: NumberType): Numbers {
  const kind = KINDS[type.name];
  if (type.bigEndian === LITTLE_ENDIAN) reverseEach(raw, kind.bytes);
  const exact = kind.values(raw.buffer);
  const values = exact instanceof Float32Array ? exact : new Float32Array(exact);
  return { exact, values, bad: kind.firstBad?.(values, exact) ?? -1 };
}

/** The little-endian int32 in `raw`, a whole buffer of its own that is used up. */
export function toIntegers(raw: Uint8Array<ArrayBuffer>): Int32Array {
  if (!LITTLE_ENDIAN) reverseEach(raw, 4);
  return new Int32Array(raw.buffer);
}

function firstInfinite(rounded: Float32Array): number {
  if (allFinite(rounded)) return -1;
  const bits = new Uint32Array(rounded.buffer, rounded.byteOffset, rounded.length);
  for (let i = 0; i < bits.length; i++) if ((bits[i] & EXPONENT) === EXPONENT) return i;
  return -1;
}

/** Whether all values are finite: 0·x is NaN for those that are not, and stays so in sums, of which several go on side by side. */
function allFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const even = values.length & ~3;
  for (let i = 0; i < even; i += 4) {
    a += 0 * values[i];
    b += 0 * values[i + 1];
    c += 0 * values[i + 2];
    d += 0 * values[i + 3];
  }
  for (let i = even; i < values.length; i++) a += 0 * values[i];
  return a + b + (c + d) === 0;
}

function firstUnsafe(_rounded: Float32Array, exact: NumberArray): number {
  for (let i = 0; i < exact.length; i++) if (!Number.isSafeInteger(exact[i])) return i;
  return -1;
}

function reverseEach(raw: Uint8Array, size: number): void {
  for (let at = 0; at < raw.length; at += size) {
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      const byte = raw[low];
      raw[low] = raw[high];
      raw[high] = byte;
    }
  }
}

function wideIntegers(buffer: ArrayBuffer): Float64Array {
  const low = new Uint32Array(buffer);
  const high = new Int32Array(buffer);
  const [first, second] = LITTLE_ENDIAN ? [0, 1] : [1, 0];
  const values = new Float64Array(low.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = high[2 * i + second] * WORD + low[2 * i + first];
  return values;
}

/** IEEE 754-2008 binary16 to binary32, section 3.4: 5 bits of exponent (bias 15), 10 of fraction. */
function halves(buffer: ArrayBuffer): Float32Array {
  const bits = new Uint16Array(buffer);
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i] & 0x8000) << 16;
    const exponent = (bits[i] >>> 10) & 31;
    const fraction = bits[i] & 1023;
    if (exponent === 0) values[i] = (sign === 0 ? fraction : -fraction) * SMALLEST_HALF;
    else words[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  }
  return values;
}
