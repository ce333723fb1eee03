import { Candidates } from "../../core/columns.js";
import type { BucketStats, BucketView, Field, StorageStats } from "../../core/contracts.js";
import { gather, type Rows, wordsPerRow } from "../../core/rows.js";
import type { IndexFacts } from "./index-store.js";
import type { StoredItem } from "./items.js";
import { bucketKey, itemKey } from "./keys.js";
import { fetchRows, type ReadOptions, readItems, repliesOf } from "./reading.js";
import { recordCount } from "./record-scan.js";
import type { Shards } from "./shards.js";

/** Rows that one block is made of, at most. */
const blockRows = 512;

/** Stored vectors with what belongs to them. */
export interface WalkedBlock {
  readonly rows: Rows;
  readonly ids: StoredItem["id"][];
  readonly data: (string | undefined)[];
  /** Row numbers, and the stamps of the items read. */
  readonly numbers: Uint32Array;
  readonly stamps: readonly number[];
}

/** All items, shard by shard in the order of their rows, but those written since: these may have been given already, under other rows. */
export async function* listEntries(shards: Shards, field: Field, options: ReadOptions): AsyncGenerator<WalkedBlock> {
  for (const { shard, state: key } of shards.keys) {
    const calls = [shards.command(shard, ["GET", key])];
    const [reply] = repliesOf(await shards.calls.each(calls), calls, options);
    if (reply === undefined) continue;
    const state = shards.note(shard, reply);
    for (let from = 0; from < state.rows && !state.clearing; from += blockRows) {
      const numbers = Array.from({ length: Math.min(blockRows, state.rows - from) }, (_, i) => (from + i) * shards.count + shard);
      const block = await blockOf(shards, field, numbers, state.writes, options);
      if (block.ids.length > 0) yield block;
    }
  }
}

/** The items of rows with stamps up to `newest`. */
export async function blockOf(
  shards: Shards,
  field: Field,
  numbers: readonly number[],
  newest: number,
  options: ReadOptions,
): Promise<WalkedBlock> {
  const items = await readItems(shards, field, numbers, options);
  const kept = numbers.flatMap((row) => {
    const item = items.get(row);
    return item === undefined || item.stamp > newest ? [] : [{ row, item }];
  });
  const beside = kept.filter(({ item }) => item.data === null).map(({ row }) => row);
  const texts = await besides(shards, field, beside, options);
  return {
    rows: gather(field.kind, field.dim, kept.length, (i) => kept[i].item.vector),
    ids: kept.map(({ item }) => item.id),
    data: kept.map(({ row, item }) => (item.data === null ? texts.get(row) : item.data)),
    numbers: Uint32Array.from(kept, ({ row }) => row),
    stamps: kept.map(({ item }) => item.stamp),
  };
}

/** Data of rows that is beside their items. */
async function besides(
  shards: Shards,
  field: Field,
  rows: readonly number[],
  options: ReadOptions,
): Promise<Map<number, string | undefined>> {
  if (rows.length === 0) return new Map();
  const candidates = candidatesOf(rows);
  const reader = await fetchRows(shards, field, candidates, options);
  return new Map(Array.from(candidates.rows.subarray(0, candidates.count), (row) => [row, reader.data(row)]));
}

/** The non-empty buckets of a hash, each once: by key, as numbers may be given anew meanwhile. */
export async function* listBuckets(shards: Shards, field: Field, hash: number, options: ReadOptions): AsyncGenerator<BucketView> {
  shards.spoil(); // others may have written since this process last heard of them
  const directory = await shards.directory(hash);
  const width = shards.layouts.get(hash)?.bytes ?? 0;
  for (let table = 0; table < shards.tablesOf(hash); table++) {
    const keys = Array.from(directory.sorted(table), (i) => [directory.keyHi(table, i), directory.keyLo(table, i)]);
    for (const [hi, lo] of keys) {
      const calls = shards.keys.map(({ shard, prefix }) => shards.command(shard, ["GET", bucketKey(prefix, hash, table, hi, lo)]));
      const replies = repliesOf(await shards.calls.each(calls), calls, options);
      const rows = replies.flatMap((bytes) =>
        bytes instanceof Buffer ? Array.from({ length: recordCount(bytes, width) }, (_, i) => bytes.readUInt32LE(i * width)) : [],
      );
      const items = await readItems(shards, field, rows, options);
      const ids = rows.flatMap((row) => items.get(row)?.id ?? []);
      if (ids.length > 0) yield { table, key: hex(hi) + hex(lo), ids };
    }
  }
}

/** What is stored, by its own numbers: what the server's tables take beside is not in it. */
export async function statsOf(shards: Shards, field: Field, facts: IndexFacts | null, size: number): Promise<StorageStats> {
  const numbers = [...(facts?.schema.hashes.keys() ?? [])];
  const learned = facts?.knowledge?.learned;
  if (learned) numbers.push(learned.number);
  const hashes: BucketStats[] = [];
  let buckets = 0;
  shards.spoil(); // others may have written since this process last heard of them
  for (const number of numbers) {
    const name = (number === learned?.number ? learned.hash : facts?.schema.hashes[number])?.config.name ?? "";
    const spread = await spreadOf(shards, number, name);
    hashes.push(spread);
    buckets += spread.entries * (shards.layouts.get(number)?.bytes ?? 0);
  }
  const mean = await meanItemBytes(shards);
  const vector = vectorBytes(field) ?? mean;
  const vectors = Math.round(size * vector);
  return { size, bytes: { vectors, rows: Math.max(0, Math.round(size * mean) - vectors), buckets, ids: size * 8, data: 0 }, hashes };
}

async function spreadOf(shards: Shards, hash: number, name: string): Promise<BucketStats> {
  const directory = await shards.directory(hash);
  const tables = shards.tablesOf(hash);
  let [buckets, entries, largestBucket, skew] = [0, 0, 0, 0];
  for (let table = 0; table < tables; table++) {
    let [filled, sum, squares] = [0, 0, 0];
    for (let i = 0; i < directory.size(table); i++) {
      const length = directory.countAt(table, i);
      if (length > 0) filled++;
      sum += length;
      squares += length * length;
      largestBucket = Math.max(largestBucket, length);
    }
    buckets += filled;
    entries += sum;
    skew += sum === 0 ? 1 : (filled * squares) / (sum * sum);
  }
  return { name, tables, buckets, entries, largestBucket, skew: skew / tables };
}

/** Of a few items. */
async function meanItemBytes(shards: Shards): Promise<number> {
  const calls = shards.keys.flatMap(({ shard, prefix }) =>
    Array.from({ length: 16 }, (_, i) =>
      shards.command(shard, ["STRLEN", itemKey(prefix, Math.floor(((shards.states[shard]?.rows ?? 0) * i) / 16))]),
    ),
  );
  const lengths = (await shards.calls.all(calls)).map(Number).filter((length) => length > 0);
  return lengths.length === 0 ? 0 : lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/** Bytes of a vector; null where they are not all alike. */
function vectorBytes({ kind, dim, precision }: Field): number | null {
  if (kind === "bits") return wordsPerRow(dim) * 4;
  if (kind !== "dense") return null;
  return precision === "f32" ? dim * 4 : precision === "f16" ? dim * 2 : dim + 4;
}

/** Rows as candidates. */
export function candidatesOf(rows: readonly number[]): Candidates {
  const candidates = new Candidates();
  for (const row of rows) candidates.add(row);
  return candidates;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
