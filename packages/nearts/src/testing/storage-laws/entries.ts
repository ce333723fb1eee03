import type { Block, Id, Storage } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { expectHolds, StorageModel } from "./model.js";
import { batchOf, type Item, itemsOf, opened, randomOf, type StorageSubject } from "./subject.js";

/** What reading all rows promises, with many of them, and while others write; and any history of writes and removals. */
export const entryLaws: readonly Law<StorageSubject>[] = [
  { name: "entries gives many rows in blocks, each once", check: givesAll },
  { name: "blocks of entries are the receiver's own", check: givesCopies },
  { name: "entries gives no id twice, whatever is removed and written meanwhile", check: givesOnce },
  { name: "buckets can be listed while rows are removed, none twice", check: listsOnce },
  { name: "any history of writes, removals and clearings leaves what a map would hold", check: followsHistories },
];

async function givesAll(subject: StorageSubject): Promise<void> {
  const { storage, model } = await filled(subject, "gives all");
  await expectHolds(storage, model);
}

async function givesCopies(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const random = randomOf(subject, "gives copies");
  const items = itemsOf(subject, random, 20);
  const model = new StorageModel();
  await storage.write(batchOf(subject, items));
  model.write(items);
  const blocks = await collect(storage.entries());
  const before = structuredClone(blocks);
  const others = itemsOf(
    subject,
    random,
    items.map(({ id }) => id),
  );
  await storage.write(batchOf(subject, others));
  model.write(others);
  expectSame(blocks, before, "blocks received, after every row was written again");
  for (const { rows } of blocks) (rows.kind === "bits" ? rows.words : rows.kind === "set" ? rows.members : rows.values).fill(1);
  await expectHolds(storage, model);
}

async function givesOnce(subject: StorageSubject): Promise<void> {
  const { storage, model } = await filled(subject, "gives once");
  const random = randomOf(subject, "gives once, meanwhile");
  const ids = [...model.items.keys()];
  const seen = new Set<Id>();
  for await (const block of storage.entries()) {
    for (const id of block.ids) {
      expectThat(!seen.has(id), "an id among the entries", `${String(id)} twice`, "once");
      seen.add(id);
    }
    // Rows just given go, with some that are still to come, and come back: whichever way freed places are used again, some where the others were.
    const gone = [...block.ids.slice(0, 50), ...ids.filter((id) => !seen.has(id)).slice(-50)];
    await storage.remove(gone);
    random.shuffle(gone);
    await storage.write(batchOf(subject, itemsOf(subject, random, gone)));
  }
  expectSame(await storage.size(), ids.length, "size");
}

async function listsOnce(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "lists once");
  const storage = await opened(subject);
  const items = itemsOf(subject, random, 300, 200);
  await storage.write(batchOf(subject, items));
  const listed = new Set<string>();
  for await (const { table, key, ids } of storage.buckets(0)) {
    expectThat(/^[0-9a-f]{16}$/.test(key), "key of a bucket", key, "16 hexadecimal digits");
    expectThat(ids.length > 0, `ids in bucket ${table}:${key}`, "none", "at least one");
    expectThat(!listed.has(`${table}:${key}`), `bucket ${table}:${key}`, "listed twice", "once");
    listed.add(`${table}:${key}`);
    if (listed.size === 20) await storage.remove(items.slice(0, 280).map(({ id }) => id));
  }
}

/** Random histories; a broken law names the seed and the step. */
async function followsHistories(subject: StorageSubject): Promise<void> {
  for (let seed = subject.seed; seed < subject.seed + subject.histories; seed++) {
    const steps: string[] = [];
    try {
      await followHistory(subject, new Random(seed), steps);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${seed}, after ${steps.length} steps, the last ones ${steps.slice(-3).join("; ")}: ${message}`, { cause });
    }
  }
}

async function followHistory(subject: StorageSubject, random: Random, steps: string[]): Promise<void> {
  const storage = await opened(subject);
  const model = new StorageModel();
  const pool: Id[] = Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? i : `id ${i}`));
  for (let step = 0; step < 60; step++) {
    // Phases of growing and of shrinking, so that buckets fill, empty and are numbered anew.
    const growing = Math.floor(step / 12) % 2 === 0;
    const ids = Array.from({ length: 1 + random.below(growing ? 40 : 12) }, () => pool[random.below(pool.length)]);
    steps.push(await takeStep(subject, storage, model, random, ids, growing ? 2 : 12));
    if (step % 6 === 5) await expectHolds(storage, model);
  }
  await expectHolds(storage, model);
}

/** One write or removal of these ids, or seldom a clearing; says which. `removals` of 20 steps remove. */
async function takeStep(
  subject: StorageSubject,
  storage: Storage,
  model: StorageModel,
  random: Random,
  ids: Id[],
  removals: number,
): Promise<string> {
  const choice = random.below(20);
  if (choice < removals) {
    const more = [...ids, ...[...model.items.keys()].slice(0, 25)];
    expectSame(await storage.remove(more), model.remove(more), "which of the removed ids existed");
    return `remove ${more.length} ids`;
  }
  if (choice === 19) {
    const hash = [undefined, 0, 1, 2][random.below(4)];
    await storage.clear(hash);
    model.clear(hash);
    return `clear ${hash === undefined ? "everything" : `hash ${hash}`}`;
  }
  const items = itemsOf(subject, random, ids, 250);
  expectSame(await storage.write(batchOf(subject, items)), model.write(items), "report of the write");
  return `write ${ids.length} rows`;
}

/** A storage with many rows, written in batches, and what it holds. */
async function filled(subject: StorageSubject, purpose: string): Promise<{ readonly storage: Storage; readonly model: StorageModel }> {
  const random = randomOf(subject, purpose);
  const storage = await opened(subject);
  const model = new StorageModel();
  const ids = Array.from({ length: subject.rows }, (_, i) => (i % 2 === 0 ? i : `row ${i}`));
  for (let from = 0; from < ids.length; from += 700) {
    const items: Item[] = itemsOf(subject, random, ids.slice(from, from + 700), 60);
    await storage.write(batchOf(subject, items));
    model.write(items);
  }
  return { storage, model };
}

async function collect(blocks: AsyncIterable<Block>): Promise<Block[]> {
  const all: Block[] = [];
  for await (const block of blocks) all.push(block);
  return all;
}
