import { type Dump, pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import type { SetRows, SetVector } from "../../core/rows.js";
import type { Vectors } from "./vectors.js";

/** Members restored together, but for rows that have more. */
const membersAtOnce = 2 ** 17;

/** The sets of rows below `rows`, none for `free` ones (ascending): how many members each row has (u32), then the members (u32) of all. */
export function dumpSets(setOf: (row: number) => SetVector, rows: number, free: Uint32Array): Dump {
  let members = 0;
  for (const row of living(rows, free)) members += setOf(row).members.length;
  return { bytes: (rows + members) * 4, pieces: () => pieces(setOf, rows, free) };
}

function* pieces(setOf: (row: number) => SetVector, rows: number, free: Uint32Array): Iterable<Uint8Array> {
  const lengths = new Uint32Array(pieceBytes / 4);
  const held = living(rows, free)[Symbol.iterator]();
  let next = held.next();
  for (let from = 0; from < rows; from += lengths.length) {
    const some = Math.min(lengths.length, rows - from);
    lengths.fill(0);
    for (; next.done !== true && next.value < from + some; next = held.next())
      lengths[next.value - from] = setOf(next.value).members.length;
    yield* piecesOf(lengths.subarray(0, some));
  }
  // The sets are asked for anew in every step, as their memory may have moved since the last.
  for (const row of living(rows, free)) {
    const { length } = setOf(row).members;
    for (let from = 0; from < length; from += pieceBytes / 4) yield* piecesOf(setOf(row).members.subarray(from, from + pieceBytes / 4));
  }
}

function* living(rows: number, free: Uint32Array): Iterable<number> {
  for (let row = 0, next = 0; row < rows; row++) {
    if (free[next] === row) next++;
    else yield row;
  }
}

/** Writes to `vectors`, which have none yet, what {@link dumpSets} gave. */
export async function restoreSets(vectors: Vectors, dim: number, rows: number, free: Uint32Array, supply: Supply): Promise<void> {
  const lengths = await supply.words(rows);
  let all = 0;
  for (let row = 0; row < rows; row++) all += lengths[row];
  for (const row of free) if (lengths[row] !== 0) supply.refuse(`row ${row} has members and holds no set`);
  if (all * 4 !== supply.left) supply.refuse(`rows have ${all} members, and ${supply.left} bytes are left for them`);
  for (let row = 0, next = 0; row < rows; ) {
    const from = row;
    let count = lengths[row++];
    while (row < rows && count + lengths[row] <= membersAtOnce) count += lengths[row++];
    const some: SetRows = {
      kind: "set",
      dim,
      count: row - from,
      offsets: offsetsOf(lengths, from, row),
      members: await supply.words(count),
    };
    checkMembers(some, from, supply);
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

function checkMembers({ dim, count, offsets, members }: SetRows, first: number, supply: Supply): void {
  for (let i = 0; i < count; i++) {
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      if (members[e] >= dim || (e > offsets[i] && members[e] <= members[e - 1])) {
        supply.refuse(`row ${first + i} has the member ${members[e]}; they ascend and are below ${dim}`);
      }
    }
  }
}
