import type { Codes } from "../../core/codes.js";
import { type Keys, room } from "../../core/columns.js";
import type { SchemaHash } from "../../core/contracts.js";
import { chunkRows, chunksBelow } from "./chunks.js";
import { EntryCodec } from "./entry-codec.js";
import type { Table } from "./table.js";

/** Chunks written between two commits while a hash is added. */
const chunksAtOnce = 128;

/** Entries as they came, until all are there and can be written row by row. */
class EntryLog {
  count = 0;
  rows: Uint32Array = new Uint32Array(1024);
  bytes: Uint8Array = new Uint8Array(0);
}

/** The bucket entries of one hash in the database, under a tag of its own. */
export class StoredHash {
  readonly tag: number;
  readonly codec: EntryCodec;
  readonly #table: Table<number>;
  /** While the hash is being added: what was entered, the entries of rows written since, and the chunks that are in the table already. */
  #log: EntryLog | null = null;
  readonly #since = new Map<number, Uint8Array>();
  #written = 0;

  constructor(table: Table<number>, tag: number, hash: SchemaHash) {
    this.#table = table;
    this.tag = tag;
    this.codec = new EntryCodec(hash);
  }

  /** From now on entries are those of a hash that is being added, until {@link StoredHash.settle}. */
  begin(): void {
    this.#log = new EntryLog();
  }

  /** Takes entry `e` for a row while the hash is being added. */
  enter(row: number, keys: Keys, codes: Codes | null, e: number): void {
    const log = this.#log;
    if (log === null) return;
    const { entryBytes } = this.codec;
    log.rows = room(log.rows, log.count + 1);
    log.bytes = room(log.bytes, (log.count + 1) * entryBytes);
    log.rows[log.count] = row;
    this.codec.write(log.bytes, log.count * entryBytes, keys, codes, e);
    log.count++;
  }

  /** Writes all entries that came, chunk by chunk; `commit` is called after every few, with how many bytes they have. */
  async settle(end: number, commit: (bytes: number) => Promise<void>): Promise<void> {
    const log = this.#log;
    if (log === null) return;
    const { entryBytes } = this.codec;
    const starts = startsOf(log, end);
    const order = orderOf(log, starts);
    for (let chunk = 0; chunk < chunksBelow(end); chunk++) {
      const rows = Array.from({ length: chunkRows }, (_, i) => {
        const row = chunk * chunkRows + i;
        const since = this.#since.get(row);
        if (since !== undefined || row >= end) return since ?? nothing;
        const entries = new Uint8Array((starts[row + 1] - starts[row]) * entryBytes);
        for (let n = 0; n * entryBytes < entries.length; n++) {
          const e = order[starts[row] + n];
          entries.set(log.bytes.subarray(e * entryBytes, (e + 1) * entryBytes), n * entryBytes);
        }
        return entries;
      });
      this.#table.put(this.key(chunk), this.codec.join(rows, this.key(chunk)));
      this.#written = chunk + 1;
      if (this.#written % chunksAtOnce === 0) await commit(chunksAtOnce * chunkRows * entryBytes);
    }
    const beyond = new Map([...this.#since].filter(([row]) => row >= this.#written * chunkRows));
    this.#log = null;
    this.#since.clear();
    this.update(beyond);
    await commit(chunksAtOnce * chunkRows * entryBytes);
  }

  /** Writes the entries of the rows of a batch, `rows[i]` being the number of its row i. */
  write(rows: Uint32Array, keys: Keys | undefined, codes: Codes | null): void {
    const { entryBytes } = this.codec;
    const count = keys?.count ?? 0;
    const all = new Uint8Array(count * entryBytes);
    const changed = new Map<number, Uint8Array>();
    let e = 0;
    for (let i = 0; i < rows.length; i++) {
      const from = e;
      for (; keys !== undefined && e < count && keys.rows[e] === i; e++) this.codec.write(all, e * entryBytes, keys, codes, e);
      changed.set(rows[i], all.subarray(from * entryBytes, e * entryBytes)); // the last of equal rows stays
    }
    this.update(changed);
  }

  /** Puts entries in the place of those that rows had. */
  update(changed: ReadonlyMap<number, Uint8Array>): void {
    const byChunk = new Map<number, Map<number, Uint8Array>>();
    for (const [row, entries] of changed) {
      const chunk = Math.floor(row / chunkRows);
      if (this.#log !== null && chunk >= this.#written) {
        this.#since.set(row, entries);
        continue;
      }
      const some = byChunk.get(chunk) ?? new Map<number, Uint8Array>();
      some.set(row % chunkRows, entries);
      byChunk.set(chunk, some);
    }
    for (const [chunk, some] of byChunk) {
      const key = this.key(chunk);
      // A chunk of which all rows are new need not be read.
      const rows = this.codec.split(some.size === chunkRows ? null : this.#table.get(key), key, this.what(chunk));
      for (const [i, entries] of some) rows[i] = entries;
      this.#table.put(key, this.codec.join(rows, key));
    }
  }

  /** Removes all entries, of rows below `end`. */
  remove(end: number): void {
    for (let chunk = 0; chunk < chunksBelow(end); chunk++) this.#table.put(this.key(chunk), null);
  }

  /** Appends the entries of a chunk of rows to `keys` and `codes`; those of rows that `wants` says. */
  read(chunk: number, wants: (row: number) => boolean, keys: Keys, codes: Codes | null): void {
    const key = this.key(chunk);
    const record = this.#table.get(key);
    if (record !== null) this.codec.read(record, key, this.what(chunk), chunk * chunkRows, wants, keys, codes);
  }

  /** Key of a chunk in the table of entries. */
  key(chunk: number): number {
    return this.tag * 2 ** 32 + chunk;
  }

  what(chunk: number): string {
    return `the entries of rows ${chunk * chunkRows} to ${(chunk + 1) * chunkRows - 1} under tag ${this.tag}`;
  }
}

const nothing = new Uint8Array(0);

/** Where the entries of each row below `end` start when sorted by row. */
function startsOf({ rows, count }: EntryLog, end: number): Uint32Array {
  const starts = new Uint32Array(end + 1);
  for (let e = 0; e < count; e++) if (rows[e] < end) starts[rows[e] + 1]++;
  for (let row = 0; row < end; row++) starts[row + 1] += starts[row];
  return starts;
}

function orderOf({ rows, count }: EntryLog, starts: Uint32Array): Uint32Array {
  const next = starts.slice();
  const order = new Uint32Array(count);
  for (let e = 0; e < count; e++) if (rows[e] + 1 < next.length) order[next[rows[e]]++] = e;
  return order;
}
