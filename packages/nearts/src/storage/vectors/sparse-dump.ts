import { type Dump, filled, pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import type { SparseRows, SparseVector } from "../../core/rows.js";
import type { Vectors } from "./vectors.js";

/** Entries restored together, but for rows that have more. */
const entriesAtOnce = 2 ** 17;

/** The vectors of rows below `rows`, none for `free` ones (ascending): entries of each row (u32), then the indices (u32) of all, then the values (f32) of all. */
export function dumpSparse(vectorOf: (row: number) => SparseVector, rows: number, free: Uint32Array): Dump {
  let entries = 0;
  for (const [, { indices }] of living(vectorOf, rows, free)) entries += indices.length;
  return { bytes: rows * 4 + entries * 8, pieces: () => pieces(vectorOf, rows, free) };
}

function* pieces(vectorOf: (row: number) => SparseVector, rows: number, free: Uint32Array): Iterable<Uint8Array> {
  const lengths = new Uint32Array(pieceBytes / 4);
  for (let from = 0, next = 0; from < rows; from += lengths.length) {
    const some = Math.min(lengths.length, rows - from);
    for (let i = 0; i < some; i++) {
      if (free[next] === from + i) next++;
      lengths[i] = next > 0 && free[next - 1] === from + i ? 0 : vectorOf(from + i).indices.length;
    }
    yield* piecesOf(lengths.subarray(0, some));
  }
  // The vectors are asked for anew in every step, as their memory may have moved since the last.
  for (const part of ["indices", "values"] as const) {
    for (const [row, vector] of living(vectorOf, rows, free)) {
      for (let from = 0; from < vector[part].length; from += pieceBytes / 4) {
        yield* piecesOf(vectorOf(row)[part].subarray(from, from + pieceBytes / 4));
      }
    }
  }
}

function* living(vectorOf: (row: number) => SparseVector, rows: number, free: Uint32Array): Iterable<[row: number, SparseVector]> {
  for (let row = 0, next = 0; row < rows; row++) {
    if (free[next] === row) next++;
    else yield [row, vectorOf(row)];
  }
}

/** Writes to `vectors`, which have none yet, what {@link dumpSparse} gave. */
export async function restoreSparse(vectors: Vectors, dim: number, rows: number, free: Uint32Array, supply: Supply): Promise<void> {
  const lengths = await supply.words(rows);
  let entries = 0;
  for (let row = 0; row < rows; row++) entries += lengths[row];
  for (const row of free) if (lengths[row] !== 0) supply.refuse(`row ${row} has entries and holds no vector`);
  if (entries * 8 !== supply.left) supply.refuse(`rows have ${entries} entries, and ${supply.left} bytes are left for them`);
  const indices = await supply.words(entries);
  for (let row = 0, first = 0, next = 0; row < rows; ) {
    const [from, start] = [row, first];
    do first += lengths[row++];
    while (row < rows && first - start + lengths[row] <= entriesAtOnce);
    const values = new Float32Array(first - start);
    await filled(supply, new Uint8Array(values.buffer));
    const some = {
      kind: "sparse",
      dim,
      count: row - from,
      offsets: offsetsOf(lengths, from, row),
      indices: indices.subarray(start, first),
      values,
    } as const;
    checkEntries(some, from, supply);
    vectors.reserve(some, row);
    for (let i = 0; i < some.count; i++) {
      if (free[next] === from + i) next++;
      else vectors.write(from + i, some, i);
    }
  }
}

function offsetsOf(lengths: Uint32Array, from: number, to: number): Uint32Array {
  const offsets = new Uint32Array(to - from + 1);
  for (let row = from; row < to; row++) offsets[row - from + 1] = offsets[row - from] + lengths[row];
  return offsets;
}

function checkEntries(rows: SparseRows, first: number, supply: Supply): void {
  const { dim, count, offsets, indices, values } = rows;
  for (let i = 0; i < count; i++) {
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      if (indices[e] >= dim || (e > offsets[i] && indices[e] <= indices[e - 1])) {
        supply.refuse(`row ${first + i} has the index ${indices[e]}; they ascend and are below ${dim}`);
      }
      if (!Number.isFinite(values[e])) supply.refuse(`row ${first + i} has the value ${values[e]}, which is no finite number`);
    }
  }
}
