/** Dense rows, row-major: row i is `values[i·dim … (i+1)·dim)`. */
export interface DenseRows {
  readonly kind: "dense";
  readonly dim: number;
  readonly count: number;
  readonly values: Float32Array;
}

/** Sparse rows (CSR): row i is the entries `offsets[i] … offsets[i+1)`; indices ascend strictly within a row and are below `dim` (< 2³²). */
export interface SparseRows {
  readonly kind: "sparse";
  readonly dim: number;
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Bit rows: `dim` bits a row, in ⌈dim/32⌉ words; bit b is `words[b >>> 5] >>> (b & 31) & 1`; bits beyond `dim` are 0. */
export interface BitRows {
  readonly kind: "bits";
  readonly dim: number;
  readonly count: number;
  readonly words: Uint32Array;
}

/** Sets of u32 members: row i is `members[offsets[i] … offsets[i+1))`, strictly ascending. `dim` bounds the members (2³² when open). */
export interface SetRows {
  readonly kind: "set";
  readonly dim: number;
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
}

interface RowsByKind {
  readonly dense: DenseRows;
  readonly sparse: SparseRows;
  readonly bits: BitRows;
  readonly set: SetRows;
}

/** The kinds of vector an engine can hold. */
export type Kind = keyof RowsByKind;

/** Columns of vectors of one kind. Borrowed: whoever passes them may reuse the buffers after the call. */
export type Rows<K extends Kind = Kind> = RowsByKind[K];

/** One dense vector. */
export type DenseVector = Float32Array;

/** One sparse vector: strictly ascending indices below `dim`, and their values. */
export interface SparseVector {
  readonly dim: number;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** One bit vector: `dim` bits in ⌈dim/32⌉ words. */
export interface BitVector {
  readonly dim: number;
  readonly words: Uint32Array;
}

/** One set of u32 members, strictly ascending. */
export interface SetVector {
  readonly members: Uint32Array;
}

interface VectorByKind {
  readonly dense: DenseVector;
  readonly sparse: SparseVector;
  readonly bits: BitVector;
  readonly set: SetVector;
}

/** One vector of a kind, as nearts hands it out. */
export type VectorOf<K extends Kind = Kind> = VectorByKind[K];

/** Words that hold one bit row. */
export function wordsPerRow(dim: number): number {
  return Math.ceil(dim / 32);
}

/** Row `i` as a vector: a view into the columns, valid as long as they are. */
export function rowAt<K extends Kind>(rows: Rows<K>, i: number): VectorOf<K>;
export function rowAt(rows: Rows, i: number): VectorOf {
  switch (rows.kind) {
    case "dense":
      return rows.values.subarray(i * rows.dim, (i + 1) * rows.dim);
    case "sparse": {
      const from = rows.offsets[i];
      const to = rows.offsets[i + 1];
      return { dim: rows.dim, indices: rows.indices.subarray(from, to), values: rows.values.subarray(from, to) };
    }
    case "bits": {
      const width = wordsPerRow(rows.dim);
      return { dim: rows.dim, words: rows.words.subarray(i * width, (i + 1) * width) };
    }
    case "set":
      return { members: rows.members.subarray(rows.offsets[i], rows.offsets[i + 1]) };
  }
}

/** Rows `from … to)` as columns: views, nothing is copied but the offsets of sparse and set rows. */
export function slice<K extends Kind>(rows: Rows<K>, from: number, to: number): Rows<K>;
export function slice(rows: Rows, from: number, to: number): Rows {
  const { dim } = rows;
  const count = to - from;
  switch (rows.kind) {
    case "dense":
      return { kind: "dense", dim, count, values: rows.values.subarray(from * dim, to * dim) };
    case "sparse": {
      const { offsets, first, last } = rebase(rows.offsets, from, to);
      return {
        kind: "sparse",
        dim,
        count,
        offsets,
        indices: rows.indices.subarray(first, last),
        values: rows.values.subarray(first, last),
      };
    }
    case "bits": {
      const width = wordsPerRow(dim);
      return { kind: "bits", dim, count, words: rows.words.subarray(from * width, to * width) };
    }
    case "set": {
      const { offsets, first, last } = rebase(rows.offsets, from, to);
      return { kind: "set", dim, count, offsets, members: rows.members.subarray(first, last) };
    }
  }
}

/** `count` vectors of one kind copied into columns, dense ones into `into` where they fit in it; `vectorAt(i)` is called twice for kinds of varying length. */
export function gather<K extends Kind>(
  kind: K,
  dim: number,
  count: number,
  vectorAt: (i: number) => VectorOf<K>,
  into?: Float32Array,
): Rows<K>;
export function gather(kind: Kind, dim: number, count: number, vectorAt: (i: number) => VectorOf, into?: Float32Array): Rows {
  switch (kind) {
    case "dense": {
      const values = into !== undefined && into.length >= count * dim ? into.subarray(0, count * dim) : new Float32Array(count * dim);
      for (let i = 0; i < count; i++) values.set(vectorAt(i) as DenseVector, i * dim); // the caller promised vectors of `kind`, here and below
      return { kind, dim, count, values };
    }
    case "sparse": {
      const offsets = offsetsOf(count, (i) => (vectorAt(i) as SparseVector).indices.length);
      const indices = new Uint32Array(offsets[count]);
      const values = new Float32Array(offsets[count]);
      for (let i = 0; i < count; i++) {
        const vector = vectorAt(i) as SparseVector;
        indices.set(vector.indices, offsets[i]);
        values.set(vector.values, offsets[i]);
      }
      return { kind, dim, count, offsets, indices, values };
    }
    case "bits": {
      const words = new Uint32Array(count * wordsPerRow(dim));
      for (let i = 0; i < count; i++) words.set((vectorAt(i) as BitVector).words, i * wordsPerRow(dim));
      return { kind, dim, count, words };
    }
    case "set": {
      const offsets = offsetsOf(count, (i) => (vectorAt(i) as SetVector).members.length);
      const members = new Uint32Array(offsets[count]);
      for (let i = 0; i < count; i++) members.set((vectorAt(i) as SetVector).members, offsets[i]);
      return { kind, dim, count, offsets, members };
    }
  }
}

function offsetsOf(count: number, lengthAt: (i: number) => number): Uint32Array {
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i] + lengthAt(i);
  return offsets;
}

function rebase(all: Uint32Array, from: number, to: number) {
  const first = all[from];
  const offsets = Uint32Array.from(all.subarray(from, to + 1), (offset) => offset - first);
  return { offsets, first, last: all[to] };
}
