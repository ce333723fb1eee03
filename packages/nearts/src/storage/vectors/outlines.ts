import type { Metric } from "../../core/contracts.js";
import { type Dump, filled, pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { principalDirections } from "../../numeric/principal-directions.js";

const directions = 56;
/** 56 codes and two lengths: one cache line. */
const recordBytes = 64;
const chunk = 1024;
/** Rows projected together. */
const block = 16;
/** Largest sum of what rounding the query to i16 can do: a code of at most 127 a direction, half a step each. */
const queryRounding = (directions * 127) / 2;
/** Rounding of the float32 sums behind the bound, generously: cosines are at most 1. */
const slack = 2e-5;

/**
 * An outline of each row: the unit vector's coordinates on 56 principal directions in a byte each, and the length of the rest. By
 * Cauchy–Schwarz it bounds the row's cosine with any query from above, so a row whose bound is too low need not be read: 64 bytes
 * instead of the vector's. With u = Σ ĉᵢvᵢ + e + p (e the rounding, p perpendicular): u·q ≤ Σ ĉᵢ(vᵢ·q) + ‖e‖‖q∥‖ + ‖p‖‖q⊥‖.
 * The answer stays exact; how many rows are read depends on how few directions the data prefers.
 */
export class Outlines {
  readonly #arena: Arena;
  readonly #stride: number;
  /** Byte offsets: vectors, their coordinates, the directions, the query's codes, row numbers, bounds; then the records. */
  readonly #at: {
    vectors: number;
    coordinates: number;
    directions: number;
    query: number;
    numbers: number;
    bounds: number;
    records: number;
  };
  readonly #scales = new Float64Array(directions);
  #rows = 0;
  #query = { step: 0, inside: 0, outside: 0, norm: 0, margin: 0 };

  /** On these directions, of vectors padded to `stride`. */
  private constructor(matrixOfDirections: Float32Array, stride: number) {
    this.#stride = stride;
    const coordinates = block * stride * 4;
    const matrix = coordinates + block * directions * 4;
    const query = matrix + directions * stride * 4;
    const numbers = query + directions * 2;
    const records = Math.ceil((numbers + chunk * 8) / recordBytes) * recordBytes;
    this.#at = { vectors: 0, coordinates, directions: matrix, query, numbers, bounds: numbers + chunk * 4, records };
    this.#arena = createArena();
    this.#arena.ensure(this.#at.records);
    this.#arena.views().f32.set(matrixOfDirections, matrix >>> 2);
  }

  /** Learns the directions from `count` sampled unit vectors, padded to `stride`. */
  static learn(sample: Float32Array, count: number, stride: number): Outlines {
    const outlines = new Outlines(principalDirections(sample, count, stride, directions), stride);
    outlines.#learnScales(sample, count);
    return outlines;
  }

  /** Those of rows below `rows` from a dump. */
  static async restore(stride: number, rows: number, supply: Supply): Promise<Outlines> {
    const matrix = new Float32Array((await supply.bytes(directions * stride * 4)).buffer);
    const outlines = new Outlines(matrix, stride);
    await filled(supply, new Uint8Array(outlines.#scales.buffer));
    if (!matrix.every(Number.isFinite) || !outlines.#scales.every((scale) => scale > 0 && scale < Number.POSITIVE_INFINITY)) {
      supply.refuse("a direction of the outlines, or its scale, is no finite number");
    }
    const rowsAtOnce = 16 * (pieceBytes / recordBytes);
    for (let from = 0; from < rows; from += rowsAtOnce) {
      const to = Math.min(rows, from + rowsAtOnce);
      outlines.reserve(to);
      const { records } = outlines.#at;
      const { u8, f32 } = outlines.#arena.views();
      await filled(supply, u8.subarray(records + from * recordBytes, records + to * recordBytes));
      for (let row = from; row < to; row++) {
        const at = (records + row * recordBytes) >>> 2;
        if (!Number.isFinite(f32[at + 14]) || !Number.isFinite(f32[at + 15]))
          supply.refuse(`the outline of row ${row} has no finite lengths`);
      }
    }
    return outlines;
  }

  /** The directions (f32, padded), a scale (f64) for each, and the records of rows below `rows`: zeros for `free` ones (ascending). */
  dump(rows: number, free: Uint32Array): Dump {
    return { bytes: directions * (this.#stride * 4 + 8) + rows * recordBytes, pieces: () => this.#pieces(rows, free) };
  }

  /** Part of the sample's length that the directions hold: near 0, outlines are useless. */
  energy = 0;

  get bytes(): number {
    return this.#rows * recordBytes;
  }

  /** Makes room for records of rows below `rows`. */
  reserve(rows: number): void {
    this.#arena.ensure(this.#at.records + rows * recordBytes);
    this.#rows = Math.max(this.#rows, rows);
  }

  /** Records rows, given their vectors and 1/‖x‖ by row. */
  write(rows: Uint32Array, vectorOf: (row: number) => Float32Array, inverseNorms: Float32Array): void {
    for (let from = 0; from < rows.length; from += block) {
      const count = Math.min(block, rows.length - from);
      const { f32, u8 } = this.#arena.views();
      for (let b = 0; b < count; b++) f32.set(vectorOf(rows[from + b]), b * this.#stride);
      this.#arena.kernels.project(this.#at.vectors, count, this.#at.directions, directions, this.#stride, this.#at.coordinates);
      for (let b = 0; b < count; b++) {
        const row = rows[from + b];
        this.#record(u8, f32, (this.#at.coordinates >>> 2) + b * directions, inverseNorms[row], this.#at.records + row * recordBytes);
      }
    }
  }

  /** Prepares the bounds of a query vector of the stride's length. */
  setQuery(vector: Float32Array): void {
    const coordinates = this.#project(vector);
    let norm = 0;
    for (let i = 0; i < vector.length; i++) norm += vector[i] * vector[i];
    norm = Math.sqrt(norm);
    const unit = norm > 0 ? 1 / norm : 0;
    let [inside, largest] = [0, 0];
    for (let m = 0; m < directions; m++) {
      inside += (coordinates[m] * unit) ** 2;
      largest = Math.max(largest, Math.abs(coordinates[m] * unit * this.#scales[m]));
    }
    const step = largest / 32_767 || 1;
    const codes = new Int16Array(this.#arena.views().u8.buffer, this.#at.query, directions);
    for (let m = 0; m < directions; m++) codes[m] = Math.round((coordinates[m] * unit * this.#scales[m]) / step);
    const outside = Math.sqrt(Math.max(0, 1 - inside) + 1e-6);
    this.#query = { step, inside: Math.sqrt(inside) + 1e-6, outside, norm, margin: queryRounding * step + slack };
  }

  /** Lower bounds on the rank of `rows` against the query, into `out`: no row ranks below its bound. */
  lowerRanks(metric: Metric, rows: Uint32Array, count: number, inverseNorms: Float32Array, out: Float32Array): void {
    const { step, inside, outside, norm, margin } = this.#query;
    const { numbers, bounds, query, records } = this.#at;
    const { u32, f32 } = this.#arena.views();
    for (let from = 0; from < count; from += chunk) {
      const n = Math.min(chunk, count - from);
      u32.set(rows.subarray(from, from + n), numbers >>> 2);
      this.#arena.kernels.outline(query, step, inside, outside, records, numbers, n, bounds);
      for (let c = 0; c < n; c++) {
        const cosine = f32[(bounds >>> 2) + c] + margin;
        if (metric === "cosine") out[from + c] = -cosine;
        else {
          const inverse = inverseNorms[rows[from + c]];
          out[from + c] = rankOf(metric, cosine, inverse > 0 ? 1 / inverse : 0, norm);
        }
      }
    }
  }

  *#pieces(rows: number, free: Uint32Array): Iterable<Uint8Array> {
    const view = (from: number, to: number) => this.#arena.views().u8.subarray(from, to);
    const { directions: matrix, records } = this.#at;
    const bytes = directions * this.#stride * 4;
    for (let at = 0; at < bytes; at += pieceBytes) yield view(matrix + at, matrix + Math.min(bytes, at + pieceBytes));
    yield* piecesOf(this.#scales);
    const atOnce = pieceBytes / recordBytes;
    for (let from = 0, next = 0; from < rows; from += atOnce) {
      const piece = view(records + from * recordBytes, records + Math.min(rows, from + atOnce) * recordBytes).slice();
      for (; free[next] < from + atOnce; next++) piece.fill(0, (free[next] - from) * recordBytes, (free[next] - from + 1) * recordBytes);
      yield piece;
    }
  }

  /** Writes the record at byte `at` from the coordinates at index `from`. */
  #record(u8: Uint8Array, f32: Float32Array, from: number, inverseNorm: number, at: number): void {
    let [inside, error] = [0, 0];
    for (let m = 0; m < directions; m++) {
      const exact = f32[from + m] * inverseNorm;
      const code = Math.max(-127, Math.min(127, Math.round(exact / this.#scales[m])));
      const lost = exact - code * this.#scales[m];
      u8[at + m] = code;
      inside += exact * exact;
      error += lost * lost;
    }
    f32[(at >>> 2) + 14] = Math.sqrt(Math.max(0, 1 - inside) + 1e-6);
    f32[(at >>> 2) + 15] = Math.sqrt(error) + 1e-6;
  }

  /** Coordinates on the directions: a view, valid until the next call. */
  #project(vector: Float32Array): Float32Array {
    const { f32 } = this.#arena.views();
    f32.set(vector, 0);
    this.#arena.kernels.project(this.#at.vectors, 1, this.#at.directions, directions, this.#stride, this.#at.coordinates);
    return f32.subarray(this.#at.coordinates >>> 2, (this.#at.coordinates >>> 2) + directions);
  }

  /** One scale a direction, so that the sample's largest coordinate becomes 127; later rows beyond it are cut, and the cut counts as error. */
  #learnScales(sample: Float32Array, count: number): void {
    let held = 0;
    for (let r = 0; r < count; r++) {
      const coordinates = this.#project(sample.subarray(r * this.#stride, (r + 1) * this.#stride));
      for (let m = 0; m < directions; m++) {
        this.#scales[m] = Math.max(this.#scales[m], Math.abs(coordinates[m]) / 127);
        held += coordinates[m] * coordinates[m];
      }
    }
    for (let m = 0; m < directions; m++) this.#scales[m] ||= 1;
    this.energy = held / count;
  }
}

/** The rank of a row of norm ‖x‖ whose cosine with a query of norm ‖q‖ is at most `cosine`, from below; the last terms cover float32 rounding. */
function rankOf(metric: Metric, cosine: number, x: number, q: number): number {
  if (metric === "dot") return -x * q * cosine;
  return x * x + q * q - 2 * x * q * cosine - 1e-5 * (x * x + q * q);
}
