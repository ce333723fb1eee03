import { setImmediate } from "node:timers/promises";
import type { BitRows, DenseRows, DistanceName, Rows, SetRows, SparseRows } from "nearts";
import { badFile, checkFinite } from "../faults.js";
import type { FileRows, ReadingOptions } from "../read-rows.js";
import { distanceNamed } from "./distances.js";
import { Hdf5File, type Hdf5Numbers } from "./hdf5-file.js";
import { toFloats } from "./to-floats.js";

/** Bytes read at a time, as float32. */
const pieceBytes = 2 ** 22;
const mostDim = 2 ** 20;

/** Tells how far reading is; rejects when it is to end. */
type Advance = (rows: number, values: number) => Promise<void>;

/** One half of a file that was found in order, and its rows once they are read. */
interface Half {
  readonly values: number;
  readonly dim: number;
  read(advance: Advance): Promise<Rows>;
}

/**
 * A data set in the HDF5 layout of ann-benchmarks: `train` and `test` are matrices (type "dense"; of 0 and 1 where `point_type` is "bit"), or flat lists of
 * members whose rows are as long as `size_train` and `size_test` say (type "sparse": sets; sparse vectors where there are `train_values` and `test_values`, an
 * addition of this lab). Its distance "angular" is cosine here. E_BAD_FILE where anything is missing or contradicts another, before rows are read.
 */
export async function readAnnBenchmarks(path: string, { limit, signal, onProgress }: ReadingOptions = {}): Promise<FileRows> {
  const file = await Hdf5File.open(path);
  try {
    const distance = distanceOf(file);
    const halves = [halfOf(file, "train", limit), halfOf(file, "test", undefined)];
    const dim = dimOf(file, halves);
    const totalBytes = 4 * (halves[0].values + halves[1].values);
    const done = { rows: 0, bytes: 0, totalBytes };
    const advance: Advance = async (rows, values) => {
      signal?.throwIfAborted();
      done.rows += rows;
      done.bytes += 4 * values;
      onProgress?.({ ...done });
      await setImmediate();
    };
    const rows = { ...(await halves[0].read(advance)), dim };
    const queries = { ...(await halves[1].read(advance)), dim };
    return { rows, queries, ...(distance !== undefined && { distance }) };
  } finally {
    file.close();
  }
}

function distanceOf(file: Hdf5File): DistanceName | undefined {
  const name = file.attribute("distance");
  if (name === undefined) return undefined;
  if (typeof name === "string") return distanceNamed(name);
  throw badFile(file.path, `its attribute distance is ${name}, expected a name`, { got: name });
}

/** The dimension of both halves: equal for matrices; of lists what the attribute says, else the largest member and one. */
function dimOf(file: Hdf5File, [train, test]: readonly Half[]): number {
  if (!isFlat(file)) {
    if (train.dim === test.dim) return train.dim;
    throw badFile(file.path, `train has ${train.dim} dimensions, test ${test.dim}; they must have the same`, {
      train: train.dim,
      test: test.dim,
    });
  }
  const told = file.attribute("dimension");
  const least = Math.max(train.dim, test.dim);
  if (told === undefined) return least;
  if (typeof told === "number" && Number.isInteger(told) && told >= least && told <= 2 ** 32) return told;
  throw badFile(file.path, `its attribute dimension is ${told}, its members need ${least}`, { got: told, least });
}

function isFlat(file: Hdf5File): boolean {
  const type = file.attribute("type") ?? "dense";
  if (type === "sparse" || type === "dense") return type === "sparse";
  throw badFile(file.path, `its attribute type is ${JSON.stringify(type)}, expected "dense" or "sparse"`, { got: type });
}

function halfOf(file: Hdf5File, name: "train" | "test", limit: number | undefined): Half {
  return isFlat(file) ? listsOf(file, name, limit) : matrixOf(file, name, limit);
}

function matrixOf(file: Hdf5File, name: string, limit = Number.POSITIVE_INFINITY): Half {
  const numbers = file.numbers(name, 2);
  const [rows, dim] = numbers.shape;
  if (dim < 1 || dim > mostDim)
    throw badFile(file.path, `rows of ${name} have ${dim} values, expected 1 to ${mostDim}`, { dim, most: mostDim });
  const count = Math.min(rows, limit);
  const bits = file.attribute("point_type") === "bit";
  const read = (advance: Advance) => (bits ? bitsOf : denseOf)(file.path, name, numbers, count, dim, advance);
  return { values: count * dim, dim, read };
}

async function denseOf(
  path: string,
  _name: string,
  numbers: Hdf5Numbers,
  count: number,
  dim: number,
  advance: Advance,
): Promise<DenseRows> {
  const values = new Float32Array(count * dim);
  const step = stepOf(dim);
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const piece = toFloats(numbers.read(from, to));
    checkFinite(path, piece, dim, from);
    values.set(piece, from * dim);
    await advance(to - from, piece.length);
  }
  return { kind: "dense", dim, count, values };
}

async function bitsOf(path: string, name: string, numbers: Hdf5Numbers, count: number, dim: number, advance: Advance): Promise<BitRows> {
  const width = Math.ceil(dim / 32);
  const words = new Uint32Array(count * width);
  const step = stepOf(dim);
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const piece = numbers.read(from, to);
    for (let i = 0; i < piece.length; i++) {
      const value = Number(piece[i]);
      const [row, bit] = [from + Math.floor(i / dim), i % dim];
      if (value !== 0 && value !== 1)
        throw badFile(path, `row ${row} of ${name} has ${value} at ${bit}, and point_type is bit: expected 0 or 1`, { row, got: value });
      words[row * width + (bit >>> 5)] |= value << (bit & 31);
    }
    await advance(to - from, piece.length);
  }
  return { kind: "bits", dim, count, words };
}

/** Lists of members, all in memory before their order is checked: their dimension is told by the largest. */
function listsOf(file: Hdf5File, name: "train" | "test", limit = Number.POSITIVE_INFINITY): Half {
  const sizes = file.numbers(`size_${name}`, 1);
  const members = file.numbers(name, 1);
  const valuesName = `${name}_values`;
  const values = file.has(valuesName) ? file.numbers(valuesName, 1) : null;
  if (values !== null && values.shape[0] !== members.shape[0])
    throw badFile(file.path, `${name} has ${members.shape[0]} members and ${values.shape[0]} values; give one for each`, { name });
  const offsets = offsetsOf(file.path, name, sizes, members.shape[0], Math.min(sizes.shape[0], limit));
  const count = offsets.length - 1;
  const flat = readMembers(file.path, name, members, offsets[count]);
  const read = async (advance: Advance): Promise<SetRows | SparseRows> => {
    await advance(count, flat.length);
    if (values === null) return sets(count, offsets, flat);
    const weights = toFloats(values.read(0, flat.length));
    checkFinite(file.path, weights, Math.max(1, weights.length), 0);
    checkAscending(file.path, name, count, offsets, flat);
    return { kind: "sparse", dim: 0, count, offsets, indices: flat, values: weights };
  };
  return { values: flat.length, dim: flat.reduce((most, member) => Math.max(most, member + 1), 1), read };
}

function offsetsOf(path: string, name: string, sizes: Hdf5Numbers, members: number, count: number): Uint32Array {
  const all = sizes.read(0, sizes.shape[0]);
  const offsets = new Uint32Array(count + 1);
  let sum = 0;
  for (let row = 0; row < all.length; row++) {
    const size = Number(all[row]);
    if (!Number.isInteger(size) || size < 0) throw badFile(path, `row ${row} of ${name} has the size ${size}`, { row, got: size });
    sum += size;
    if (row < count) offsets[row + 1] = sum;
  }
  if (sum === members && sum < 2 ** 32) return offsets;
  throw badFile(path, `the sizes of size_${name} add up to ${sum}, ${name} has ${members} members`, { sizes: sum, members });
}

function readMembers(path: string, name: string, members: Hdf5Numbers, count: number): Uint32Array {
  const read = members.read(0, count);
  const flat = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const member = Number(read[i]);
    if (!Number.isInteger(member) || member < 0 || member >= 2 ** 32 - 1)
      throw badFile(path, `member ${i} of ${name} is ${member}, expected a whole number from 0 to 2^32 - 2`, { position: i, got: member });
    flat[i] = member;
  }
  return flat;
}

/** Sets in ascending order, each member once: older files hold them as they came. */
function sets(count: number, offsets: Uint32Array, flat: Uint32Array): SetRows {
  const own = new Uint32Array(count + 1);
  const members = new Uint32Array(flat.length);
  let at = 0;
  for (let row = 0; row < count; row++) {
    for (const [i, member] of flat
      .slice(offsets[row], offsets[row + 1])
      .sort()
      .entries())
      if (i === 0 || member !== members[at - 1]) members[at++] = member;
    own[row + 1] = at;
  }
  return { kind: "set", dim: 0, count, offsets: own, members: members.slice(0, at) };
}

function checkAscending(path: string, name: string, count: number, offsets: Uint32Array, flat: Uint32Array): void {
  for (let row = 0; row < count; row++)
    for (let i = offsets[row] + 1; i < offsets[row + 1]; i++)
      if (flat[i] <= flat[i - 1])
        throw badFile(path, `row ${row} of ${name} has index ${flat[i]} after ${flat[i - 1]}; sort the indices of each row`, { row });
}

function stepOf(dim: number): number {
  return Math.max(1, Math.floor(pieceBytes / (4 * dim)));
}
