import type { Codes } from "../../core/codes.js";
import type { Candidates, Keys } from "../../core/columns.js";
import type { Field, Knowledge, Lease, SchemaHash, Shared, SharedBlock } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { Rows } from "../../core/rows.js";
import type { Script } from "./calls.js";
import type { IndexStore } from "./index-store.js";
import { type ReadOptions, repliesOf } from "./reading.js";
import { enterItems } from "./scripts/items.js";
import { raiseShard } from "./scripts/upkeep.js";
import { type ShardScript, type Shards, words } from "./shards.js";
import { removeBuckets } from "./upkeep.js";
import { blockOf, listEntries, type WalkedBlock } from "./walks.js";
import { EntryColumns, newToken } from "./writing.js";

/** Milliseconds that a lease lasts without being renewed, and between renewals. */
const leaseMillis = 15_000;
const renewMillis = 4_000;
/** Sampled rows read at once, and rows entered by one script. */
const sampleRows = 512;
const enteredAtOnce = 64;

/** What is shared, once the storage is open. */
export interface SharedParts {
  readonly shards: Shards;
  readonly field: Field;
  readonly index: IndexStore;
  readonly reading: ReadOptions;
}

/** An index that many processes use, as one of them learns it for all. */
export class SharedIndex implements Shared {
  readonly #parts: () => SharedParts;
  readonly #learnFacts: () => Promise<Knowledge | null>;
  readonly #leases = new Set<IndexLease>();

  constructor(parts: () => SharedParts, learnFacts: () => Promise<Knowledge | null>) {
    this.#parts = parts;
    this.#learnFacts = learnFacts;
  }

  async all(out: Candidates): Promise<void> {
    const { shards } = this.#parts();
    for (const { shard, rows } of await this.#rows()) {
      out.reserve(rows);
      for (let row = 0; row < rows; row++) out.add(row * shards.count + shard);
      out.raw += rows;
    }
  }

  async *sample(count: number): AsyncIterable<Rows> {
    const { shards, field, reading } = this.#parts();
    const counts = await this.#rows();
    const total = counts.reduce((sum, { rows }) => sum + rows, 0);
    // Every so many-eth row: ids lie in shards and rows without an order of their own.
    const step = Math.max(1, total / Math.max(1, count));
    const chosen: number[] = [];
    for (const { shard, rows } of counts)
      for (let i = 0; Math.floor(i * step) < rows; i++) chosen.push(Math.floor(i * step) * shards.count + shard);
    for (let from = 0; from < chosen.length; from += sampleRows) {
      const block = await blockOf(shards, field, chosen.slice(from, from + sampleRows), Number.POSITIVE_INFINITY, reading);
      if (block.ids.length > 0) yield block.rows;
    }
  }

  async lease(): Promise<Lease | null> {
    const { index } = this.#parts();
    const token = newToken().toString("hex");
    if (!(await index.lease(token, leaseMillis))) return null;
    const lease = new IndexLease(token, this.#parts(), this.#learnFacts, (version) => this.raise(version));
    this.#leases.add(lease);
    lease.ended = () => this.#leases.delete(lease);
    return lease;
  }

  /** Brings all shards to a version of the knowledge: who comes with an older one is refused from then on. */
  async raise(version: number): Promise<void> {
    const { shards } = this.#parts();
    await shards.run(shards.keys.map(({ shard }) => ({ shard, code: codes.raise, args: [], writes: true, version })));
  }

  /** Gives back what this process holds. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.#leases].map((lease) => lease.release()));
  }

  /** Rows ever numbered, by shard. */
  async #rows(): Promise<{ readonly shard: number; readonly rows: number }[]> {
    const { shards, reading } = this.#parts();
    const calls = shards.keys.map(({ shard, state }) => shards.command(shard, ["GET", state]));
    const replies = repliesOf(await shards.calls.each(calls), calls, reading);
    return replies.flatMap((reply, shard) => {
      if (reply === undefined) return [];
      const state = shards.note(shard, reply);
      return [{ shard, rows: state.clearing ? 0 : state.rows }];
    });
  }
}

class IndexLease implements Lease {
  ended: () => void = () => {};
  readonly #token: string;
  readonly #parts: SharedParts;
  readonly #learnFacts: () => Promise<Knowledge | null>;
  readonly #raise: (version: number) => Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  /** The number of the hash begun and not finished. */
  #filling: number | null = null;
  #lost = false;
  #released = false;

  constructor(token: string, parts: SharedParts, learnFacts: () => Promise<Knowledge | null>, raise: (version: number) => Promise<void>) {
    this.#token = token;
    this.#parts = parts;
    this.#learnFacts = learnFacts;
    this.#raise = raise;
    this.#timer = setInterval(() => void this.#renew(), renewMillis);
    // Learning alone keeps no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async begin(hash: SchemaHash): Promise<number> {
    const begun = await this.#parts.index.begin(this.#token, hash);
    if (begun === null) throw lost();
    this.#filling = begun.number;
    await this.#learnFacts();
    // Writes that are admitted from here on have its keys.
    await this.#raise(begun.version);
    await this.#sweep();
    return begun.number;
  }

  async *blocks(): AsyncIterable<SharedBlock> {
    const { shards, field, reading } = this.#parts;
    for await (const block of listEntries(shards, field, { ...reading, partial: false })) {
      yield { rows: block.numbers, vectors: block.rows, stamps: block.stamps } as SharedBlock & Pick<WalkedBlock, "stamps">;
    }
  }

  async enter(block: SharedBlock, keys: Keys, codes: Codes | null): Promise<void> {
    if (this.#lost || this.#filling === null) throw lost();
    const { shards } = this.#parts;
    const { stamps } = block as SharedBlock & Pick<WalkedBlock, "stamps">; // blocks() gave it
    const filling = this.#filling;
    const own: Keys[] = [];
    own[filling] = keys;
    const ownCodes: (Codes | null)[] = [];
    ownCodes[filling] = codes;
    const entries = new EntryColumns(shards.layouts, block.rows.length, own, ownCodes);
    const scripts: ShardScript[] = [];
    for (let from = 0; from < block.rows.length; from += enteredAtOnce) {
      const to = Math.min(block.rows.length, from + enteredAtOnce);
      scripts.push(this.#script(block.rows, stamps, entries, from, to, filling));
    }
    await shards.run(scripts);
  }

  async finish(knowledge: Knowledge): Promise<void> {
    if (this.#filling === null) throw lost();
    const version = await this.#parts.index.end(this.#token, this.#filling, knowledge);
    if (version === 0) throw lost();
    this.#filling = null;
    await this.#learnFacts();
    await this.#raise(version);
    await this.#sweep();
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#timer);
    this.ended();
    if (this.#filling !== null && !this.#lost) {
      const version = await this.#parts.index.end(this.#token, this.#filling, null);
      if (version > 0) {
        await this.#learnFacts();
        await this.#raise(version);
        await this.#sweep();
      }
    }
    await this.#parts.index.releaseLease(this.#token);
  }

  /** Rows of one block are of one shard. */
  #script(rows: Uint32Array, stamps: readonly number[], entries: EntryColumns, from: number, to: number, filling: number): ShardScript {
    const { shards } = this.#parts;
    const pieces: Buffer[] = [];
    for (let i = from; i < to; i++) {
      const head = Buffer.allocUnsafe(14);
      head.writeUInt32LE(Math.floor(rows[i] / shards.count), 0);
      head.writeBigUInt64LE(BigInt(stamps[i]), 4);
      let count = 0;
      const own: Buffer[] = [];
      entries.of(i, (hash, e, layout) => {
        const bytes = Buffer.allocUnsafe(12 + layout.bodyBytes);
        entries.put(bytes, 0, hash, e, layout);
        own.push(bytes);
        count++;
      });
      head.writeUInt16LE(count, 12);
      pieces.push(head, ...own);
    }
    return { shard: rows[from] % shards.count, code: codes.enter, args: [words(filling), Buffer.concat(pieces)], writes: true };
  }

  /** Removes the buckets of hashes that are neither in use nor being filled. */
  async #sweep(): Promise<void> {
    const { shards } = this.#parts;
    for (let hash = 0; hash < shards.hashes; hash++) if (!shards.layouts.has(hash)) await removeBuckets(shards, hash);
    shards.spoil();
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.#parts.index.renewLease(this.#token, leaseMillis))) this.#lost = true;
    } catch {
      // Not reached this time: whether it was lost is seen at the next step, which needs it.
    }
  }
}

const codes = { raise: { text: raiseShard } as Script, enter: { text: enterItems } as Script };

function lost(): NearError {
  const message =
    "another process took over the learning of this index, as this one was not heard of for a while: what it learns will be in use";
  return new NearError("E_STALE", message, { retryable: true, outcome: "none" });
}
