import type { Precision, Shape } from "../../core/contracts.js";
import { fromHalf, toHalf } from "../../core/half.js";
import { codeOf, largestOf, scaleOf } from "../../core/precision.js";
import { wordsPerRow } from "../../core/rows.js";
import { padded, type Views } from "../../kernels/contract.js";

/** The shape of fixed vectors and, for dense ones, the precision they are kept with: "f32" when not given; "u8" keeps whole numbers from 0 to 255, exactly. */
export interface StoredShape extends Shape {
  readonly precision?: Precision | "u8";
}

/** How rows of fixed width lie in a page. */
export interface RowLayout {
  /** How the kernels call it: 4-byte values, halves, a scale and codes, or bytes. */
  readonly format: 0 | 1 | 2 | 3;
  /** Values (for bits: words) of a vector, and so many padded, which is from one query to the next. */
  readonly width: number;
  readonly stride: number;
  /** From one row to the next: a multiple of 4. */
  readonly rowBytes: number;
}

/** The layout of vectors of this shape. Bits are kept as they are, whatever the precision. */
export function layoutOf({ kind, dim, precision }: StoredShape): RowLayout {
  const width = kind === "bits" ? wordsPerRow(dim) : dim;
  const stride = padded(width);
  if (kind === "dense" && precision === "f16") return { format: 1, width, stride, rowBytes: stride * 2 };
  if (kind === "dense" && precision === "i8") return { format: 2, width, stride, rowBytes: stride + 4 };
  if (kind === "dense" && precision === "u8") return { format: 3, width, stride, rowBytes: stride };
  return { format: 0, width, stride, rowBytes: stride * 4 };
}

/** Writes a vector as a row at byte `at`, and replaces its values by what the row holds. */
export function encode({ format, width }: RowLayout, values: Float32Array, { u8, f32 }: Views, at: number): void {
  if (format === 0) f32.set(values.subarray(0, width), at >>> 2);
  else if (format === 3) u8.set(values.subarray(0, width), at);
  else if (format === 1) encodeHalves(values, new Uint16Array(u8.buffer, at, width));
  else {
    const scale = scaleOf(largestOf(values, 0, width));
    f32[at >>> 2] = scale;
    encodeCodes(values, scale, new Int8Array(u8.buffer, at + 4, width));
  }
}

function encodeHalves(values: Float32Array, halves: Uint16Array): void {
  for (let i = 0; i < halves.length; i++) {
    halves[i] = toHalf(values[i]);
    values[i] = fromHalf(halves[i]);
  }
}

function encodeCodes(values: Float32Array, scale: number, codes: Int8Array): void {
  for (let i = 0; i < codes.length; i++) {
    codes[i] = codeOf(values[i], scale);
    values[i] = codes[i] * scale;
  }
}
