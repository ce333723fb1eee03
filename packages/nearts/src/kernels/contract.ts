/**
 * Loops over the bytes of one {@link Arena}. Pointers are byte offsets, multiples of 4 (of 16 where rows are padded); `stride` and `words`
 * count 4-byte values and are multiples of 4, rows being padded with zeros. `rows` points to u32 row numbers relative to `base`.
 */
export interface KernelFunctions {
  /** out[r·planes + p] (f32) = Σᵢ rows[r·stride+i]·matrix[p·stride+i] in f32: four lanes (i mod 4), closed as (l₀+l₁)+(l₂+l₃). Bit-identical in every build. */
  project(rows: number, rowCount: number, matrix: number, planes: number, stride: number, out: number): void;
  /** out[i] (i16) = values[i]·scale, rounded to nearest even and saturated; `count` is a multiple of 8. */
  narrow(values: number, count: number, scale: number, out: number): void;
  /** out[p] (f32) = scale·Σᵢ q[i]·matrix[p·stride+i] of i16, `stride` a multiple of 8; no sum may leave 32 bits. For queries: what is stored comes from `project`. */
  projectNarrow(q: number, matrix: number, planes: number, stride: number, scale: number, out: number): void;
  /** As `projectNarrow` for `count` queries, `stride` i16 apart: out[r·planes + p] with scales[r] (f32). Bit for bit the same. */
  projectManyNarrow(queries: number, count: number, matrix: number, planes: number, stride: number, scales: number, out: number): void;
  /**
   * Moves `count` rows of `words` words (u32) together, in place: each starts with `lead` words, 0 or 1, that go, and must be `dim` where there is one. Where `floats`
   * is 1 the words must be finite f32. Returns `count`; else the first row r that starts with another word, or −1 − r for the first with a value that is not finite,
   * which has been moved like all before it.
   */
  closeUp(rows: number, count: number, words: number, lead: number, dim: number, floats: number): number;
  /** Whether `count` (a multiple of 4) f32 are equal, as `===` says. 1 or 0. */
  same(x: number, y: number, count: number): number;
  /** out[i] (f32) = x[i]·s − origin[i], with s = 1/‖x‖ where `unit` is 1 (1 for the zero vector), else 1; returns Σ out². `count` is a multiple of 4. For queries. */
  centre(x: number, origin: number, count: number, unit: number, out: number): number;
  /** out[c] (f32) = Σ (q−x)². */
  squaredEuclidean(q: number, base: number, stride: number, rows: number, count: number, out: number): void;
  /** As `squaredEuclidean` for four queries in a row at `queries`: out[j·outStride + c]. In the last bits it depends on the build and the machine. */
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
  /**
   * out[c] (f64) = 1 − |q∩x|/|q∪x| | 1 − |q∩x|/|q|, by `metric` 0 | 1, as quotients of integers, 0 for 0/0; x is lengths[c] members (u32, ascending) at byte
   * starts[c]. Bit-identical in every build.
   */
  setRank(metric: number, q: number, qCount: number, starts: number, lengths: number, count: number, out: number): void;
  /**
   * `blocks` · 128 values (u32) of each of `count` sets to `out`: in each block a random order of all members, cut into 128 bins by a random word, the least of
   * each bin; bins without members have values of others, by a rule that is the same for all sets. Set r is the members offsets[r] … offsets[r+1] (u32, in
   * members). `tables` are 4·256·4 + 4·256·2 random words (mixed tabulation; the third of four is derived), `keys` 4 words a block, the second and fourth odd.
   * All are 2³² − 1 for an empty set. Bit-identical in every build.
   */
  minHashFast(tables: number, keys: number, blocks: number, members: number, offsets: number, count: number, out: number): void;
  /** As `minHashFast`, `values` (a multiple of 4) of each set, each the least in an order of its own; `keys` are `values` words and then as many odd ones. */
  minHashClassic(tables: number, keys: number, values: number, members: number, offsets: number, count: number, out: number): void;
  /**
   * Compares `count` signatures of `bytes` bytes (a multiple of 16, up to 4,080), one after the other from `base` on, with the query's: for each of at least
   * `least` equal bytes its number and how many (u32 each) to `found`, in order; returns how many there are. One pair more than that may be written.
   */
  signatures(q: number, bytes: number, base: number, count: number, least: number, found: number): number;
  /** Offers ranks (f32) and rows (u32) to a heap of the `limit` best of rank ≤ `within` (ranks at `heap`, rows behind them), ties by row; returns how many it holds. */
  offer(ranks: number, rows: number, count: number, heap: number, held: number, limit: number, within: number): number;
  /** out[c] (f64) = ½ Σ (x/‖x‖ − q/length)² in float64 of f32 rows, `length` being the query's; 1 where a length is 0. `out` is a multiple of 8. */
  exactCosines(q: number, length: number, base: number, stride: number, rows: number, count: number, out: number): void;
  /** out[c] (f64) = Σ (x−q)² in float64 of f32 rows, each the same whichever others there are; `out` is a multiple of 8. */
  exactSquares(q: number, base: number, stride: number, rows: number, count: number, out: number): void;
  /** Σ x·y in float64 over `count` f32 (a multiple of 4). */
  exactDot(x: number, y: number, count: number): number;
  /** out[c] (f32) = step·Σ code·q + error·inside + perpendicular·outside, for 56 values i16 at `q` and records of 64 bytes: 56 codes i8, f32 perpendicular, f32 error. */
  outline(q: number, step: number, inside: number, outside: number, records: number, rows: number, count: number, out: number): void;
  /** Sorts the `held` pairs of such a heap in place, best first. */
  drain(heap: number, held: number, limit: number): void;
  /**
   * As `offer` to an empty heap, without a bound, and `drain`, sooner: the `limit` smallest of `count` values (f32) at `heap`, ascending, with their `numbers` (u32,
   * ascending, so that ties are by number) behind them; returns how many there are. Values may be read up to a multiple of 16; `scratch` has
   * {@link smallestScratch} bytes.
   */
  smallest(values: number, numbers: number, count: number, heap: number, limit: number, scratch: number): number;
  /**
   * out[c] (f32) = Σ (q−x)² | −Σ q·x | −Σ q·x/‖x‖ (0 where x is 0), by `metric` 0 | 1 | 2, for rows of `values` values (a multiple of 4), `rowBytes` apart, held
   * by `format` 0 | 1 | 2 | 3 as f32, IEEE halves, a scale (f32) and i8 codes, each value being scale·code, or as u8; q is f32. By format 4 rows are u8 and so is q,
   * for metric 0 and up to 32,768 values.
   */
  rankRows(
    metric: number,
    format: number,
    q: number,
    values: number,
    base: number,
    rowBytes: number,
    rows: number,
    count: number,
    out: number,
  ): void;
  /**
   * Measures rows as `rankRows` does, those of the smallest `bounds` (f32) first, until the next bound is over `within` or the worst rank in a full heap, and
   * offers them to a heap as `offer` does; returns how many it holds. Rows up to that bound may be measured a few more. `rows` and `bounds` are
   * used up, and up to 136 words behind each.
   */
  nearestBounded(
    metric: number,
    format: number,
    q: number,
    values: number,
    base: number,
    rowBytes: number,
    rows: number,
    bounds: number,
    count: number,
    heap: number,
    held: number,
    limit: number,
    within: number,
  ): number;
  /** The `values` values of the row at `row`, held by `format` as in `rankRows`, to `out` as f32: exactly. */
  widen(format: number, row: number, values: number, out: number): void;
  /** `count` f32 (a multiple of 4) to `out`, which may be `values`, as u8; 1 where all are whole numbers from 0 to 255 (−0 is none), else 0 and some bytes are wrong. */
  pack(values: number, count: number, out: number): number;
  /** out[c] (f64) = Σ (q−x)² of rows and a query as in `rankRows` by format 4: exactly. */
  packedSquares(q: number, values: number, base: number, rowBytes: number, rows: number, count: number, out: number): void;
  /**
   * A random rotation: `count` rows of `size` values (a multiple of 4, at least 64), `stride` apart, to `out`, `size` apart; `signs` are 4·size f32, each 1 or −1.
   * Four rounds: signs flipped; Hadamard transform over the largest power of two of values, the first in even rounds and the last in odd ones;
   * where that is not all, half-way, the halves' sums and differences ·√½. Bit-identical in every build.
   */
  rotate(rows: number, count: number, stride: number, size: number, signs: number, out: number): void;
  /** Table of one query in f32: out[16 g + j] = factor · Σᵢ q[g·width + i] · books[(g·width + i)·16 + j], for `groups` groups of `width` (1, 2 or 4) values of q. Bit-identical in every build. */
  lookup(q: number, books: number, width: number, groups: number, factor: number, out: number): void;
  /**
   * Rounds a table of `groups`×16 f32 to u8 of at most `levels` (≤ 255): table8[e] = nearest((t[e] − least of its group)/step), ties to even, with
   * step = (largest range of a group)/levels, 1 where all ranges are 0. Writes step (f32) and bias = Σ of the groups' least (f32) to `out`.
   */
  quantise(table: number, groups: number, levels: number, table8: number, out: number): void;
  /**
   * For each of `rows` rows of products (f32) with `count` centroids, chosen[r] (u32) = the c with the least gap squares[c] − 2·products[r·count + c], the first of
   * several, and gaps[r] (f32) that gap; `count` and +∞ where no gap is finite. Bit-identical in every build.
   */
  nearest(products: number, rows: number, squares: number, count: number, chosen: number, gaps: number): void;
  /**
   * `rowCount` rows of `stride` f32 as i16, by what makes one of length `longest` 32,700 long, rounded to nearest even; zeros up to a multiple of 8 values. No row is longer.
   */
  narrowRows(rows: number, rowCount: number, stride: number, longest: number, out: number): void;
  /**
   * What `project` of the rows with `count` centroids and then `nearest` write to `chosen` and `gaps`, bit for bit, about three times as fast: `narrowed` holds the
   * centroids from `narrowRows` with the same `longest`, the length of the longest; where that is no number, it is not used. `scratch` has room for the rows in 16 bits
   * (of a multiple of 8 values each), then for `rowCount` f32, rounded up to a multiple of 4, and rowCount·count f32.
   */
  nearestRows(
    rows: number,
    rowCount: number,
    stride: number,
    centroids: number,
    squares: number,
    count: number,
    narrowed: number,
    longest: number,
    scratch: number,
    chosen: number,
    gaps: number,
  ): void;
  /** sums[chosen[r]·stride + i] (f64, at a multiple of 8) += rows[r·stride + i] (f32), row after row. Bit-identical in every build. */
  accumulate(rows: number, count: number, stride: number, chosen: number, sums: number): void;
  /**
   * `rowCount` rows of `count` values (a multiple of 4) times `scale`, less the origin, to `out`, and squares[r] (f32) = Σ out², in four lanes; where `scale` is 0 each
   * is divided by its length instead, in float64 (not the zero vector). Bit-identical in every build.
   */
  centreRows(rows: number, rowCount: number, count: number, origin: number, scale: number, out: number, squares: number): void;
  /**
   * For `count` rows of values, `apart` apart, chosen[r·groups + g] (u8) = the entry j of group g for which Σᵢ v[i]·factor·e[i] − h is largest, the first of
   * several: of the `width` (1, 2 or 4) values of the group, and 16·(width + 1) f32 a group at `table`, e[i] of all entries for each i and then h = ½‖e‖². Without a
   * table (0) bit i of j says that the i-th of 4 values is not negative (has no sign). Bit-identical in every build.
   */
  choose(values: number, count: number, apart: number, table: number, width: number, groups: number, factor: number, chosen: number): void;
  /**
   * Codes and factors of `count` entries of {@link encodePlan}, by the formulas of `GroupedCodes`: in float64 but for the differences and what is chosen, sums in
   * ascending order. Bit-identical in every build.
   */
  encode(plan: number, count: number): void;
  /** to[c·length + r] = from[r·columns + c] of `rows` rows of `columns` f32; what is behind the rows in `to` stays. */
  transpose(from: number, rows: number, columns: number, to: number, length: number): void;
  /** As `transpose` of f64; all f64 here and below are at multiples of 8. */
  transposeWide(from: number, rows: number, columns: number, to: number, length: number): void;
  /**
   * out[m·count + n] (f64) = Σᵢ v[i·apart + m]·v[i·apart + n] over `rows` rows i, in ascending i, for n ≤ m and m from … to − 1; `apart` (≥ count) and `from` are
   * multiples of 4. Bit-identical in every build.
   */
  gram(values: number, rows: number, apart: number, count: number, from: number, to: number, out: number): void;
  /**
   * Solves L Y = X in place for rows from … to − 1 of X, `stride` f64 each (a multiple of 4); those before are done. L is lower triangular, `count` f64 a row; a row of X
   * where its diagonal is 0 becomes 0. Four rows are subtracted at a time, as (s·a + t·b) + (u·c + v·d). Bit-identical in every build.
   */
  substitute(rows: number, stride: number, factor: number, count: number, from: number, to: number): void;
  /** out[c] (f32) = squares[c] − 2·products[c]: squared distances less the square of the query. */
  gaps(products: number, squares: number, count: number, out: number): void;
  /**
   * Estimates the entries of `jobCount` jobs in order from their codes and finds the rows that may be among the nearest; returns their number.
   * Columns rows u32[foundCapacity], then lower bounds f32[foundCapacity] at `found`. {@link scanPlan} and {@link scanJob} say what is at `plan` and
   * `jobs`. Bit-identical in every build.
   *
   * With u = step·Σ_g table8[16 g + nibble g] + bias: estimate = add + scale·u + centre, lower = estimate − (deviations·spread)·error, each operation in f32. T is the
   * `nearest`-th smallest estimate of rows found so far, +∞ before there are so many (always where `nearest` is 0). A row with lower ≤ min(T, within) + slack that
   * is allowed and not yet stamped is found; in the end those with lower > min(T, within) + slack are dropped, in order.
   * Of the caller: Σ of each group's largest table entry ≤ 65,535, and room for the entries of all jobs; found rows beyond `foundCapacity` are lost.
   */
  scan(plan: number, jobs: number, jobCount: number, found: number): number;
}

/** Bytes of scratch that {@link KernelFunctions.smallest} takes for at most so many values. */
export function smallestScratch(count: number): number {
  return 1024 + count + 16 + (count + 32) * 8;
}

/** Byte offsets in what {@link KernelFunctions.scan} reads at `plan`: values of 4 bytes. Jobs done, entries scanned and threshold are written by it. */
export const scanPlan = {
  /** u32: the table of {@link KernelFunctions.quantise}. */
  table8: 0,
  /** u32: groups of 4 bits in a code. */
  groups: 4,
  /** f32: of the table. */
  step: 8,
  /** f32: of the table. */
  bias: 12,
  /** f32: a lower bound is the estimate less so many of its standard deviations. */
  deviations: 16,
  /** f32: what is added to the bound, for an error that is the same for all entries. */
  slack: 76,
  /** u32: how many of the smallest estimates bound what is found; 0 for no bound by estimates. */
  nearest: 20,
  /** f32: largest lower bound of what is found; +∞ for none. */
  within: 24,
  /** f32: scanning stops before a job with order > stopFactor·T + stopOffset (while T is finite). */
  stopFactor: 28,
  /** f32 */
  stopOffset: 32,
  /** u32: whether it stops so, 0 or 1. */
  stops: 36,
  /** u32: room for `nearest` f32, made empty by the kernel. */
  heap: 40,
  /** u32: bitmap of the rows to be found, bit `row & 31` of word `row >> 5`; 0 for all. */
  allowed: 44,
  /** u32: rows from here on are not allowed. Without a bitmap it counts for nothing. */
  allowedRows: 48,
  /** u32: a u32 for each row, so that each is found once; 0 for none. */
  stamps: 52,
  /** u32: a row with this stamp has been found, and a row found gets it. */
  stamp: 56,
  /** u32: length of the found columns. */
  foundCapacity: 60,
  /** u32, written: jobs done; fewer than there are when it stopped. */
  jobsDone: 64,
  /** u32, written: entries of the jobs done. */
  entriesScanned: 68,
  /** f32, written: the final T. */
  threshold: 72,
  /** 64 bytes of scratch, for the sums of a block. */
  sums: 80,
  bytes: 144,
} as const;

/**
 * Byte offsets in each of the jobs of {@link KernelFunctions.scan}: values of 4 bytes. Entries are either blocks of 32 entries that follow one another, the last
 * partly filled (groups·16 bytes of code: of group g 16 bytes, the low half of byte i for entry i, the high half for entry 16 + i; then the columns add f32[32],
 * scale f32[32], error f32[32], row u32[32]), or records (row u32, add f32, scale f32, error f32, then code in ⌈groups/8⌉ words: group g in byte g >> 1, the
 * even group in the low half).
 */
export const scanJob = {
  /** u32: where the entries are, a multiple of 4. */
  entries: 0,
  /** u32: how many there are. */
  count: 4,
  /** f32: added to each estimate. */
  centre: 8,
  /** f32: multiplies each `error`. */
  spread: 12,
  /** f32: about the least estimate to be expected; the stop rule reads it. */
  order: 16,
  /** u32: 0 for blocks, 1 for records. Overwritten by T (f32) as it was before the job. */
  kind: 20,
  bytes: 24,
} as const;

/** Byte offsets in what {@link KernelFunctions.encode} reads at its `plan`: u32 of byte offsets and counts where nothing else is said. */
export const encodePlan = {
  /** f32, `size` a row: the rows mapped. */
  mapped: 0,
  /** u32 an entry: its row among these. */
  rows: 4,
  /** Values of a mapped row. */
  size: 8,
  /** u32 a value: where it stands among the `apart` values of all groups. */
  places: 12,
  /** f32, `apart` an entry: its anchor mapped, in these places. */
  anchors: 16,
  apart: 20,
  /** f32, 16 for each of the `apart` places: the entries. */
  entries: 24,
  /** What is chosen by, as in {@link KernelFunctions.choose}; with `factor` (f32), or √size over the length of the difference where `stretched` is 1. */
  table: 28,
  width: 32,
  groups: 36,
  factor: 40,
  stretched: 44,
  /** 1 where ranks are products, 0 for squared distances. */
  dot: 48,
  /** 1 where the map leaves something out of the `squares` (f32, ‖x − origin‖² a row). */
  tailed: 52,
  squares: 56,
  /** f32: what else makes estimates vary, as a share of the squared length. */
  noise: 60,
  /** Scratch: `apart` f32, and `groups` + 1 bytes. */
  differences: 64,
  chosen: 68,
  /** Written: codes of ⌈groups/2⌉ bytes, group g in byte g >> 1, the even group in the low half. */
  codes: 72,
  /** Written: f32 columns add, scale and error of `count` each. */
  factors: 76,
  bytes: 80,
} as const;

/** Typed views of an arena's bytes, which may be shared. Stale after the arena grows: take them anew after every call that may grow it. */
export interface Views {
  readonly u8: Uint8Array<ArrayBufferLike>;
  readonly u32: Uint32Array<ArrayBufferLike>;
  readonly f32: Float32Array<ArrayBufferLike>;
  readonly f64: Float64Array<ArrayBufferLike>;
}

/**
 * Which build of the kernels runs: 128-bit WebAssembly, the same with relaxed instructions (quicker scans, and `…Many` ranks that may differ from the
 * others' in the last bits; all else is bit-identical), or plain TypeScript.
 */
export type KernelBuild = "simd" | "relaxed-simd" | "reference";

/** Linear memory with its kernels. It only grows. */
export interface Arena {
  readonly build: KernelBuild;
  readonly kernels: KernelFunctions;
  /** What a worker needs to work on the same bytes, where the memory is shared; null in the plain TypeScript build. */
  readonly memory: WebAssembly.Memory | null;
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
