import { Candidates, Probes } from "../../core/columns.js";
import type { Id, Storage } from "../../core/contracts.js";
import { rowAt } from "../../core/rows.js";
import { expectSame, expectThat } from "../assert.js";
import { found, hashes, type Item, type Key, keyText } from "./subject.js";

/** What a storage should hold, kept in a map. */
export class StorageModel {
  readonly items: Map<Id, Item> = new Map();

  write(items: readonly Item[]): { readonly inserted: number; readonly replaced: number } {
    const before = this.items.size;
    for (const item of items) this.items.set(item.id, item);
    const inserted = this.items.size - before;
    return { inserted, replaced: items.length - inserted };
  }

  remove(ids: readonly Id[]): boolean[] {
    return ids.map((id) => this.items.delete(id));
  }

  clear(hash?: number): void {
    if (hash === undefined) this.items.clear();
    else for (const [id, item] of this.items) this.items.set(id, { ...item, keys: item.keys.map((keys, h) => (h === hash ? [] : keys)) });
  }

  /** Ids by key of one hash, the empty buckets left out. */
  buckets(hash: number): Map<string, { readonly key: Key; readonly ids: Id[] }> {
    const buckets = new Map<string, { readonly key: Key; readonly ids: Id[] }>();
    for (const { id, keys } of this.items.values()) {
      for (const key of keys[hash]) {
        const bucket = buckets.get(keyText(key)) ?? { key, ids: [] };
        bucket.ids.push(id);
        buckets.set(keyText(key), bucket);
      }
    }
    return buckets;
  }
}

/** The storage holds what the model holds, by every way there is to look. */
export async function expectHolds(storage: Storage, model: StorageModel): Promise<void> {
  expectSame(await storage.size(), model.items.size, "size");
  await expectEntries(storage, model);
  await expectFound(storage, model);
  const { size, hashes: spread } = await storage.stats();
  expectSame(size, model.items.size, "size in the stats");
  expectSame(
    spread.map(({ name }) => name),
    hashes.map(({ name }) => name),
    "hashes in the stats",
  );
  for (let h = 0; h < hashes.length; h++) {
    await expectBuckets(storage, model, h);
    await expectDirectory(storage, model, h);
    await expectScan(storage, model, h);
    const lengths = [...model.buckets(h).values()].map(({ ids }) => ids.length);
    const expected = { buckets: lengths.length, entries: lengths.reduce((sum, n) => sum + n, 0), largestBucket: Math.max(0, ...lengths) };
    const { buckets, entries, largestBucket } = spread[h];
    expectSame({ buckets, entries, largestBucket }, expected, `stats of hash ${hashes[h].name}`);
  }
}

async function expectEntries(storage: Storage, { items }: StorageModel): Promise<void> {
  const seen = new Set<Id>();
  for await (const { rows, ids, data } of storage.entries()) {
    expectSame([rows.count, data.length], [ids.length, ids.length], "rows and data of a block");
    ids.forEach((id, i) => {
      expectThat(!seen.has(id), "an id among the entries", `${String(id)} twice`, "once");
      seen.add(id);
      expectItem({ vector: rowAt(rows, i), data: data[i] }, items.get(id), `entry ${String(id)}`);
    });
  }
  expectSame(seen.size, items.size, "entries");
}

async function expectFound(storage: Storage, { items }: StorageModel): Promise<void> {
  const { candidates, reader } = await found(storage, [...items.keys()]);
  expectSame(candidates.count, items.size, "rows found by id");
  [...items].forEach(([id, item], i) => {
    const row = candidates.rows[i];
    expectSame(reader.id(row), id, `id of the row found by ${String(id)}`);
    expectItem({ vector: reader.vector(row), data: reader.data(row) }, item, `row found by ${String(id)}`);
  });
}

function expectItem(actual: Pick<Item, "vector" | "data">, expected: Item | undefined, what: string): void {
  expectSame(actual, expected === undefined ? undefined : { vector: expected.vector, data: expected.data }, what);
}

async function expectBuckets(storage: Storage, model: StorageModel, h: number): Promise<void> {
  const expected = model.buckets(h);
  const listed = new Set<string>();
  for await (const { table, key, ids } of storage.buckets(h)) {
    const text = `${table}:${key}`;
    expectThat(!listed.has(text), `bucket ${text} of hash ${hashes[h].name}`, "listed twice", "once");
    listed.add(text);
    expectSame(sorted(ids), sorted(expected.get(text)?.ids ?? []), `ids in bucket ${text} of hash ${hashes[h].name}`);
  }
  expectSame(listed.size, expected.size, `buckets of hash ${hashes[h].name}`);
}

async function expectDirectory(storage: Storage, model: StorageModel, h: number): Promise<void> {
  const directory = await storage.directory(h);
  const expected = model.buckets(h);
  const { name, tables } = hashes[h];
  let filled = 0;
  for (let table = 0; table < tables; table++) {
    const order = directory.sorted(table);
    expectSame(order.length, directory.size(table), `sorted numbers in table ${table} of ${name}`);
    let before = "";
    for (const i of order) {
      const key = { table, hi: directory.keyHi(table, i), lo: directory.keyLo(table, i) };
      expectThat(keyText(key) > before, `key behind ${before} in table ${table} of ${name}`, keyText(key), "a larger one");
      before = keyText(key);
      expectSame(directory.find(table, key.hi, key.lo), i, `number of the key ${before} of ${name}`);
      expectSame(directory.countAt(table, i), expected.get(before)?.ids.length ?? 0, `rows under the key ${before} of ${name}`);
      if (directory.countAt(table, i) > 0) filled++;
    }
    expectSame(directory.find(table, 0x0badf00d, 0x0badf00d), -1, `number of a key that was never there in table ${table} of ${name}`);
  }
  expectSame(filled, expected.size, `keys with rows in the directory of ${name}`);
}

/** One scan of all buckets, and of one that is not there. */
async function expectScan(storage: Storage, model: StorageModel, h: number): Promise<void> {
  const expected = [...model.buckets(h).values()];
  const probes = new Probes();
  probes.hash = h;
  probes.add(0, 0x0badf00d, 0x0badf00d, 0);
  for (const { key } of expected) probes.add(key.table, key.hi, key.lo, 0);
  const candidates = new Candidates();
  await storage.scan(probes, { unique: false }, candidates);
  const entries = expected.reduce((sum, { ids }) => sum + ids.length, 0);
  expectSame([candidates.count, candidates.raw], [entries, entries], `entries scanned in hash ${hashes[h].name}`);
  const reader = await storage.fetch(candidates);
  let at = 0;
  for (const { key, ids } of expected) {
    const read = Array.from(candidates.rows.subarray(at, at + ids.length), (row) => reader.id(row));
    expectSame(sorted(read), sorted(ids), `ids scanned under the key ${keyText(key)} of ${hashes[h].name}`);
    at += ids.length;
  }
}

function sorted(ids: readonly Id[]): Id[] {
  return [...ids].sort((a, b) => (`${typeof a} ${a}` < `${typeof b} ${b}` ? -1 : 1));
}
