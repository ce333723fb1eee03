import { Candidates, Probes } from "../../core/columns.js";
import type { Id, KeyDirectory, Storage } from "../../core/contracts.js";
import { expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { expectHolds, StorageModel } from "./model.js";
import { batchOf, hashes, type Item, itemsOf, type Key, keyText, opened, randomOf, type StorageSubject } from "./subject.js";

/** What buckets, scans and the key directory promise. */
export const bucketLaws: readonly Law<StorageSubject>[] = [
  { name: "a scan appends the rows of the probed buckets, in the order of the probes", check: scans },
  { name: "a unique scan gives each row once, at its first appearance", check: scansOnce },
  { name: "a probe of a prefix reads every key that agrees in it", check: scansPrefixes },
  { name: "the key directory is right after every write and removal", check: (subject) => keepsDirectory(subject, false) },
  { name: "a key directory at hand stays right", check: (subject) => keepsDirectory(subject, true) },
  { name: "numbers of the key directory mean the same keys until its epoch changes", check: keepsNumbers },
  { name: "clearing the buckets of one hash leaves the rows, and the buckets of hashes whose names begin like its own", check: clearsOne },
];

interface Stored {
  readonly storage: Storage;
  readonly model: StorageModel;
  readonly items: readonly Item[];
}

async function stored(subject: StorageSubject, purpose: string, keys: number): Promise<Stored> {
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, randomOf(subject, purpose), 80, keys);
  await storage.write(batchOf(subject, items));
  model.write(items);
  return { storage, model, items };
}

/** Probes of all buckets of all hashes, in an order that mixes them. */
function allProbes(model: StorageModel): { readonly probes: Probes; readonly buckets: readonly (readonly Id[])[] } {
  const all = hashes.flatMap((_, h) => [...model.buckets(h).values()].map(({ key, ids }) => ({ h, key, ids })));
  all.sort((a, b) => (keyText(a.key).slice(3) < keyText(b.key).slice(3) ? -1 : 1));
  const probes = new Probes();
  for (const { h, key } of all) {
    probes.hash = h;
    probes.add(key.table, key.hi, key.lo, 0);
  }
  return { probes, buckets: all.map(({ ids }) => ids) };
}

async function scans(subject: StorageSubject): Promise<void> {
  const { storage, model, items } = await stored(subject, "scans", 12);
  const { probes, buckets } = allProbes(model);
  const candidates = new Candidates();
  await storage.find([items[5].id], candidates);
  candidates.raw = 3;
  await storage.scan(probes, { unique: false }, candidates);
  const entries = buckets.reduce((sum, ids) => sum + ids.length, 0);
  expectSame([candidates.count, candidates.raw], [1 + entries, 3 + entries], "candidates, and entries read, behind those that were there");
  const read = await idsOf(storage, candidates);
  expectSame(read[0], items[5].id, "the candidate that was there");
  let at = 1;
  for (const ids of buckets) {
    expectSame(new Set(read.slice(at, at + ids.length)).size, ids.length, "different ids in one bucket");
    for (const id of read.slice(at, at + ids.length))
      expectThat(ids.includes(id), `id read in place ${at} and on`, String(id), "an id of the bucket whose turn it is");
    at += ids.length;
  }
}

async function scansOnce(subject: StorageSubject): Promise<void> {
  const { storage, model } = await stored(subject, "scans once", 12);
  const { probes } = allProbes(model);
  const [all, once, again] = [new Candidates(), new Candidates(), new Candidates()];
  await storage.scan(probes, { unique: false }, all);
  await storage.scan(probes, { unique: true }, once);
  await storage.scan(probes, { unique: true }, again);
  const firsts = [...new Set(rowsOf(all))];
  expectSame(rowsOf(once), firsts, "rows of a unique scan");
  expectSame(once.raw, all.raw, "entries that a unique scan read");
  expectSame(rowsOf(again), firsts, "rows of a second unique scan");
}

async function scansPrefixes(subject: StorageSubject): Promise<void> {
  const { storage, model } = await stored(subject, "scans prefixes", 60);
  await storage.remove([...model.items.keys()].slice(0, 20));
  model.remove([...model.items.keys()].slice(0, 20));
  for (const [h, { name, tables }] of hashes.entries()) {
    const buckets = [...model.buckets(h).values()];
    for (let table = 0; table < tables; table++) {
      for (const bits of [0, 1, 2, 4, 5, 31, 32, 33, 47, 63, 64]) {
        for (const { key } of buckets.slice(0, 6)) {
          const probes = new Probes();
          probes.hash = h;
          probes.add(table, key.hi, key.lo, 0, bits);
          const candidates = new Candidates();
          await storage.scan(probes, { unique: false }, candidates);
          const expected = buckets.filter((other) => other.key.table === table && agree(key, other.key, bits)).flatMap(({ ids }) => ids);
          expectSame(
            sorted(await idsOf(storage, candidates)),
            sorted(expected),
            `ids under the first ${bits} bits of ${keyText({ ...key, table })} of ${name}`,
          );
          expectSame(candidates.raw, expected.length, "entries read for them");
        }
      }
    }
  }
}

/** Of directories asked for anew each time, or asked for once, before the changes. */
async function keepsDirectory(subject: StorageSubject, once: boolean): Promise<void> {
  const { storage, model, items } = await stored(subject, "keeps directory", 12);
  const random = randomOf(subject, "keeps directory, later");
  const atHand = await Promise.all(hashes.map(async (_, h) => storage.directory(h)));
  const check = async () => {
    for (const [h, { name, tables }] of hashes.entries()) {
      const expected = model.buckets(h);
      const directory = once ? atHand[h] : await storage.directory(h);
      for (let table = 0; table < tables; table++) {
        const filled = [...directory.sorted(table)].filter((i) => directory.countAt(table, i) > 0);
        const known = [...expected].filter(([, { key }]) => key.table === table).map(([text, { ids }]) => `${text} ${ids.length}`);
        expectSame(
          filled.map((i) => `${keyOf(directory, table, i)} ${directory.countAt(table, i)}`),
          known.sort(),
          `keys and counts in table ${table} of ${name}`,
        );
      }
    }
  };
  await check();
  for (const id of items.slice(0, 70).map((item) => item.id)) {
    await storage.remove([id]);
    model.remove([id]);
    await check();
  }
  const more = itemsOf(
    subject,
    random,
    items.slice(0, 30).map(({ id }) => id),
  );
  await storage.write(batchOf(subject, more));
  model.write(more);
  await check();
}

async function keepsNumbers(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const random = randomOf(subject, "keeps numbers");
  let before: { directory: KeyDirectory; epoch: number; keys: string[] } | null = null;
  for (let round = 0; round < 12; round++) {
    const items = itemsOf(subject, random, 200, 400);
    await storage.write(batchOf(subject, items));
    if (round % 3 === 1) await storage.remove(items.slice(20).map(({ id }) => id));
    if (round === 4) await storage.clear(0);
    if (round === 7) await storage.clear();
    const directory: KeyDirectory = await storage.directory(0);
    const keys = Array.from({ length: directory.size(0) }, (_, i) => keyOf(directory, 0, i));
    // Whoever derived something from the numbers knows it by the directory and its epoch.
    const comparable = before !== null && before.directory === directory && before.epoch === directory.epoch;
    if (before !== null && comparable)
      expectSame(keys.slice(0, before.keys.length), before.keys, `keys by number in round ${round}, the epoch unchanged`);
    before = { directory, epoch: directory.epoch, keys };
  }
}

async function clearsOne(subject: StorageSubject): Promise<void> {
  const { storage, model, items } = await stored(subject, "clears one", 12);
  const random = randomOf(subject, "clears one, later");
  for (const h of [0, 2, 1]) {
    await storage.clear(h);
    model.clear(h);
    await expectHolds(storage, model);
    const gone = items.slice(h * 5, h * 5 + 3).map(({ id }) => id);
    expectSame(await storage.remove(gone), model.remove(gone), "which of the removed ids existed");
    const more = itemsOf(
      subject,
      random,
      items.slice(20, 40).map(({ id }) => id),
    );
    await storage.write(batchOf(subject, more));
    model.write(more);
    await expectHolds(storage, model);
  }
}

function agree(a: Key, b: Key, bits: number): boolean {
  return bitsOf(a).slice(0, bits) === bitsOf(b).slice(0, bits);
}

function bitsOf({ hi, lo }: Key): string {
  return hi.toString(2).padStart(32, "0") + lo.toString(2).padStart(32, "0");
}

function keyOf(directory: KeyDirectory, table: number, i: number): string {
  return keyText({ table, hi: directory.keyHi(table, i), lo: directory.keyLo(table, i) });
}

function rowsOf({ rows, count }: Candidates): number[] {
  return [...rows.subarray(0, count)];
}

async function idsOf(storage: Storage, candidates: Candidates): Promise<Id[]> {
  const reader = await storage.fetch(candidates);
  return rowsOf(candidates).map((row) => reader.id(row));
}

function sorted(ids: readonly Id[]): string[] {
  return ids.map((id) => `${typeof id} ${id}`).sort();
}
