import type { SchemaHash } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { Call, Called, Calls, Script } from "./calls.js";
import { mergedError } from "./calls.js";
import { Directory } from "./directory.js";
import { bucketNameBytes, type ShardKeys, shardKeys } from "./keys.js";
import { type RecordLayout, recordLayout } from "./records.js";
import { clearShard, readDirectory } from "./scripts/upkeep.js";
import { noHash, type ShardState, stateFrom } from "./state.js";
import type { Argument, Reply } from "./wire.js";

/** A version that every shard admits. */
export const anyVersion = 0xffffffff;
/** Bytes of a touched bucket in an answer: its name, and the records left. */
const touchedBytes = bucketNameBytes + 4;
/** Calls of clearing helped along before giving up. */
const mostHelp = 10_000;

/** A script for one shard. */
export interface ShardScript {
  readonly shard: number;
  readonly code: Script;
  readonly args: readonly Argument[];
  readonly writes?: boolean;
  /** Of the knowledge by which it was made; what was read last when not given. */
  readonly version?: number | undefined;
  /** Bytes of its answer before what it says of changed buckets; absent where it says nothing of these. */
  readonly answerBytes?: number;
}

/** What a script answered. */
export interface Answer {
  readonly shard: number;
  readonly status: "ok" | "done";
  readonly state: ShardState;
  readonly payload: Buffer;
}

/** Why a script was not run: everything is being removed, or half of another was done too. */
type Held = "clearing" | "torn";

/** The shards of one index: where they are, what is known of each, and scripts on them. */
export class Shards {
  readonly keys: readonly ShardKeys[];
  readonly calls: Calls;
  /** How the records of each hash lie, by number: those of the schema, the learned one and the one being filled. */
  readonly layouts: Map<number, RecordLayout> = new Map();
  /** The version of the knowledge that was read last, with the hash being filled then; and the highest heard of. */
  version = 0;
  filling: number = noHash;
  seen = 0;
  /** Numbers that hashes have had. */
  hashes = 0;
  readonly states: (ShardState | null)[];
  readonly #directories = new Map<number, Directory>();
  readonly #tables = new Map<number, number>();
  readonly #keysPerRow = new Map<number, number>();
  readonly #mend: (shards: readonly number[]) => Promise<void>;
  readonly #mending = new Map<number, Promise<void>>();

  /** `mend` puts shards right of which half a write was done. */
  constructor(name: string, count: number, calls: Calls, mend: (shards: readonly number[]) => Promise<void>) {
    this.#mend = mend;
    this.keys = Array.from({ length: count }, (_, shard) => shardKeys(name, shard));
    this.states = new Array<ShardState | null>(count).fill(null);
    this.calls = calls;
  }

  get count(): number {
    return this.keys.length;
  }

  /** Notes a hash that is in use. */
  use(number: number, hash: SchemaHash): void {
    this.layouts.set(number, recordLayout(hash));
    this.#tables.set(number, hash.tables);
    this.#keysPerRow.set(number, hash.tables * hash.keysPerTable);
  }

  /** Most keys that a row has in all tables of a hash. */
  keysPerRow(number: number): number {
    return this.#keysPerRow.get(number) ?? 1;
  }

  tablesOf(number: number): number {
    return this.#tables.get(number) ?? 0;
  }

  /** A command on keys of one shard. */
  command(shard: number, args: readonly Argument[]): Call {
    return { shard, slot: this.keys[shard].slot, args };
  }

  /** Runs scripts; rejects with what failed, after all were tried. */
  async run(scripts: readonly ShardScript[]): Promise<Answer[]> {
    const outcomes = await this.tryAll(scripts);
    const errors = outcomes.filter((one) => one instanceof NearError);
    if (errors.length > 0) throw errors.find(({ code }) => code === "E_STALE") ?? mergedError(errors);
    return outcomes as Answer[]; // none is an error
  }

  /** The same script on all shards. */
  runAll(code: Script, args: readonly Argument[] = [], writes = false): Promise<Answer[]> {
    return this.run(this.keys.map(({ shard }) => ({ shard, code, args, writes, version: anyVersion })));
  }

  /** What each script came to; never rejects. */
  async tryAll(scripts: readonly ShardScript[]): Promise<(Answer | NearError)[]> {
    const outcomes = await this.#once(scripts);
    const held = outcomes.flatMap((one, i) => (typeof one === "string" ? [i] : []));
    if (held.length === 0) return outcomes as (Answer | NearError)[]; // none is held, here and below
    const which = (why: Held) => [...new Set(held.filter((i) => outcomes[i] === why).map((i) => scripts[i].shard))];
    try {
      // Somebody is removing everything, or was and is gone: that is brought to its end first.
      await this.clear(which("clearing"), false);
      if (which("torn").length > 0) await this.#mendOnce(which("torn"));
    } catch (error) {
      return outcomes.map((one) => (typeof one === "string" ? (error as NearError) : one)); // all that clearing and mending reject with
    }
    const again = await this.tryAll(held.map((i) => scripts[i]));
    for (const [n, i] of held.entries()) outcomes[i] = again[n];
    return outcomes as (Answer | NearError)[];
  }

  /** Removes everything from shards. */
  async clear(shards: readonly number[], begins: boolean, version: number = anyVersion): Promise<void> {
    let left = [...shards];
    for (let round = 0; left.length > 0 && round < mostHelp; round++) {
      const args = [words(begins && round === 0 ? 1 : 0, this.hashes)];
      const outcomes = await this.#once(left.map((shard) => ({ shard, code: codes.clear, args, writes: true, version })));
      const errors = outcomes.filter((one) => one instanceof NearError);
      if (errors.length > 0) throw mergedError(errors);
      left = left.filter((_, i) => (outcomes[i] as Answer).payload.readUInt32LE(0) !== 0); // clearing never says that it is held
    }
    for (const directory of this.#directories.values()) directory.spoil();
  }

  /** What a query or read heard of a shard. E_CORRUPT where it is gone. */
  note(shard: number, reply: Reply | undefined): ShardState {
    const state = stateFrom(reply, shard);
    this.states[shard] = state;
    this.seen = Math.max(this.seen, state.version);
    return state;
  }

  /** The directory of a hash, read anew where it is not known to be right. */
  async directory(hash: number): Promise<Directory> {
    const known = this.#directories.get(hash) ?? new Directory(this.#tables.get(hash) ?? 1, this.count);
    this.#directories.set(hash, known);
    if (known.fresh) return known;
    const name = hashBytes(hash);
    for (const { shard, state, payload } of await this.run(
      this.keys.map(({ shard }) => ({ shard, code: codes.directory, args: [name], version: anyVersion })),
    )) {
      known.load(shard, payload, state.changes, state.keysVersion);
    }
    return known;
  }

  /** Whether the buckets of a hash in a shard may be others than its directory says, where anybody asked for that; if so it is read anew the next time. */
  outdated(hash: number, shard: number, { keysVersion }: ShardState): boolean {
    const directory = this.#directories.get(hash);
    if (directory === undefined || directory.knows(shard, keysVersion)) return false;
    directory.spoil();
    return true;
  }

  /** Forgets what is known of the buckets of hashes that are not in use any more. */
  forget(hashes: readonly number[]): void {
    for (const hash of hashes) {
      this.layouts.delete(hash);
      this.#tables.delete(hash);
      this.#directories.delete(hash);
    }
  }

  spoil(): void {
    for (const directory of this.#directories.values()) directory.spoil();
  }

  /** Mends shards, each once however many calls find it torn meanwhile. */
  async #mendOnce(which: readonly number[]): Promise<void> {
    const found = which.filter((shard) => !this.#mending.has(shard));
    if (found.length > 0) {
      const mending = this.#mend(found).finally(() => {
        for (const shard of found) this.#mending.delete(shard);
      });
      for (const shard of found) this.#mending.set(shard, mending);
    }
    await Promise.all(which.flatMap((shard) => this.#mending.get(shard) ?? []));
  }

  async #once(scripts: readonly ShardScript[]): Promise<(Answer | NearError | Held)[]> {
    const calls = scripts.map(({ shard, code, args, writes = false, version = this.version }): Call => {
      const { state, absent, slot } = this.keys[shard];
      return { shard, slot, script: { code, keys: 2 }, args: [state, absent, this.#context(shard, version), ...args], writes };
    });
    const called = await this.calls.each(calls);
    return called.map((one, i) => this.#answer(scripts[i], one));
  }

  #answer({ shard, version = this.version, answerBytes }: ShardScript, called: Called): Answer | NearError | Held {
    if ("error" in called) return called.error;
    const [status, state, payload] = called.reply as readonly [Buffer, Buffer, Buffer]; // as all scripts on shards answer
    const said = String(status);
    try {
      const noted = this.note(shard, said === "gone" ? null : state);
      if (said === "stale") return stale(version, noted.version);
      if (said === "clearing" || said === "torn") return said;
      if (answerBytes !== undefined) this.#follow(shard, said, noted, payload, answerBytes);
      return { shard, status: said === "done" ? "done" : "ok", state: noted, payload };
    } catch (error) {
      return error as NearError; // all that noting throws
    }
  }

  /** Keeps directories up with this process's own writes. */
  #follow(shard: number, status: string, state: ShardState, payload: Buffer, at: number): void {
    if (this.#directories.size === 0) return;
    const byHash = new Map<number, Buffer[]>([...this.#directories.keys()].map((hash) => [hash, []]));
    if (status !== "done") {
      for (let from = at + 4; from + touchedBytes <= payload.length; from += touchedBytes) {
        byHash.get(payload.readUInt16LE(from))?.push(payload.subarray(from + 2, from + touchedBytes));
      }
    }
    // What was done before, and answered now, cannot be followed.
    const before = status === "done" ? -1 : payload.readUInt32LE(at);
    for (const [hash, touched] of byHash) this.#directories.get(hash)?.follow(shard, before, state.changes, state.keysVersion, touched);
  }

  #context(shard: number, version: number): Buffer {
    const bytes = Buffer.allocUnsafe(16 + this.layouts.size * 4);
    bytes.writeUInt32LE(version, 0);
    bytes.writeUInt32LE(this.filling, 4);
    bytes.writeUInt32LE(this.count, 8);
    bytes.writeUInt32LE(shard, 12);
    let at = 16;
    for (const [hash, layout] of this.layouts) {
      bytes.writeUInt16LE(hash, at);
      bytes.writeUInt16LE(layout.bytes, at + 2);
      at += 4;
    }
    return bytes;
  }
}

const codes = {
  clear: { text: clearShard } as Script,
  directory: { text: readDirectory } as Script,
};

/** The index was learned anew since: the engine reads what is known now, and tries again. */
export function stale(version: number, there: number): NearError {
  const message = `what this process knows of the index is version ${version}, and it is at ${there}: it has been learned or tuned anew`;
  return new NearError("E_STALE", message, { version, there, retryable: true, outcome: "none" });
}

/** Numbers as u32. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 4);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number, i * 4);
  return bytes;
}

/** A hash's number as u16. */
export function hashBytes(hash: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(hash);
  return bytes;
}
