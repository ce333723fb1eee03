import { pieceBytes, piecesOf, type Supply } from "../../core/dump.js";
import type { BackPointers } from "./back-pointers.js";
import type { Buckets, Lists } from "./buckets.js";
import type { KeyTable } from "./key-table.js";

/** Bytes of a table's head: buckets, rows in some bucket, and entries in two halves, low and high (u32 each). */
const headBytes = 16;

/** The rows that entries may name. */
export interface LivingRows {
  readonly rows: number;
  /** Whether a row below `rows` holds a vector. */
  readonly live: Uint8Array;
}

/** What the entries of one table look like in a file. */
export interface EntryForm {
  /** Bytes of the entries of a bucket of so many. */
  bytes(length: number): number;
  /** The entries of bucket number `bucket` of a table. */
  pieces(table: number, bucket: number): Iterable<Uint8Array>;
  /** Fills the buckets of a table, which are empty and will have so many entries, `entries` in all. */
  restore(table: number, lengths: Uint32Array, entries: number, supply: Supply): Promise<void>;
}

/** Bytes of all tables. Empty buckets are left out. */
export function bytesOf<L extends Lists>({ keys }: Buckets<L>, form: EntryForm): number {
  let bytes = 0;
  for (const table of keys) {
    bytes += headBytes;
    for (let bucket = 0; bucket < table.count; bucket++) {
      if (table.lengths[bucket] > 0) bytes += 12 + form.bytes(table.lengths[bucket]);
    }
  }
  return bytes;
}

/** All tables, one after the other: head, upper and lower halves of the keys and lengths of the buckets as u32, entries bucket by bucket. */
export function* tables<L extends Lists>(buckets: Buckets<L>, form: EntryForm, rows: number): Iterable<Uint8Array> {
  for (let t = 0; t < buckets.keys.length; t++) {
    const table = buckets.keys[t];
    const kept = table.kept();
    let entries = 0;
    for (const bucket of kept) entries += table.lengths[bucket];
    yield* piecesOf(Uint32Array.of(kept.length, buckets.rows.covered(rows, t), entries, entries / 2 ** 32));
    for (const part of ["hi", "lo", "lengths"] as const) yield* gathered(table, part, kept);
    for (const bucket of kept) yield* form.pieces(t, bucket);
  }
}

function* gathered(table: KeyTable, part: "hi" | "lo" | "lengths", kept: Uint32Array): Iterable<Uint8Array> {
  const atOnce = pieceBytes / 4;
  for (let from = 0; from < kept.length; from += atOnce) {
    yield* piecesOf(kept.subarray(from, from + atOnce).map((bucket) => table[part][bucket]));
  }
}

/** Takes what {@link tables} gave into buckets that are empty. */
export async function restoreTables<L extends Lists>(
  buckets: Buckets<L>,
  form: EntryForm,
  living: LivingRows,
  supply: Supply,
): Promise<void> {
  supply.admit(buckets.rows.bytesFor(living.rows), "the buckets of every row");
  buckets.rows.reserve(living.rows);
  for (let t = 0; t < buckets.keys.length; t++) {
    const [count, covered, low, high] = await supply.words(headBytes / 4);
    const [hi, lo, lengths] = [await supply.words(count), await supply.words(count), await supply.words(count)];
    let entries = 0;
    for (const length of lengths) {
      if (length === 0) supply.refuse(`table ${t} has an empty bucket`);
      entries += length;
    }
    if (entries !== low + high * 2 ** 32)
      supply.refuse(`the buckets of table ${t} have ${entries} entries, and its head says ${low + high * 2 ** 32}`);
    const twice = buckets.keys[t].restore(hi, lo);
    if (twice >= 0) supply.refuse(`the key of bucket ${twice} of table ${t} comes twice`);
    await form.restore(t, lengths, entries, supply);
    const linked = link(buckets.rows, t, lengths, (bucket) => buckets.lists[t].rows(bucket), living, supply);
    if (linked !== covered) supply.refuse(`${linked} rows are in the buckets of table ${t}, and its head says ${covered}`);
  }
}

/** Notes for each row which buckets it is in; says how many are in some. */
function link(
  pointers: BackPointers,
  t: number,
  lengths: Uint32Array,
  rowsOf: (bucket: number) => Uint32Array,
  { rows, live }: LivingRows,
  supply: Supply,
): number {
  for (let bucket = 0; bucket < lengths.length; bucket++) {
    const own = rowsOf(bucket);
    for (let i = 0; i < own.length; i++) {
      const row = own[i];
      if (row >= rows || live[row] === 0) supply.refuse(`bucket ${bucket} of table ${t} names row ${row}, which holds no vector`);
      if (!pointers.link(row, t, bucket)) supply.refuse(`row ${row} is in too many buckets of table ${t}, or twice in one`);
    }
  }
  return pointers.covered(rows, t);
}
