import { fromHalf } from "../../../core/half.js";

type Read = (view: DataView, at: number, little: boolean) => number;

const wide: Readonly<Record<"i8" | "u8", Read>> = {
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};

/** How numbers lie in bytes, by NumPy's codes: kind, then bytes. */
const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["b1", (view, at) => (view.getUint8(at) === 0 ? 0 : 1)],
  ["u1", (view, at) => view.getUint8(at)],
  ["i1", (view, at) => view.getInt8(at)],
  ["u2", (view, at, little) => view.getUint16(at, little)],
  ["i2", (view, at, little) => view.getInt16(at, little)],
  ["u4", (view, at, little) => view.getUint32(at, little)],
  ["i4", (view, at, little) => view.getInt32(at, little)],
  ["u8", wide.u8],
  ["i8", wide.i8],
  ["f2", (view, at, little) => fromHalf(view.getUint16(at, little))],
  ["f4", (view, at, little) => view.getFloat32(at, little)],
  ["f8", (view, at, little) => view.getFloat64(at, little)],
]);

/** Codes by the names that NearPy notes (`dtype.name`). */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["bool", "b1"],
  ...[8, 16, 32, 64].flatMap((bits): [string, string][] => [
    [`uint${bits}`, `u${bits / 8}`],
    [`int${bits}`, `i${bits / 8}`],
  ]),
  ...[16, 32, 64].map((bits): [string, string] => [`float${bits}`, `f${bits / 8}`]),
]);

/** Whether numbers of this code can be read. */
export function isNumberCode(code: string): boolean {
  return READERS.has(code);
}

/** The code of a dtype's name, or undefined. */
export function codeOf(name: string): string | undefined {
  return NAMES.get(name);
}

/** The numbers in `bytes`, or undefined where these are not a whole number of them. Integers beyond 2⁵³ are rounded, as they are in float64. */
export function numbersOf(bytes: Uint8Array, code: string, bigEndian: boolean): Float64Array | undefined {
  const read = READERS.get(code);
  const size = Number(code.slice(1));
  if (read === undefined || bytes.length % size !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * size, !bigEndian);
  return values;
}
