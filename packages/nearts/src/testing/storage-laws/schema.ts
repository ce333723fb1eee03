import type { HashConfig, Knowledge } from "../../core/contracts.js";
import { expectSame } from "../assert.js";
import type { Law } from "../laws.js";
import { expectHolds, StorageModel } from "./model.js";
import { batchOf, itemsOf, opened, randomOf, type StorageSubject, schemaOf } from "./subject.js";

/** What opening, configurations and closing promise. */
export const schemaLaws: readonly Law<StorageSubject>[] = [
  { name: "there is no schema before the index is created", check: startsEmpty },
  { name: "opening creates the index with its schema, and again returns the schema that is there", check: keepsSchema },
  { name: "a configuration comes back as it was, the newest of its name, null for an unknown name", check: keepsConfigs },
  { name: "configurations are copies on the way in and out", check: copiesConfigs },
  { name: "configurations can be stored before the index is created, and stay", check: keepsEarlyConfigs },
  { name: "knowledge comes back as it was kept last, a copy, and null before", check: keepsKnowledge },
  { name: "removing everything forgets the knowledge, emptying a hash does not", check: forgetsKnowledge },
  { name: "closing resolves", check: async (subject) => (await opened(subject)).close() },
  { name: "what was written is there when it is opened again", applies: ({ reopen }) => reopen !== undefined, check: lasts },
];

const config: HashConfig = {
  type: "Test",
  version: 3,
  name: "c",
  list: [1, "ü", null],
  planes: Float32Array.of(-0, 1e-45),
  child: { type: "T", version: 1, name: "n" },
};

const knowledge: Knowledge = {
  learned: { number: 1, hash: { config, tables: 1, keysPerTable: 1, sketch: { config: { ...config, name: "s" }, groups: 3 } } },
  notes: { effort: [1, "ü", null, { deep: 1.5 }] },
};

async function startsEmpty(subject: StorageSubject): Promise<void> {
  const storage = await subject.create();
  expectSame(await storage.schema(), null, "schema before the index is created");
}

async function keepsSchema(subject: StorageSubject): Promise<void> {
  const storage = await subject.create();
  const given = schemaOf(subject);
  expectSame(await storage.open(given), schemaOf(subject), "schema that opening returns");
  expectSame(await storage.open(schemaOf(subject, "manhattan")), schemaOf(subject), "schema that opening with another one returns");
  (given.hashes[0].config["planes"] as Float32Array).fill(7); // schemaOf makes it one
  expectSame(await storage.schema(), schemaOf(subject), "schema after what was given was overwritten");
}

async function keepsConfigs(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  for (const name of ["c", "h", "constructor", "日本 {x}:*"]) {
    expectSame(await storage.loadConfig(name), null, `configuration ${name}, never stored`);
    await storage.storeConfig({ ...config, name, seed: 1 });
    await storage.storeConfig({ ...config, name });
  }
  for (const name of ["c", "h", "constructor", "日本 {x}:*"])
    expectSame(await storage.loadConfig(name), { ...config, name }, `configuration ${name}`);
  expectSame(
    (await storage.schema())?.hashes,
    schemaOf(subject).hashes,
    "hashes of the schema, one of which has the name of a configuration",
  );
}

async function keepsKnowledge(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  expectSame(await storage.knowledge(), null, "knowledge before any was kept");
  await storage.keep({ learned: null, notes: 1 });
  const given = structuredClone(knowledge);
  await storage.keep(given);
  overwrite(given);
  const kept = await storage.knowledge();
  expectSame(kept, knowledge, "knowledge after what was given was overwritten");
  overwrite(kept);
  expectSame(await storage.knowledge(), knowledge, "knowledge after what was returned was overwritten");
}

function overwrite(known: Knowledge | null): void {
  const planes = known?.learned?.hash.config["planes"];
  if (planes instanceof Float32Array) planes.fill(7);
}

async function forgetsKnowledge(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  await storage.keep(knowledge);
  await storage.clear(0);
  expectSame(await storage.knowledge(), knowledge, "knowledge after a hash was emptied");
  await storage.clear();
  expectSame(await storage.knowledge(), null, "knowledge after everything was removed");
}

async function copiesConfigs(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const given = structuredClone(config);
  await storage.storeConfig(given);
  for (const mine of [given, (await storage.loadConfig("c")) ?? given]) {
    (mine["planes"] as Float32Array).fill(7); // the configuration has them
    expectSame(await storage.loadConfig("c"), config, "configuration after a copy of it was overwritten");
  }
}

async function keepsEarlyConfigs(subject: StorageSubject): Promise<void> {
  const storage = await subject.create();
  await storage.storeConfig(config);
  expectSame(await storage.loadConfig("c"), config, "configuration before the index is created");
  await storage.open(schemaOf(subject));
  expectSame(await storage.loadConfig("c"), config, "configuration after the index is created");
}

async function lasts(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "lasts");
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, random, 60);
  for (const part of [items.slice(0, 40), items.slice(20)]) {
    await storage.write(batchOf(subject, part));
    model.write(part);
  }
  const gone = items.slice(30, 50).map(({ id }) => id);
  await storage.remove(gone);
  model.remove(gone);
  await storage.storeConfig(config);
  const reserved = await storage.nextId(10);
  await storage.close();
  const again = await subject.reopen?.(storage);
  if (again === undefined) return; // the law does not apply then
  expectSame(await again.schema(), schemaOf(subject), "schema, opened again");
  await again.open(schemaOf(subject));
  expectSame(await again.loadConfig("c"), config, "configuration, opened again");
  await expectHolds(again, model);
  const next = await again.nextId(1);
  expectSame(next >= reserved + 10, true, `whether the next id, ${next}, is beyond those reserved before, from ${reserved} on`);
}
