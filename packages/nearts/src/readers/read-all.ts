import type { Id, Json } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import type { DenseRows, SparseRows } from "../core/rows.js";
import { OPEN_DIM, type VectorChunk } from "./format.js";
import { allocate, join } from "./join.js";
import { readVectors, type VectorOptions } from "./read-vectors.js";
import type { Source } from "./source.js";

/** Offsets are u32. */
const MOST_ENTRIES = 2 ** 32 - 1;

/**
 * All vectors of a file as one chunk. Sparse rows whose dimension neither the option nor the file tells have the largest index + 1. Memory
 * is bounded by the rows that are there: about their own size beside the result. Rejects as {@link readVectors}; with E_BAD_FILE where
 * there are no rows, E_MEMORY where they do not fit.
 */
export function readAll(source: Source, options: Omit<VectorOptions, "borrowed"> = {}): Promise<VectorChunk> {
  return collect(readVectors(source, { ...options, borrowed: true }), typeof source === "string" ? source : undefined, options.dim, true);
}

/**
 * The chunks of one input as one. Sparse rows of {@link OPEN_DIM} whose dimension was not asked for have the largest index + 1. Rejects with E_BAD_FILE
 * naming the `file` where there are no rows, E_MEMORY where they do not fit, and with what the chunks reject with. `borrowed` says that the values of
 * dense chunks are valid only until the next.
 */
export async function collect(chunks: AsyncIterable<VectorChunk>, file?: string, dim?: number, borrowed = false): Promise<VectorChunk> {
  const whole = new Whole(borrowed);
  for await (const chunk of chunks) whole.add(chunk);
  return whole.take(file, dim === undefined);
}

/** Chunks on their way to become one. */
class Whole {
  readonly #borrowed: boolean;
  #first: DenseRows | SparseRows | undefined;
  /** Where the first chunk tells how many rows there are: their values, as far as they were added. */
  #room: Float32Array | null = null;
  #count = 0;
  #entries = 0;
  readonly #values: Float32Array[] = [];
  readonly #indices: Uint32Array[] = [];
  readonly #offsets: Uint32Array[] = [];
  readonly #ids: (Id | undefined)[] = [];
  readonly #data: (Json | undefined)[] = [];

  constructor(borrowed: boolean) {
    this.#borrowed = borrowed;
  }

  add({ rows, ids, data, more = 0 }: VectorChunk): void {
    if (this.#first === undefined && rows.kind === "dense" && more > 0)
      this.#room = allocate((rows.count + more) * rows.dim, (length) => new Float32Array(length));
    this.#first ??= rows;
    this.#addValues(rows);
    if (rows.kind === "sparse") this.#addSparse(rows);
    append(this.#ids, ids, this.#count);
    append(this.#data, data, this.#count);
    this.#count += rows.count;
  }

  take(file: string | undefined, dimIsOpen: boolean): VectorChunk {
    if (this.#first === undefined) throw noRows(file);
    const { kind, dim } = this.#first;
    const values = this.#joined(dim);
    const ids = padded(this.#ids, this.#count);
    const data = padded(this.#data, this.#count);
    const rows: VectorChunk["rows"] =
      kind === "dense" ? { kind, dim, count: this.#count, values } : this.#sparse(values, dimIsOpen && dim === OPEN_DIM ? undefined : dim);
    return { rows, ...(ids.length > 0 && { ids }), ...(data.length > 0 && { data }) };
  }

  #addValues({ kind, values, dim }: DenseRows | SparseRows): void {
    const at = this.#count * dim;
    if (this.#room !== null && at + values.length <= this.#room.length) return this.#room.set(values, at);
    // The file was longer than its size said.
    if (this.#room !== null) this.#values.push(this.#room.subarray(0, at));
    this.#room = null;
    this.#values.push(this.#borrowed && kind === "dense" ? values.slice() : values);
  }

  #joined(dim: number): Float32Array {
    if (this.#room !== null) return this.#room.length === this.#count * dim ? this.#room : this.#room.slice(0, this.#count * dim);
    return join(this.#values, (length) => new Float32Array(length));
  }

  #addSparse(rows: SparseRows): void {
    if (this.#entries + rows.indices.length > MOST_ENTRIES) throw tooMany();
    const base = this.#entries;
    // Every part but the first leaves out its first offset, which is the last of the part before.
    this.#offsets.push(base === 0 && this.#count === 0 ? rows.offsets : rows.offsets.subarray(1).map((offset) => offset + base));
    this.#indices.push(rows.indices);
    this.#entries += rows.indices.length;
  }

  #sparse(values: Float32Array, dim: number | undefined): SparseRows {
    const offsets = join(this.#offsets, (length) => new Uint32Array(length));
    const indices = join(this.#indices, (length) => new Uint32Array(length));
    return { kind: "sparse", dim: dim ?? largest(indices) + 1, count: this.#count, offsets, indices, values };
  }
}

function append<T>(all: (T | undefined)[], more: readonly (T | undefined)[] | undefined, rowsBefore: number): void {
  if (more === undefined) return;
  while (all.length < rowsBefore) all.push(undefined);
  for (const item of more) all.push(item);
}

/** One item a row; none at all where no row has one. */
function padded<T>(all: (T | undefined)[], count: number): (T | undefined)[] {
  while (all.length > 0 && all.length < count) all.push(undefined);
  return all;
}

/** The largest index; 0 where all rows are empty, since a dimension is at least 1. */
function largest(indices: Uint32Array): number {
  let most = 0;
  for (let i = 0; i < indices.length; i++) if (indices[i] > most) most = indices[i];
  return most;
}

function noRows(file: string | undefined): NearError {
  const subject = file === undefined ? "the input" : JSON.stringify(file);
  return new NearError("E_BAD_FILE", `${subject} has 0 rows, expected at least 1; check that it is the right file`, { rows: 0 });
}

function tooMany(): NearError {
  const sentence = `the rows have more than ${MOST_ENTRIES} entries, the most that one set of sparse rows holds; read them in chunks with readVectors`;
  return new NearError("E_LIMIT", sentence, { most: MOST_ENTRIES });
}
