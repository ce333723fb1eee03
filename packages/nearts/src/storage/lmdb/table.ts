import type { Database } from "lmdb";

/** What was changed in a table since its last commit. */
export interface TableChanges {
  /** Writes it into the transaction that is open. */
  readonly write: () => void;
  /** To be called when it is committed, and can be read from the database. */
  readonly committed: () => void;
}

/** How keys of a table are written: so that they sort as bytes. */
export interface KeyForm<K> {
  readonly encode: (key: K) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => K;
}

type Transaction = ReturnType<Database["useReadTransaction"]>;

/** A database whose `getBinaryFast` is typed as it is; its own type leaves the options out. */
interface Readable {
  getBinaryFast(key: Uint8Array, options?: { readonly transaction: Transaction }): Uint8Array | undefined;
}

/** One table of the database, and above it what was written since its last commit: who reads finds what was put last. */
export class Table<K extends string | number> {
  readonly name: string;
  readonly #db: Database<Uint8Array, Uint8Array>;
  readonly #form: KeyForm<K>;
  /** Null for what was removed. */
  readonly #pending = new Map<K, Uint8Array | null>();
  /** Those of them that were not handed over for a commit yet. */
  #changed = new Set<K>();
  /** How many times it was emptied without that being committed: below is nothing then. */
  #clears = 0;
  #cleared = false;
  readonly #transaction: () => Transaction | null;

  /** Reads go through `transaction` where there is one. */
  constructor(name: string, db: Database<Uint8Array, Uint8Array>, form: KeyForm<K>, transaction: () => Transaction | null) {
    this.name = name;
    this.#db = db;
    this.#form = form;
    this.#transaction = transaction;
  }

  /** The value, borrowed until the next `get` of any table; null where there is none. */
  get(key: K): Uint8Array | null {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    return this.#clears > 0 ? null : this.committedValue(key);
  }

  /** The value that was committed last, as `get`. */
  committedValue(key: K): Uint8Array | null {
    const transaction = this.#transaction();
    const readable: Readable = this.#db;
    const found = readable.getBinaryFast(this.#form.encode(key), transaction === null ? undefined : { transaction });
    // The buffer is larger than the value: its own length says how much of it is.
    return found === undefined ? null : new Uint8Array(found.buffer, found.byteOffset, found.length);
  }

  /** Whether something was put since it was last taken for a commit. */
  get changed(): boolean {
    return this.#cleared || this.#changed.size > 0;
  }

  /** Puts a value, which is not to be changed any more, or removes it. */
  put(key: K, value: Uint8Array | null): void {
    this.#pending.set(key, value);
    this.#changed.add(key);
  }

  clear(): void {
    this.#pending.clear();
    this.#changed.clear();
    this.#clears++;
    this.#cleared = true;
  }

  /** Keys of what is committed, from `start` on, ascending. */
  *keys(start?: K, limit?: number): Iterable<K> {
    const transaction = this.#transaction();
    const range = {
      ...(start === undefined ? {} : { start: this.#form.encode(start).slice() }),
      ...(limit === undefined ? {} : { limit }),
      ...(transaction === null ? {} : { transaction }),
    };
    for (const key of this.#db.getKeys(range)) yield this.#form.decode(key);
  }

  /** Entries that are committed. */
  get count(): number {
    return (this.#db.getStats() as { readonly entryCount: number }).entryCount; // as documented
  }

  /** What is to be committed, which is then in the hands of whoever commits it. */
  take(): TableChanges {
    const cleared = this.#cleared;
    const entries = Array.from(this.#changed, (key) => [key, this.#pending.get(key) ?? null] as const);
    this.#changed = new Set();
    this.#cleared = false;
    return { write: () => this.#write(cleared, entries), committed: () => this.#committed(cleared, entries) };
  }

  /** Puts or removes a value in the transaction that is open. */
  writeNow(key: K, value: Uint8Array | null): void {
    if (value === null) this.#db.removeSync(this.#form.encode(key));
    else this.#db.putSync(this.#form.encode(key), value);
  }

  #write(cleared: boolean, entries: Entries<K>): void {
    if (cleared) this.#db.clearAsync().catch(heard);
    for (const [key, value] of entries) {
      const done = value === null ? this.#db.remove(this.#form.encode(key)) : this.#db.put(this.#form.encode(key), value);
      done.catch(heard);
    }
  }

  #committed(cleared: boolean, entries: Entries<K>): void {
    if (cleared) this.#clears--;
    for (const [key, value] of entries) if (this.#pending.get(key) === value && !this.#changed.has(key)) this.#pending.delete(key);
  }
}

/** A commit that fails rejects each of its puts too: whoever commits hears of it once. */
function heard(): void {}

type Entries<K> = readonly (readonly [key: K, value: Uint8Array | null])[];

const word = new Uint8Array(4);
const pair = new Uint8Array(8);

/** Integers below 2³² in 4 bytes, the highest first. */
export const u32Keys: KeyForm<number> = {
  encode: (key) => {
    new DataView(word.buffer).setUint32(0, key);
    return word;
  },
  decode: (bytes) => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0),
};

/** Safe integers in 8 bytes, the highest first. */
export const u53Keys: KeyForm<number> = {
  encode: (key) => {
    const view = new DataView(pair.buffer);
    view.setUint32(0, Math.floor(key / 2 ** 32));
    view.setUint32(4, key % 2 ** 32);
    return pair;
  },
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  },
};

/** Texts as UTF-8 behind a byte, as an empty one has no key. */
export const textKeys: KeyForm<string> = {
  encode: (key) => new TextEncoder().encode(`=${key}`),
  decode: (bytes) => new TextDecoder().decode(bytes).slice(1),
};
