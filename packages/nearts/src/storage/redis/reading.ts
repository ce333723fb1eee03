import type { Candidates } from "../../core/columns.js";
import type { Field, Id } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { Call, Called } from "./calls.js";
import { mergedError } from "./calls.js";
import { type FetchedRow, FetchedRows } from "./fetched-rows.js";
import { itemFrom, type StoredItem } from "./items.js";
import { dataKey, idBytes, itemKey, shardOf } from "./keys.js";
import type { Shards } from "./shards.js";
import type { Reply } from "./wire.js";

/** Keys that one command asks for, at most. */
export const mostKeys = 512;

/** What is read of the shards. */
export interface ReadOptions {
  /** Whether shards that cannot be reached are left out. */
  readonly partial: boolean;
  /** Told which those were. */
  readonly missing: (shards: readonly number[]) => void;
}

/** The replies of calls by their place; null for those of shards that are left out. Rejects with what failed otherwise. */
export function repliesOf(called: readonly Called[], calls: readonly Call[], { partial, missing }: ReadOptions): (Reply | undefined)[] {
  const failed = called.flatMap((one, i) => ("error" in one ? [{ error: one.error, shard: calls[i].shard }] : []));
  const severe = failed.filter(({ error }) => !partial || error.code !== "E_UNAVAILABLE");
  if (severe.length > 0) throw mergedError(severe.map(({ error }) => error));
  const gone = new Set(failed.map(({ shard }) => shard));
  if (partial) missing([...gone].sort((a, b) => a - b));
  return called.map((one, i) => ("reply" in one && !gone.has(calls[i].shard) ? one.reply : undefined));
}

/** Seconds of a server's clock, from what TIME answers. */
export function secondsFrom(reply: Reply | undefined): number {
  return Array.isArray(reply) ? Number(String(reply[0])) : 0;
}

/** Makes candidates readable: one command for each shard, and data too large for that by another where there is some. Drops those that are gone. */
export async function fetchRows(shards: Shards, field: Field, candidates: Candidates, options: ReadOptions): Promise<FetchedRows> {
  const wanted = [...new Set(candidates.rows.subarray(0, candidates.count))];
  const items = await readItems(shards, field, wanted, options);
  const rows = new Map<number, FetchedRow>();
  const beside = [...items].filter(([, { data }]) => data === null).map(([row]) => row);
  const texts = await readData(shards, beside, options);
  for (const [row, { id, vector, data }] of items) rows.set(row, { id, vector, data: data === null ? texts.get(row) : data });
  const kept = Uint32Array.from({ length: candidates.count }, (_, i) => i).filter((i) => rows.has(candidates.rows[i]));
  candidates.keep(kept, kept.length);
  return new FetchedRows(rows);
}

/** The items of rows, by row, but those that are gone or have ended. */
export async function readItems(
  shards: Shards,
  field: Field,
  rows: readonly number[],
  options: ReadOptions,
): Promise<Map<number, StoredItem>> {
  const parts = byShard(shards, rows);
  const calls = parts.map(({ shard, rows: own }) => {
    const { prefix } = shards.keys[shard];
    return shards.command(shard, ["MGET", ...own.map((row) => itemKey(prefix, Math.floor(row / shards.count)))]);
  });
  const clocks = [...new Set(parts.map(({ shard }) => shard))].filter((shard) => shards.states[shard]?.expiring === true);
  const replies = repliesOf(
    await shards.calls.each([...calls, ...clocks.map((shard) => shards.command(shard, ["TIME"]))]),
    [...calls, ...clocks.map((shard) => shards.command(shard, ["TIME"]))],
    options,
  );
  const now = new Map(clocks.map((shard, i) => [shard, secondsFrom(replies[calls.length + i])]));
  const found = new Map<number, StoredItem>();
  parts.forEach(({ shard, rows: own }, p) => {
    own.forEach((row, i) => {
      const bytes = (replies[p] as readonly (Buffer | null)[] | undefined)?.[i]; // so MGET answers
      if (bytes === null || bytes === undefined) return;
      const item = itemFrom(bytes, field);
      if (item.end === 0 || item.end > (now.get(shard) ?? 0)) found.set(row, item);
    });
  });
  return found;
}

/** Data that is beside its items, by row. */
async function readData(shards: Shards, rows: readonly number[], options: ReadOptions): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  if (rows.length === 0) return texts;
  const parts = byShard(shards, rows);
  const calls = parts.map(({ shard, rows: own }) =>
    shards.command(shard, ["MGET", ...own.map((row) => dataKey(shards.keys[shard].prefix, Math.floor(row / shards.count)))]),
  );
  const replies = repliesOf(await shards.calls.each(calls), calls, options);
  parts.forEach(({ rows: own }, p) => {
    own.forEach((row, i) => {
      const bytes = (replies[p] as readonly (Buffer | null)[] | undefined)?.[i]; // so MGET answers
      if (bytes) texts.set(row, bytes.toString("utf8"));
    });
  });
  return texts;
}

/** The rows of ids, in their order; −1 where there is none. */
export async function findRows(shards: Shards, ids: readonly Id[], options: ReadOptions): Promise<number[]> {
  const names = ids.map(idBytes);
  const places = names.map((name, i) => ({ shard: shardOf(name, shards.count), i }));
  const own = shards.keys.flatMap(({ shard, prefix, state }) => {
    const asked = places.filter((place) => place.shard === shard).map(({ i }) => i);
    return asked.length === 0 ? [] : [{ shard, prefix, state, asked }];
  });
  const calls = own.flatMap(({ shard, prefix, state, asked }) => [
    shards.command(shard, ["GET", state]),
    shards.command(shard, ["HMGET", `${prefix}k`, ...asked.map((i) => names[i])]),
  ]);
  const replies = repliesOf(await shards.calls.each(calls), calls, options);
  const rows = new Array<number>(ids.length).fill(-1);
  let expiring = false;
  own.forEach(({ shard, asked }, p) => {
    if (replies[p * 2] === undefined) return;
    const state = shards.note(shard, replies[p * 2]);
    expiring ||= state.expiring;
    const found = replies[p * 2 + 1] as readonly (Buffer | null)[]; // so HMGET answers
    if (state.clearing) return;
    for (const [n, i] of asked.entries()) rows[i] = found[n] == null ? -1 : Number(String(found[n])) * shards.count + shard;
  });
  return expiring ? withoutEnded(shards, rows, options) : rows;
}

/** The rows, −1 in the place of those that have ended. */
async function withoutEnded(shards: Shards, rows: readonly number[], options: ReadOptions): Promise<number[]> {
  const parts = byShard(shards, [...new Set(rows.filter((row) => row >= 0))]);
  const calls = parts.flatMap(({ shard, rows: own }) => [
    shards.command(shard, ["TIME"]),
    ...own.map((row) => shards.command(shard, ["GETRANGE", itemKey(shards.keys[shard].prefix, Math.floor(row / shards.count)), "0", "3"])),
  ]);
  const replies = repliesOf(await shards.calls.each(calls), calls, options);
  const ended = new Set<number>();
  let at = 0;
  for (const { rows: own } of parts) {
    const now = secondsFrom(replies[at++]);
    for (const row of own) {
      const end = replies[at++];
      if (end instanceof Buffer && end.length === 4 && end.readUInt32LE(0) > 0 && end.readUInt32LE(0) <= now) ended.add(row);
    }
  }
  return rows.map((row) => (ended.has(row) ? -1 : row));
}

/** Rows by shard, in pieces that one command can ask for. */
function byShard(shards: Shards, rows: readonly number[]): { readonly shard: number; readonly rows: number[] }[] {
  const parts: { shard: number; rows: number[] }[] = [];
  const last = new Map<number, { shard: number; rows: number[] }>();
  for (const row of rows) {
    const shard = row % shards.count;
    let part = last.get(shard);
    if (part === undefined || part.rows.length === mostKeys) {
      part = { shard, rows: [] };
      last.set(shard, part);
      parts.push(part);
    }
    part.rows.push(row);
  }
  return parts;
}

/** Refuses (E_MEMORY) to bring more than this to where it is asked for at once. */
export function admitFetch(rows: number, field: Field): void {
  const bytes = rows * bytesAbout(field);
  if (bytes <= mostFetched) return;
  const message = `this query measures ${rows} vectors, ${bytes} bytes that a server would have to send, over ${mostFetched}: give the engine a recall or hashes, or ask for less`;
  throw new NearError("E_MEMORY", message, { rows, bytes, limit: mostFetched });
}

/** What a vector takes, about: of kinds of varying length what many do. */
function bytesAbout({ kind, dim }: Field): number {
  if (kind === "dense") return dim * 4;
  return kind === "bits" ? dim / 8 : 1024;
}

const mostFetched = 2 ** 31;
