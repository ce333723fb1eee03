import type { Codes } from "../../core/codes.js";
import type { Keys } from "../../core/columns.js";
import type { Batch, Field, Id, WriteReport } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { Script } from "./calls.js";
import { itemOf, type WrittenItem } from "./items.js";
import { bucketNameBytes, idBytes, putBucketName, shardOf } from "./keys.js";
import { putBody, type RecordLayout } from "./records.js";
import { removeItems, writeItems } from "./scripts/items.js";
import { type Answer, type ShardScript, type Shards, stale } from "./shards.js";

/** What one call of a script is about, at most: some milliseconds of a server that does nothing else meanwhile. */
const mostItems = 128;
const mostBytes = 256 * 1024;

/** Rows of a batch that go to one shard in one call. */
interface Part {
  readonly shard: number;
  readonly rows: number[];
  bytes: number;
}

/** Writes a batch: each item in one script on its shard, all or nothing. */
export async function writeBatch(shards: Shards, field: Field, batch: Batch): Promise<WriteReport> {
  const { version } = batch;
  if (version !== undefined && version < shards.seen) throw stale(version, shards.seen);
  const { rows, ids, data, keys } = batch;
  const names = ids.map(idBytes);
  const last = new Map<Id, number>(ids.map((id, i) => [id, i]));
  const items: (WrittenItem | null)[] = ids.map((id, i) => (last.get(id) === i ? itemOf(field, rows, i, names[i], data?.[i]) : null));
  const entries = new EntryColumns(shards.layouts, rows.count, keys, batch.codes);
  const parts = partsOf(shards, items, names, entries);
  const ttl = batch.ttlSeconds ?? 0;
  const scripts = parts.map(({ shard, rows: own, bytes }): ShardScript => {
    const blob = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const i of own) at = putItem(blob, at, items[i] as WrittenItem, names[i], ttl, entries, i); // parts name items only
    return { shard, code: codes.write, args: [newToken(), blob], writes: true, version, answerBytes: 4 };
  });
  const answers = answersOf(await shards.tryAll(scripts), parts, ids);
  const inserted = answers.reduce((sum, { payload }) => sum + payload.readUInt32LE(0), 0);
  return { inserted, replaced: rows.count - inserted };
}

/** Removes items; says for each whether it was there. */
export async function removeIds(shards: Shards, ids: readonly Id[]): Promise<boolean[]> {
  const existed = new Array<boolean>(ids.length).fill(false);
  const names = ids.map(idBytes);
  const first = new Map<Id, number>();
  ids.forEach((id, i) => {
    if (!first.has(id)) first.set(id, i);
  });
  const parts = new Map<number, Part[]>();
  for (const i of first.values()) place(parts, shardOf(names[i], shards.count), i, 2 + names[i].length);
  const all = [...parts.values()].flat();
  const scripts = all.map(({ shard, rows, bytes }): ShardScript => {
    const blob = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const i of rows) {
      blob.writeUInt16LE(names[i].length, at);
      at = at + 2 + names[i].copy(blob, at + 2);
    }
    return { shard, code: codes.remove, args: [newToken(), blob], writes: true, answerBytes: rows.length };
  });
  const answers = answersOf(await shards.tryAll(scripts), all, ids);
  answers.forEach(({ payload }, p) => {
    for (const [n, i] of all[p].rows.entries()) existed[i] = payload[n] === 1;
  });
  return existed;
}

/** The entries of a batch's rows, hash by hash: rows ascend in the keys of each. */
export class EntryColumns {
  readonly #layouts: ReadonlyMap<number, RecordLayout>;
  readonly #keys: readonly Keys[];
  readonly #codes: readonly (Codes | null)[];
  /** For each hash with entries where those of each row begin. */
  readonly #starts: readonly (readonly [number, Uint32Array])[];

  constructor(layouts: ReadonlyMap<number, RecordLayout>, rows: number, keys: readonly Keys[], codes: Batch["codes"]) {
    this.#layouts = layouts;
    this.#keys = keys;
    this.#codes = keys.map((_, h) => codes?.[h] ?? null);
    this.#starts = keys.flatMap((own, h) => (own.count === 0 ? [] : [[h, startsOf(own, rows)] as const]));
  }

  /** Calls `each` with every entry of a row, but keys that come again. */
  of(row: number, each: (hash: number, entry: number, layout: RecordLayout) => void): void {
    for (const [h, starts] of this.#starts) {
      const layout = this.#layouts.get(h);
      if (layout === undefined) throw unknownHash(h);
      for (let e = starts[row]; e < starts[row + 1]; e++) if (!comesAgain(this.#keys[h], starts[row], e)) each(h, e, layout);
    }
  }

  /** Writes a bucket's name and a record without row and end; where the next goes. */
  put(bytes: Buffer, at: number, hash: number, e: number, layout: RecordLayout): number {
    const { tables, hi, lo } = this.#keys[hash];
    putBucketName(bytes, at, hash, tables[e], hi[e], lo[e]);
    const codes = this.#codes[hash];
    if (layout.groups > 0 && codes !== null) putBody(bytes, at + bucketNameBytes, layout, codes, e);
    return at + bucketNameBytes + layout.bodyBytes;
  }
}

function startsOf(keys: Keys, rows: number): Uint32Array {
  const starts = new Uint32Array(rows + 1);
  for (let e = 0; e < keys.count; e++) starts[keys.rows[e] + 1]++;
  for (let i = 0; i < rows; i++) starts[i + 1] += starts[i];
  return starts;
}

function comesAgain({ tables, hi, lo }: Keys, from: number, e: number): boolean {
  for (let other = from; other < e; other++) if (tables[other] === tables[e] && hi[other] === hi[e] && lo[other] === lo[e]) return true;
  return false;
}

function unknownHash(hash: number): NearError {
  return new NearError("E_STALE", `hash number ${hash} is not in use here any more: the index has been learned anew`, {
    hash,
    retryable: true,
  });
}

function partsOf(shards: Shards, items: readonly (WrittenItem | null)[], names: readonly Buffer[], entries: EntryColumns): Part[] {
  const parts = new Map<number, Part[]>();
  items.forEach((item, i) => {
    if (item === null) return;
    let bytes = 16 + names[i].length + item.bytes.length + (item.beside?.length ?? 0);
    entries.of(i, (_hash, _e, layout) => (bytes += bucketNameBytes + layout.bodyBytes));
    place(parts, shardOf(names[i], shards.count), i, bytes);
  });
  return [...parts.values()].flat();
}

/** Adds row `i` to the last call to its shard, or to a new one. */
function place(parts: Map<number, Part[]>, shard: number, i: number, bytes: number): void {
  const own = parts.get(shard) ?? [];
  parts.set(shard, own);
  const last = own.at(-1);
  if (last === undefined || last.rows.length === mostItems || last.bytes + bytes > mostBytes) own.push({ shard, rows: [i], bytes });
  else {
    last.rows.push(i);
    last.bytes += bytes;
  }
}

function putItem(blob: Buffer, start: number, item: WrittenItem, name: Buffer, ttl: number, entries: EntryColumns, row: number): number {
  blob.writeUInt16LE(name.length, start);
  blob.writeUInt32LE(item.bytes.length, start + 4);
  blob.writeUInt32LE(item.beside?.length ?? 0, start + 8);
  blob.writeUInt32LE(ttl, start + 12);
  let at = start + 16;
  at += name.copy(blob, at);
  at += item.bytes.copy(blob, at);
  if (item.beside !== null) at += item.beside.copy(blob, at);
  let count = 0;
  entries.of(row, (hash, e, layout) => {
    at = entries.put(blob, at, hash, e, layout);
    count++;
  });
  blob.writeUInt16LE(count, start + 2);
  return at;
}

/** All answers; or what went wrong, with the ids of which that is so. */
function answersOf(outcomes: readonly (Answer | NearError)[], parts: readonly Part[], ids: readonly Id[]): Answer[] {
  const errors = outcomes.flatMap((one, p) => (one instanceof NearError ? [{ error: one, part: parts[p] }] : []));
  if (errors.length === 0) return outcomes as Answer[]; // none is an error
  const old = errors.find(({ error }) => error.code === "E_STALE");
  if (old !== undefined) throw old.error;
  const failedIds = errors.flatMap(({ part }) => part.rows.map((i) => ids[i]));
  const [{ error }] = errors;
  const shards = [...new Set(errors.map(({ part }) => part.shard))].sort((a, b) => a - b);
  const outcome = errors.some((one) => one.error.details["outcome"] === "unknown") ? "unknown" : "none";
  if (errors.length === outcomes.length) {
    throw new NearError(error.code, error.message, { ...error.details, shards, outcome, failedIds }, { cause: error.cause });
  }
  const message = `${failedIds.length} of ${ids.length} items failed (details.failedIds), the others are done: ${error.message}`;
  throw new NearError(
    "E_PARTIAL",
    message,
    { failedIds, shards, outcome: "partial", retryable: error.details["retryable"] ?? true },
    { cause: error },
  );
}

const codes = { write: { text: writeItems } as Script, remove: { text: removeItems } as Script };

/** What no other call has. */
export function newToken(): Buffer {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
}
