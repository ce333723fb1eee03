import type { DenseRows } from "../core/rows.js";
import { bestBuild, createArena } from "../kernels/arena.js";
import { type Arena, padded } from "../kernels/contract.js";
import { NarrowMatrix, narrowStride } from "./narrow-matrix.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";
import type { Steps } from "./steps.js";
import type { VectorMap } from "./vector-map.js";

/** Queries mapped together. */
const atOnce = 16;
/** Rows mapped by one kernel call. */
const block = 64;
/** Products computed between pauses: a few milliseconds. */
const pieceProducts = 8_000_000;
/** Between these the square of a length keeps its digits in float32 sums, with room for what is computed from it. */
const least = 1e-30;
const most = 1e36;
/** The largest float32. */
const largest = (2 - 2 ** -23) * 2 ** 127;

/** What a {@link PrincipalHead} is made of. */
export interface HeadParts {
  /** What is subtracted from every vector, scaled: dim values. */
  readonly origin: Float32Array;
  /** Orthonormal directions, row-major, dim values each, by falling variance. */
  readonly directions: Float32Array;
  /** Whether vectors are divided by their length first. */
  readonly unit: boolean;
  /** What they are multiplied by first where they are not; 1 when not given. */
  readonly scale?: number;
}

/**
 * The coordinates of vectors along the principal directions of a sample: those in which the vectors differ most come first, so that a few of them
 * hold most of a distance (Jolliffe 2002, section 3). Distances between mapped vectors are never larger than between the vectors.
 */
export class PrincipalHead implements VectorMap {
  readonly dim: number;
  readonly size: number;
  readonly unit: boolean;
  readonly scale: number;
  readonly parts: HeadParts;
  readonly #arena: Arena = createArena(undefined, 4_294_901_760);
  readonly #stride: number;
  /** Byte offsets: rows as they came, two blocks in turn; a block centred; then the rest. */
  readonly #at: {
    readonly rows: readonly [number, number];
    readonly centred: number;
    readonly origin: number;
    readonly directions: number;
    readonly squares: number;
    readonly out: number;
  };
  /** Which of the two blocks is filled next, and how many rows of the other are mapped: a hash and its codes ask for the same. */
  #next: 0 | 1 = 0;
  #mapped = 0;
  squares: Float32Array = new Float32Array(block);
  #out: Float32Array = new Float32Array(0);
  /** Where in the planes' memory queries are mapped, each padded with zeros. */
  readonly #query: { last: number; next: number; origin: number; centred: number; scratch: number; products: number };
  readonly #planes: PlaneMemory = planeMemory(bestBuild());
  #asked = false;
  readonly #narrow: NarrowMatrix;
  readonly #mappedQuery: Float32Array;
  #querySquare = 0;
  /** Queries that are mapped together with those beside them, and where they lie; null where there are none. */
  #ahead: MappedAhead | null = null;

  constructor(parts: HeadParts) {
    this.parts = parts;
    this.dim = parts.origin.length;
    this.size = parts.directions.length / this.dim;
    this.unit = parts.unit;
    this.scale = parts.unit ? 1 : (parts.scale ?? 1);
    this.#stride = padded(this.dim);
    this.#at = this.#layOut();
    this.#arena.ensure(this.#at.out + block * this.size * 4);
    const { f32 } = this.#arena.views();
    f32.set(parts.origin, this.#at.origin >>> 2);
    for (let d = 0; d < this.size; d++) {
      f32.set(parts.directions.subarray(d * this.dim, (d + 1) * this.dim), (this.#at.directions >>> 2) + d * this.#stride);
    }
    this.#narrow = new NarrowMatrix(parts.directions, this.dim);
    this.#query = this.#layOutQuery();
    this.#planes.arena.views().f32.set(parts.origin, this.#query.origin >>> 2);
    this.#mappedQuery = new Float32Array(this.size);
  }

  map(rows: DenseRows, from: number, to: number): Float32Array {
    const once = to - from <= block;
    this.#put(rows, from, Math.min(to, from + block));
    if (once && this.#mapped === to - from && this.#same(to - from)) return this.#out;
    const wanted = (to - from) * this.size;
    if (this.#out.length < wanted) this.#out = new Float32Array(wanted);
    if (this.squares.length < to - from) this.squares = new Float32Array(to - from);
    for (let at = from; at < to; at += block) {
      if (at > from) this.#put(rows, at, Math.min(to, at + block));
      this.#mapPut(Math.min(block, to - at), at - from);
    }
    this.#mapped = once ? to - from : 0;
    return this.#out;
  }

  ahead(queries: DenseRows | null): void {
    this.#ahead = queries === null ? null : unmapped(queries, this.size);
  }

  mapQuery(row: DenseRows): Float32Array {
    const known = this.#knownQuery(row);
    return known >= 0 ? this.#takeAhead(known) : this.#mapQuery(row);
  }

  /** The number of a query that was named ahead, by where it lies; −1 for others. */
  #knownQuery({ values }: DenseRows): number {
    if (this.#ahead === null) return -1;
    const { rows } = this.#ahead;
    const bytes = values.byteOffset - rows.values.byteOffset;
    if (values.buffer !== rows.values.buffer || bytes < 0 || bytes % (4 * this.dim) !== 0) return -1;
    const number = bytes / (4 * this.dim);
    return number < rows.count ? number : -1;
  }

  #takeAhead(number: number): Float32Array {
    const ahead = this.#ahead as MappedAhead; // it has a query of this number
    this.#mapBlock(ahead, Math.floor(number / atOnce));
    const { mapped, squares } = ahead;
    this.squares[0] = squares[number];
    this.#mapped = 0; // its squares are overwritten
    this.#asked = false; // so is what is known of the query last mapped by itself
    return mapped.subarray(number * this.size, (number + 1) * this.size);
  }

  /** As `mapQuery` for a block of those that are asked for, {@link atOnce} together, once. */
  #mapBlock({ rows: { values, count }, mapped, squares, done }: MappedAhead, which: number): void {
    if (done[which] === 1) return;
    const column = narrowStride(this.dim) * 4;
    const from = which * atOnce;
    const lengths = new Float64Array(Math.min(atOnce, count - from));
    const centred = this.#planes.scratch(atOnce * (column + this.size * 4) + this.#narrow.manyScratchBytes(atOnce));
    const products = centred + atOnce * column;
    const { f32 } = this.#planes.arena.views();
    f32.fill(0, centred >>> 2, products >>> 2);
    for (let r = 0; r < lengths.length; r++) {
      f32.set(values.subarray((from + r) * this.dim, (from + r + 1) * this.dim), this.#query.next >>> 2);
      lengths[r] = Math.sqrt(this.#centreNext(centred + r * column));
      squares[from + r] = this.#querySquare;
    }
    this.#narrow.multiplyMany(centred, lengths, products + atOnce * this.size * 4, products);
    mapped.set(f32.subarray(products >>> 2, (products >>> 2) + lengths.length * this.size), from * this.size);
    done[which] = 1;
  }

  #mapQuery(row: DenseRows): Float32Array {
    const { f32 } = this.#planes.arena.views();
    const { kernels } = this.#planes.arena;
    const { last, next, centred, scratch, products } = this.#query;
    // A row may be the first of a longer column.
    f32.set(row.values.length === this.dim ? row.values : row.values.subarray(0, this.dim), next >>> 2);
    if (!this.#asked || kernels.same(last, next, this.#stride) === 0) {
      this.#asked = true;
      f32.copyWithin(last >>> 2, next >>> 2, (next >>> 2) + this.dim);
      this.#narrow.multiply(centred, Math.sqrt(this.#centreNext(centred)), scratch, products);
      this.#mappedQuery.set(f32.subarray(products >>> 2, (products >>> 2) + this.size));
    }
    this.squares[0] = this.#querySquare;
    this.#mapped = 0; // its squares are overwritten
    return this.#mappedQuery;
  }

  /** Scales and centres the next query, to byte `out`, and returns the square of its length there; the query's own is in `#querySquare`. */
  #centreNext(out: number): number {
    const { next, origin } = this.#query;
    const beyond = this.#scaleQuery();
    const square = this.#planes.arena.kernels.centre(next, origin, this.#stride, this.unit ? 1 : 0, out);
    this.#querySquare = beyond ? Number.POSITIVE_INFINITY : square;
    return square;
  }

  /** Makes a query what the kernels take: scaled, and of a length whose square float32 holds. Says whether it is too long for that, and was made shorter. */
  #scaleQuery(): boolean {
    const { arena } = this.#planes;
    const { next } = this.#query;
    const square = arena.kernels.exactDot(next, next, this.#stride);
    const length = Math.sqrt(square) * this.scale;
    const fits = this.unit ? square === 0 || (square > least && square < most) : square * this.scale ** 2 < most;
    if (fits && this.scale === 1) return false;
    const factor = this.unit ? this.scale / length : fits ? this.scale : (this.scale * Math.sqrt(most)) / length;
    const { f32 } = arena.views();
    for (let i = next >>> 2; i < (next >>> 2) + this.dim; i++) f32[i] *= factor;
    return !fits && !this.unit;
  }

  /** The vectors with these coordinates, as near as the directions allow to those that were mapped; in pieces of a few milliseconds. */
  *unmapSteps({ count, values }: DenseRows): Steps<DenseRows> {
    const { origin, directions } = this.parts;
    const [dim, size, stride] = [this.dim, this.size, padded(this.size)];
    // Each value of a vector is a product of its coordinates with a column of the directions.
    const columns = block * stride * 4;
    const out = columns + dim * stride * 4;
    const arena = createArena(undefined, 4_294_901_760);
    arena.ensure(out + block * dim * 4);
    const { f32 } = arena.views();
    for (let d = 0; d < size; d++) for (let i = 0; i < dim; i++) f32[(columns >>> 2) + i * stride + d] = directions[d * dim + i];
    yield;
    const vectors = new Float32Array(count * dim);
    const rows = Math.max(4, Math.min(block, Math.floor(pieceProducts / (dim * size))));
    for (let from = 0; from < count; from += rows) {
      const some = Math.min(rows, count - from);
      for (let r = 0; r < some; r++) f32.set(values.subarray((from + r) * size, (from + r + 1) * size), r * stride);
      arena.kernels.project(0, some, columns, dim, stride, out);
      for (let r = 0; r < some; r++) {
        for (let i = 0; i < dim; i++) vectors[(from + r) * dim + i] = clamped((f32[(out >>> 2) + r * dim + i] + origin[i]) / this.scale);
      }
      yield;
    }
    return { kind: "dense", dim: this.dim, count, values: vectors };
  }

  /** Copies a block of rows at most to where they are mapped from, beside those of the block before. */
  #put({ values, dim }: DenseRows, from: number, to: number): void {
    const { f32 } = this.#arena.views();
    const next = this.#at.rows[this.#next] >>> 2;
    if (this.#stride === dim) f32.set(values.subarray(from * dim, to * dim), next);
    else for (let r = from; r < to; r++) f32.set(values.subarray(r * dim, (r + 1) * dim), next + (r - from) * this.#stride);
  }

  /** Whether as many rows are again those that were mapped last. */
  #same(count: number): boolean {
    const [a, b] = this.#at.rows;
    return this.#arena.kernels.same(a, b, count * this.#stride) === 1;
  }

  /** Maps what was put, to `place`; what is put next is compared with it. */
  #mapPut(count: number, place: number): void {
    const { f32 } = this.#arena.views();
    const { kernels } = this.#arena;
    const { rows, origin, centred, directions, squares, out } = this.#at;
    kernels.centreRows(rows[this.#next], count, this.#stride, origin, this.unit ? 0 : this.scale, centred, squares);
    this.squares.set(f32.subarray(squares >>> 2, (squares >>> 2) + count), place);
    kernels.project(centred, count, directions, this.size, this.#stride, out);
    this.#out.set(f32.subarray(out >>> 2, (out >>> 2) + count * this.size), place * this.size);
    this.#next = this.#next === 0 ? 1 : 0;
  }

  #layOutQuery() {
    const column = narrowStride(this.dim) * 4;
    const last = this.#planes.allocate(4 * column + this.#narrow.scratchBytes + this.size * 4, this);
    const scratch = last + 4 * column;
    // All of it, as the padding counts in squares: others may have had these bytes before.
    this.#planes.arena.views().f32.fill(0, last >>> 2, scratch >>> 2);
    const products = scratch + this.#narrow.scratchBytes;
    return { last, next: last + column, origin: last + 2 * column, centred: last + 3 * column, scratch, products };
  }

  #layOut() {
    const rows = block * this.#stride * 4;
    const centred = 2 * rows;
    const origin = centred + rows;
    const directions = origin + this.#stride * 4;
    const squares = directions + this.size * this.#stride * 4;
    return { rows: [0, rows] as const, centred, origin, directions, squares, out: squares + block * 4 };
  }
}

/** Queries, and what they are mapped to once the first of their block is asked for: size values each, and ‖x − origin‖². */
interface MappedAhead {
  readonly rows: DenseRows;
  readonly mapped: Float32Array;
  readonly squares: Float32Array;
  /** By block: 1 where it is mapped. */
  readonly done: Uint8Array;
}

function unmapped(rows: DenseRows, size: number): MappedAhead {
  const { count } = rows;
  const done = new Uint8Array(Math.ceil(count / atOnce));
  return { rows, mapped: new Float32Array(count * size), squares: new Float32Array(count), done };
}

/** The nearest number that float32 holds: sums of its values may be a little over its end. */
function clamped(value: number): number {
  return Math.max(-largest, Math.min(largest, value));
}
