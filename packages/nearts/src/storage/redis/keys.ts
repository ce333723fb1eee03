import { crc32 } from "#platform";
import type { Id } from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { slotOf } from "./slots.js";

/** Names that an index may have: none of these bytes means anything in a key, a hash tag or a pattern. */
const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/** E_BAD_OPTION unless it can be an index's name. */
export function checkName(name: unknown): string {
  if (typeof name === "string" && namePattern.test(name)) return name;
  throw new NearError("E_BAD_OPTION", `name is ${show(name)}; give 1 to 64 letters, digits, "_" or "-"`, { name });
}

/** Where the keys of one shard begin: all of them share its hash tag, and so its slot. No index's prefix begins like another's. */
export interface ShardKeys {
  readonly shard: number;
  readonly prefix: string;
  readonly slot: number;
  /** The shard's state; and a key that never exists: named with every write, it makes a server refuse it while the slot is on its way to another. */
  readonly state: string;
  readonly absent: string;
}

/** Keys of a shard, of so many. The index's own (schema, knowledge, configurations) are with shard 0. */
export function shardKeys(name: string, shard: number): ShardKeys {
  const tag = `${name}:${shard}`;
  const prefix = `{${tag}}:`;
  return { shard, prefix, slot: slotOf(tag), state: `${prefix}g`, absent: `${prefix}-` };
}

/** Keys of an index, all in the slot of shard 0. */
export interface IndexKeys {
  readonly slot: number;
  /** Hash: format, schema, shards, version, knowledge, filling, configurations (`c:` and the name). */
  readonly meta: string;
  /** The next integer that is free as an id. */
  readonly next: string;
  /** Who may learn the index anew. */
  readonly lease: string;
}

export function indexKeys(name: string): IndexKeys {
  const { prefix, slot } = shardKeys(name, 0);
  return { slot, meta: `${prefix}m`, next: `${prefix}n`, lease: `${prefix}l` };
}

/** The key of an item, and of data too large to be in it, by local row. */
export function itemKey(prefix: string, row: number): string {
  return `${prefix}i${row}`;
}

export function dataKey(prefix: string, row: number): string {
  return `${prefix}x${row}`;
}

/** Bytes of a bucket's name within a shard: hash (u16), table (u16), upper and lower half of the key (u32), little-endian. */
export const bucketNameBytes = 12;

/** Writes a bucket's name. */
export function putBucketName(bytes: Buffer, at: number, hash: number, table: number, hi: number, lo: number): void {
  bytes.writeUInt16LE(hash, at);
  bytes.writeUInt16LE(table, at + 2);
  bytes.writeUInt32LE(hi, at + 4);
  bytes.writeUInt32LE(lo, at + 8);
}

/** The key of a bucket. */
export function bucketKey(prefix: string, hash: number, table: number, hi: number, lo: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefix.length + 1 + bucketNameBytes);
  bytes.write(prefix, 0, "latin1");
  bytes.write("b", prefix.length, "latin1");
  putBucketName(bytes, prefix.length + 1, hash, table, hi, lo);
  return bytes;
}

/** An id as bytes, of which no two are alike: `n` and the digits, or `s` and the text. */
export function idBytes(id: Id): Buffer {
  return Buffer.from(typeof id === "number" ? `n${id}` : `s${id}`, "utf8");
}

/** The id of these bytes. E_CORRUPT for what is none. */
export function idFromBytes(bytes: Buffer): Id {
  const text = bytes.toString("utf8", 1);
  if (bytes[0] === 0x73 && text !== "") return text;
  const number = Number(text);
  if (bytes[0] === 0x6e && Number.isSafeInteger(number) && text !== "") return number;
  throw new NearError("E_CORRUPT", `a stored vector has ${show(bytes.toString("latin1"))} for an id: run repair()`, {});
}

/** The shard of an id. */
export function shardOf(id: Buffer, shards: number): number {
  return shards === 1 ? 0 : crc32(id) % shards;
}
