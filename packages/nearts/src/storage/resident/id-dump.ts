import type { Id } from "../../core/contracts.js";
import { type Dump, filled, pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import { checkId } from "../../core/ids.js";
import { utf8Length } from "../../core/utf8.js";
import type { IdTable } from "./id-table.js";

/** Bytes of texts that are restored together. */
const textsAtOnce = 2 ** 18;

/** The ids of rows that hold a vector. */
export interface LivingIds {
  readonly rows: number;
  /** Whether a row below `rows` holds a vector. */
  readonly live: Uint8Array;
}

/** The ids that are numbers, by row (f64): NaN for text and for rows without a vector. Null where all are text. */
export function dumpNumbers(ids: IdTable, { rows, live }: LivingIds): Dump | null {
  const numberAt = (row: number) => {
    const id = live[row] === 1 ? ids.at(row) : "";
    return typeof id === "number" ? id : Number.NaN;
  };
  let any = rows === 0;
  for (let row = 0; row < rows && !any; row++) any = !Number.isNaN(numberAt(row));
  return any ? { bytes: rows * 8, pieces: () => numbers(numberAt, rows) } : null;
}

function* numbers(numberAt: (row: number) => number, rows: number): Iterable<Uint8Array> {
  const some = new Float64Array(pieceBytes / 8);
  for (let from = 0; from < rows; from += some.length) {
    const count = Math.min(some.length, rows - from);
    for (let i = 0; i < count; i++) some[i] = numberAt(from + i);
    yield* piecesOf(some.subarray(0, count));
  }
}

/** The ids that are text, in the order of their rows: how many bytes each has (u16), then these. Null where all are numbers. */
export function dumpTexts(ids: IdTable, living: LivingIds): Dump | null {
  let bytes = 0;
  for (const text of textsOf(ids, living)) bytes += 2 + utf8Length(text);
  return bytes === 0 ? null : { bytes, pieces: () => texts(ids, living) };
}

function* texts(ids: IdTable, living: LivingIds): Iterable<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  const lengths = new Uint16Array(piece.buffer);
  let n = 0;
  for (const text of textsOf(ids, living)) {
    lengths[n++] = utf8Length(text);
    if (n < lengths.length) continue;
    yield piece;
    n = 0;
  }
  yield piece.subarray(0, n * 2);
  const encoder = new TextEncoder();
  let used = 0;
  for (const text of textsOf(ids, living)) {
    if (used + text.length * 3 > pieceBytes) {
      yield piece.subarray(0, used);
      used = 0;
    }
    used += encoder.encodeInto(text, piece.subarray(used)).written;
  }
  yield piece.subarray(0, used);
}

function* textsOf(ids: IdTable, { rows, live }: LivingIds): Iterable<string> {
  for (let row = 0; row < rows; row++) {
    const id = live[row] === 1 ? ids.at(row) : 0;
    if (typeof id === "string") yield id;
  }
}

/** Gives ids, of which there are none, to the living rows that {@link dumpNumbers} has numbers for, all below `limit`; says how many. */
export async function restoreNumbers(ids: IdTable, { rows, live }: LivingIds, limit: number, supply: Supply): Promise<number> {
  const numbers = await supply.doubles(rows);
  let given = 0;
  for (let row = 0; row < rows; row++) {
    const id = numbers[row];
    if (Number.isNaN(id)) continue;
    if (live[row] === 0) supply.refuse(`row ${row} has the id ${id} and holds no vector`);
    if (!Number.isSafeInteger(id) || Object.is(id, -0)) supply.refuse(`row ${row} has the id ${id}, which is no safe integer`);
    if (id >= limit) supply.refuse(`row ${row} has the id ${id}, and ${limit} is the next to be given out`);
    given++;
  }
  const twice = ids.restore(numbers);
  if (twice >= 0) supply.refuse(`row ${twice} has the id ${numbers[twice]}, which another row has already`);
  return given;
}

/** Gives ids to `count` living rows that have none, from {@link dumpTexts}. */
export async function restoreTexts(ids: IdTable, { rows, live }: LivingIds, count: number, supply: Supply): Promise<void> {
  const lengths = new Uint16Array((await supply.bytes(count * 2)).buffer);
  ids.reserve(rows, count);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const buffer = new Uint8Array(textsAtOnce);
  let row = 0;
  for (let from = 0; from < count; ) {
    let [to, bytes] = [from, 0];
    while (to < count && bytes + lengths[to] <= textsAtOnce) bytes += lengths[to++];
    await filled(supply, buffer.subarray(0, bytes));
    for (let at = 0; from < to; at += lengths[from++], row++) {
      while (live[row] === 0 || ids.has(row)) row++;
      give(ids, row, textOf(buffer.subarray(at, at + lengths[from]), decoder, row, supply), supply);
    }
  }
}

function textOf(bytes: Uint8Array, decoder: TextDecoder, row: number, supply: Supply): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return supply.refuse(`the id of row ${row} is no UTF-8`);
  }
}

function give(ids: IdTable, row: number, id: Id, supply: Supply): void {
  if (!ids.add(row, checked(row, id, supply))) supply.refuse(`row ${row} has the id ${String(id)}, which row ${ids.find(id)} has already`);
}

function checked(row: number, id: Id, supply: Supply): Id {
  try {
    return checkId(id);
  } catch (error) {
    return supply.refuse(`row ${row}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
