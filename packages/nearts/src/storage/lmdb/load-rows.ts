import { Keys } from "../../core/columns.js";
import type { Id } from "../../core/contracts.js";
import type { ResidentIndex } from "../resident/resident-index.js";
import { chunkRows, chunksBelow, chunksOf } from "./chunks.js";
import { readIds } from "./id-chunks.js";
import type { StoredHash } from "./stored-hash.js";
import type { StoredTexts } from "./stored-texts.js";
import type { Table } from "./table.js";

/** Entries put into buckets at once. */
const chunksAtOnce = 64;

/** Where rows are loaded from and to. */
export interface Loading {
  readonly index: ResidentIndex;
  readonly texts: StoredTexts;
  readonly ids: Table<number>;
  readonly hashes: ReadonlyMap<number, StoredHash>;
  /** Whether the data have declared fields. */
  readonly fields: boolean;
}

/** Loads all rows of an index that has none in memory. */
export function loadAll(loading: Loading, end: number): void {
  const { index, texts, ids, hashes } = loading;
  index.table.reserve(end);
  for (let chunk = 0; chunk < chunksBelow(end); chunk++) {
    readIds(ids, chunk).forEach((stored, i) => {
      if (stored !== null) placeRow(loading, chunk * chunkRows + i, stored.id, stored.data);
    });
  }
  index.table.recount();
  for (const [number, hash] of hashes) loadHash(index, number, hash, end);
  if (!loading.fields) return;
  for (const row of index.rows()) index.setFields(row, texts.get(row));
}

/** Loads the entries of one hash, whose buckets are empty: each bucket in one piece, where it has codes and all keys are in one table. */
export function loadHash(index: ResidentIndex, number: number, hash: StoredHash, end: number): void {
  index.hashes.reserve(end);
  const holds = (row: number) => index.table.holds(row);
  const counts = new Map<number, number>();
  let plain = hash.codec.codes() !== null;
  forEachPart(hash, chunksBelow(end), holds, false, (keys) => {
    for (let e = 0; e < keys.count && plain; e++) {
      plain = keys.tables[e] === 0 && keys.hi[e] === 0;
      counts.set(keys.lo[e], (counts.get(keys.lo[e]) ?? 0) + 1);
    }
    return plain;
  });
  if (plain) {
    const lo = Uint32Array.from(counts.keys()).sort();
    index.prepare(
      number,
      lo,
      lo.map((key) => counts.get(key) ?? 0),
    );
  }
  forEachPart(hash, chunksBelow(end), holds, true, (keys, codes) => {
    index.enter(number, keys, codes);
    return true;
  });
  index.settle(number);
}

/** Loads these rows anew, as they are in the database now. */
export function reloadRows(loading: Loading, rows: readonly number[]): void {
  const { index, texts, ids, hashes } = loading;
  index.evict(rows.filter((row) => index.table.holds(row)));
  for (const row of rows) texts.note(row, false);
  const wanted = new Set(rows);
  const there: number[] = [];
  for (const chunk of chunksOf(rows)) {
    readIds(ids, chunk).forEach((stored, i) => {
      const row = chunk * chunkRows + i;
      if (stored === null || !wanted.has(row)) return;
      placeRow(loading, row, stored.id, stored.data);
      there.push(row);
    });
  }
  index.hashes.reserve(index.table.end);
  for (const [number, hash] of hashes) {
    const [keys, codes] = [new Keys(), hash.codec.codes()];
    const holds = (row: number) => wanted.has(row) && index.table.holds(row);
    for (const chunk of chunksOf(there)) hash.read(chunk, holds, keys, codes);
    index.enter(number, keys, codes);
  }
  if (loading.fields) for (const row of there) index.setFields(row, texts.get(row));
  index.hashes.tidy();
}

function placeRow({ index, texts }: Loading, row: number, id: Id, data: boolean): void {
  index.table.place(row, id);
  if (data) texts.note(row, true);
}

/** Reads entries of so many chunks, some chunks at once, with or without their codes, until `work` says that it is enough. */
function forEachPart(
  hash: StoredHash,
  chunks: number,
  wants: (row: number) => boolean,
  withCodes: boolean,
  work: (keys: Keys, codes: ReturnType<StoredHash["codec"]["codes"]>) => boolean,
): void {
  const keys = new Keys();
  const codes = withCodes ? hash.codec.codes() : null;
  for (let from = 0; from < chunks; from += chunksAtOnce) {
    keys.clear();
    codes?.clear();
    for (let chunk = from; chunk < Math.min(chunks, from + chunksAtOnce); chunk++) hash.read(chunk, wants, keys, codes);
    if (!work(keys, codes)) return;
  }
}
