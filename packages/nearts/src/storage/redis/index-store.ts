import { configBytes, configFromBytes } from "../../core/config-bytes.js";
import type { HashConfig, Json, Knowledge, Schema, SchemaHash } from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import type { Calls, Script } from "./calls.js";
import { type IndexKeys, indexKeys } from "./keys.js";
import { beginFilling, createIndex, endFilling, keepKnowledge, releaseLease, renewLease } from "./scripts/index-wide.js";
import { raiseNextId } from "./scripts/upkeep.js";
import type { Argument, Reply } from "./wire.js";

const format = "2";
/** A hash that is being filled: its number, and how to make it. */
export interface Filling {
  readonly number: number;
  readonly hash: SchemaHash;
}

/** What is kept of an index beside its shards. */
export interface IndexFacts {
  readonly schema: Schema;
  readonly shards: number;
  readonly hashes: number;
  readonly version: number;
  readonly ready: boolean;
  readonly knowledge: Omit<Knowledge, "filling"> | null;
  readonly filling: Filling | null;
}

/** What is kept of an index beside its shards: schema, configurations, knowledge, the next id, and who may learn it. */
export class IndexStore {
  readonly #keys: IndexKeys;
  readonly #calls: Calls;

  constructor(name: string, calls: Calls) {
    this.#keys = indexKeys(name);
    this.#calls = calls;
  }

  /** Null where there is no index. E_VERSION for one made by a newer nearts. */
  async read(): Promise<IndexFacts | null> {
    const fields = ["format", "schema", "shards", "hashes", "version", "ready", "knowledge", "filling"];
    const values = (await this.#command(["HMGET", this.#keys.meta, ...fields])) as readonly (Buffer | null)[]; // so HMGET answers
    const [made, schema, shards, hashes, version, ready, knowledge, filling] = values;
    if (schema === null || schema === undefined) return null;
    if (String(made) !== format) {
      const message = `the index has format ${show(String(made))}, and this version of nearts knows ${format}: open it with the one that made it`;
      throw new NearError("E_VERSION", message, { format: String(made) });
    }
    return {
      schema: configFromBytes(schema) as Schema, // what create() put there
      shards: Number(String(shards)),
      hashes: Number(String(hashes)),
      version: Number(String(version)),
      ready: ready !== null,
      knowledge: isEmpty(knowledge) ? null : (configFromBytes(knowledge) as Knowledge), // what keep() put there
      filling: isEmpty(filling) ? null : { number: filling.readUInt32LE(0), hash: configFromBytes(filling.subarray(4)) as SchemaHash }, // begin() did
    };
  }

  /** Creates the index, where there is none yet. */
  async create(schema: Schema, shards: number): Promise<void> {
    const args = [Buffer.from(configBytes(schema)), String(shards), String(schema.hashes.length)];
    await this.#script(codes.create, [this.#keys.meta], args);
  }

  /** All shards are made. */
  async ready(): Promise<void> {
    await this.#command(["HSET", this.#keys.meta, "ready", "1"]);
  }

  async loadConfig(name: string): Promise<HashConfig | null> {
    const bytes = await this.#command(["HGET", this.#keys.meta, `c:${name}`]);
    return bytes instanceof Buffer ? (configFromBytes(bytes) as HashConfig) : null; // what storeConfig() put there
  }

  async storeConfig(config: HashConfig): Promise<void> {
    await this.#command(["HSET", this.#keys.meta, `c:${config.name}`, Buffer.from(configBytes(config))]);
  }

  /** The new version; 0 where it was not `version` any more (null: whatever it was). */
  async keep(knowledge: Knowledge | null, version: number | null): Promise<number> {
    const args = [version === null ? "" : String(version), knowledge === null ? "" : Buffer.from(configBytes(plain(knowledge)))];
    return Number(await this.#script(codes.keep, [this.#keys.meta], args));
  }

  /** Reserves integers; the first. */
  async nextId(count: number): Promise<number> {
    return Number(await this.#command(["INCRBY", this.#keys.next, String(count)])) - count;
  }

  /** Integers from here on are free. */
  async raiseNextId(next: number): Promise<void> {
    await this.#script(codes.raise, [this.#keys.next], [String(next)]);
  }

  /** Everything but schema and configurations is forgotten: ids begin anew. */
  async forgetIds(): Promise<void> {
    await this.#command(["DEL", this.#keys.next]);
  }

  /** Takes the lease, where nobody has it. */
  async lease(token: string, millis: number): Promise<boolean> {
    return (await this.#command(["SET", this.#keys.lease, token, "NX", "PX", String(millis)])) !== null;
  }

  async renewLease(token: string, millis: number): Promise<boolean> {
    return Number(await this.#script(codes.renew, [this.#keys.lease], [token, String(millis)])) === 1;
  }

  async releaseLease(token: string): Promise<void> {
    await this.#script(codes.release, [this.#keys.lease], [token]);
  }

  /** A number for a hash to be filled, and the version from which on writes have its keys; null without the lease. */
  async begin(token: string, hash: SchemaHash): Promise<{ readonly number: number; readonly version: number } | null> {
    const { meta, lease } = this.#keys;
    const answer = (await this.#script(codes.begin, [meta, lease], [token, Buffer.from(configBytes(hash))])) as readonly number[]; // two numbers
    return answer[1] === 0 ? null : { number: answer[0], version: answer[1] };
  }

  /** Puts what was filled in use with what is known of it, or (null) gives it up: the new version; 0 without the lease. */
  async end(token: string, number: number, knowledge: Knowledge | null): Promise<number> {
    const { meta, lease } = this.#keys;
    const args = [token, String(number), knowledge === null ? "" : Buffer.from(configBytes(plain(knowledge)))];
    return Number(await this.#script(codes.end, [meta, lease], args));
  }

  async #command(args: readonly Argument[]): Promise<Reply> {
    const [reply] = await this.#calls.all([{ shard: 0, slot: this.#keys.slot, args }]);
    return reply;
  }

  async #script(code: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    const call = { shard: 0, slot: this.#keys.slot, script: { code, keys: keys.length }, args: [...keys, ...args], writes: true };
    const [reply] = await this.#calls.all([call]);
    return reply;
  }
}

const codes = {
  create: { text: createIndex } as Script,
  keep: { text: keepKnowledge } as Script,
  raise: { text: raiseNextId } as Script,
  renew: { text: renewLease } as Script,
  release: { text: releaseLease } as Script,
  begin: { text: beginFilling } as Script,
  end: { text: endFilling } as Script,
};

/** Whether a field is not there, or was emptied. */
function isEmpty(bytes: Buffer | null): bytes is null {
  return bytes === null || bytes.length === 0;
}

/** Without what the storage itself says of it. */
function plain({ learned, notes }: Knowledge): { learned: Knowledge["learned"]; notes: Json } {
  return { learned, notes };
}
