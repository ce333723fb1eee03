import { Candidates, Keys } from "../../core/columns.js";
import type { Awaitable, Batch, Id, Precision, RowReader, Schema, Storage } from "../../core/contracts.js";
import { atPrecision } from "../../core/precision.js";
import { Random } from "../../core/random.js";
import { gather, type Kind, rowAt, type VectorOf } from "../../core/rows.js";
import { arbitraryData, arbitraryIds, arbitraryRows } from "../arbitraries.js";

/** A storage under test, for vectors of one kind. */
export interface StorageSubject {
  readonly kind: Kind;
  readonly dim: number;
  /** With which precision it keeps dense vectors. */
  readonly precision: Precision;
  /** How many rows the laws about many rows write. */
  readonly rows: number;
  /** How many random histories are tried, and the seed of the first. */
  readonly histories: number;
  readonly seed: number;
  /** A new, empty one. */
  readonly create: () => Awaitable<Storage>;
  /** What a closed one held, opened again. */
  readonly reopen: ((closed: Storage) => Awaitable<Storage>) | undefined;
  /** A new one that refuses what goes over so many bytes. */
  readonly limited: ((maxBytes: number) => Awaitable<Storage>) | undefined;
}

/** A bucket's key in a table. */
export interface Key {
  readonly table: number;
  readonly hi: number;
  readonly lo: number;
}

/** One row as it is written: `keys` by hash, in the schema's order. */
export interface Item {
  readonly id: Id;
  /** As it is written, and as it comes back from a storage that keeps it with less precision. */
  readonly given: VectorOf;
  readonly vector: VectorOf;
  readonly data: string | undefined;
  readonly keys: readonly (readonly Key[])[];
}

/** The hashes of the suite's schema: names of which one begins like the other, and one with several keys in a table. */
export const hashes: readonly { readonly name: string; readonly tables: number; readonly keysPerTable: number }[] = [
  { name: "h", tables: 2, keysPerTable: 1 },
  { name: "h_b", tables: 1, keysPerTable: 3 },
  { name: "h:{b}*", tables: 1, keysPerTable: 1 },
];

/** A schema with these hashes; their configurations hold arrays, which must come back as such. */
export function schemaOf({ kind, dim, precision }: StorageSubject, distance = "euclidean"): Schema {
  return {
    version: 1,
    fields: [{ name: "vector", kind, dim, precision }],
    distance,
    hashes: hashes.map(({ name, tables, keysPerTable }) => ({
      config: { type: "Test", version: 1, name, dim, seed: "ü", list: [1, null, { deep: true }], planes: Float32Array.of(0.1, -0, 3e38) },
      tables,
      keysPerTable,
    })),
  };
}

/** A new storage, opened. */
export async function opened(subject: StorageSubject): Promise<Storage> {
  const storage = await subject.create();
  await storage.open(schemaOf(subject));
  return storage;
}

/** Rows to write: ids as given, or arbitrary ones. Keys come from a pool of `keys`, so that buckets hold several rows. */
export function itemsOf(subject: StorageSubject, random: Random, ids: readonly Id[] | number, keys = 12): Item[] {
  const named = typeof ids === "number" ? arbitraryIds(random, ids) : ids;
  const rows = arbitraryRows(random, subject.kind, { count: named.length, dim: subject.dim, zeros: true });
  const pool = keyPool(random, keys);
  return named.map((id, i) => {
    const data = arbitraryData(random);
    return {
      id,
      ...written(subject, rowAt(rows, i)),
      data: data === undefined ? undefined : JSON.stringify(data),
      keys: hashes.map(({ tables, keysPerTable }) => arbitraryKeys(random, pool, tables, keysPerTable)),
    };
  });
}

/** A vector as it is written and as it comes back. */
export function written({ kind, dim, precision }: StorageSubject, vector: VectorOf): Pick<Item, "given" | "vector"> {
  return {
    given: vector,
    vector: rowAt(
      atPrecision(
        gather(kind, dim, 1, () => vector),
        precision,
      ),
      0,
    ),
  };
}

/** Rows as one batch, for a schema of {@link schemaOf}. */
export function batchOf({ kind, dim }: StorageSubject, items: readonly Item[]): Batch {
  const keys = hashes.map((_, h) => {
    const columns = new Keys();
    items.forEach((item, i) => {
      for (const { table, hi, lo } of item.keys[h]) columns.add(i, table, hi, lo);
    });
    return columns;
  });
  return {
    rows: gather(kind, dim, items.length, (i) => items[i].given),
    ids: items.map(({ id }) => id),
    data: items.map(({ data }) => data),
    keys,
  };
}

/** The rows of these ids that are there, and a reader of them. */
export async function found(
  storage: Storage,
  ids: readonly Id[],
): Promise<{ readonly candidates: Candidates; readonly reader: RowReader }> {
  const candidates = new Candidates();
  await storage.find(ids, candidates);
  return { candidates, reader: await storage.fetch(candidates) };
}

/** A key's table and 16 hexadecimal digits. */
export function keyText({ table, hi, lo }: Key): string {
  return `${table}:${hi.toString(16).padStart(8, "0")}${lo.toString(16).padStart(8, "0")}`;
}

/** A generator for one law: laws do not depend on each other's draws. */
export function randomOf({ seed }: StorageSubject, purpose: string): Random {
  return new Random(`${purpose} ${seed}`);
}

const words = [0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** Distinct pairs of words: the ends of the range, and others that share prefixes of many lengths. */
function keyPool(random: Random, count: number): Omit<Key, "table">[] {
  const pool = new Map<string, Omit<Key, "table">>();
  while (pool.size < count) {
    const word = () =>
      (random.below(2) === 0 ? words[random.below(words.length)] : (random.below(16) << 28) >>> 0) ^
      (random.below(4) === 0 ? random.uint32() >>> random.below(32) : 0);
    const key = { hi: word() >>> 0, lo: word() >>> 0 };
    pool.set(keyText({ table: 0, ...key }), key);
  }
  return [...pool.values()];
}

/** Between none and `most` keys in each table where there may be several, else one; distinct. */
function arbitraryKeys(random: Random, pool: readonly Omit<Key, "table">[], tables: number, most: number): Key[] {
  return Array.from({ length: tables }, (_, table) => {
    const count = most === 1 ? 1 : random.below(most + 1);
    const picked = new Set(Array.from({ length: count }, () => random.below(pool.length)));
    return Array.from(picked, (i) => ({ table, ...pool[i] }));
  }).flat();
}
