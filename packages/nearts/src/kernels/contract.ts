/**
 * Loops over the bytes of one {@link Arena}. Pointers are byte offsets, multiples of 4 (of 16 where rows are padded); `stride` and `words`
 * count 4-byte values and are multiples of 4, rows being padded with zeros. `rows` points to u32 row numbers relative to `base`.
 */
export interface KernelFunctions {
  /** out[r·planes + p] (f32) = Σᵢ rows[r·stride+i]·matrix[p·stride+i] in f32: four lanes (i mod 4), closed as (l₀+l₁)+(l₂+l₃). Bit-identical in every build. */
  project(rows: number, rowCount: number, matrix: number, planes: number, stride: number, out: number): void;
  /** out[c] (f32) = Σ (q−x)². */
  squaredEuclidean(q: number, base: number, stride: number, rows: number, count: number, out: number): void;
  /** As `squaredEuclidean` for four queries in a row at `queries`: out[j·outStride + c]. */
  squaredEuclideanMany(queries: number, base: number, stride: number, rows: number, count: number, out: number, outStride: number): void;
  /** out[c] (f32) = −scale[c]·Σ q·x. */
  dot(q: number, base: number, stride: number, rows: number, scale: number, count: number, out: number): void;
  /** As `dot` for four queries in a row at `queries`: out[j·outStride + c]. */
  dotMany(queries: number, base: number, stride: number, rows: number, scale: number, count: number, out: number, outStride: number): void;
  /** out[c] (f32) = Σ |q−x|. */
  manhattan(q: number, base: number, stride: number, rows: number, count: number, out: number): void;
  /** out[c] (f32) = bits in which q and x differ. */
  hamming(q: number, base: number, words: number, rows: number, count: number, out: number): void;
  /** out[c] (f64) = sum over a sparse row's entries (u32 indices, then f32 values, at byte starts[c], lengths[c] of each) of −qx | (q−x)²−q² | |q−x|−|q|, by `metric` 0 | 1 | 2; the query dense at `q`. */
  sparseRank(metric: number, q: number, starts: number, lengths: number, count: number, out: number): void;
  /** As `sparseRank`, the query sparse. */
  mergeRank(
    metric: number,
    qIndices: number,
    qValues: number,
    qCount: number,
    starts: number,
    lengths: number,
    count: number,
    out: number,
  ): void;
  /** Offers ranks (f32) and rows (u32) to a heap of the `limit` best of rank ≤ `within` (ranks at `heap`, rows behind them), ties by row; returns how many it holds. */
  offer(ranks: number, rows: number, count: number, heap: number, held: number, limit: number, within: number): number;
  /** Σ (a·x − b·y)² in float64 over `count` f32 (a multiple of 4). */
  exactSquaredDifference(x: number, y: number, a: number, b: number, count: number): number;
  /** Σ x·y in float64 over `count` f32 (a multiple of 4). */
  exactDot(x: number, y: number, count: number): number;
  /** out[c] (f32) = step·Σ code·q + error·inside + perpendicular·outside, for 56 values i16 at `q` and records of 64 bytes: 56 codes i8, f32 perpendicular, f32 error. */
  outline(q: number, step: number, inside: number, outside: number, records: number, rows: number, count: number, out: number): void;
  /** Sorts the `held` pairs of such a heap in place, best first. */
  drain(heap: number, held: number, limit: number): void;
}

/** Typed views of an arena's bytes. Stale after the arena grows: take them anew after every call that may grow it. */
export interface Views {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/** Which build of the kernels runs: 128-bit WebAssembly, or plain TypeScript. */
export type KernelBuild = "simd" | "reference";

/** Linear memory with its kernels. It only grows. */
export interface Arena {
  readonly build: KernelBuild;
  readonly kernels: KernelFunctions;
  /** Views of the bytes as they are now. */
  views(): Views;
  /** Bytes there are. */
  readonly size: number;
  /** Grows to at least `bytes`; E_MEMORY where that is over the arena's limit or the machine refuses, and then nothing changed. */
  ensure(bytes: number): void;
}

/** A count of values rounded up to the padding of rows in arenas. */
export function padded(values: number): number {
  return Math.ceil(values / 4) * 4;
}
