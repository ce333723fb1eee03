import { Candidates } from "../../core/columns.js";
import type { Id, Storage } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { type VectorOf, wordsPerRow } from "../../core/rows.js";
import { expectRefusal, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { expectHolds, StorageModel } from "./model.js";
import { batchOf, type Item, itemsOf, opened, randomOf, type StorageSubject, schemaOf, written } from "./subject.js";

/** What writing, removing and reading rows promise. */
export const rowLaws: readonly Law<StorageSubject>[] = [
  { name: "a new index is empty by every way to look", check: async (subject) => expectHolds(await opened(subject), new StorageModel()) },
  { name: "vectors, ids and data come back bit for bit", check: returnsAll },
  { name: "a batch may be written over once it is written", check: copiesBatches },
  { name: "writing an id again replaces its vector, data and buckets", check: replaces },
  { name: "the last of equal ids in a batch wins", check: lastWins },
  { name: "removing says what existed and leaves no trace", check: removes },
  { name: "find appends the rows of the ids that are there, in their order", check: finds },
  { name: "fetch drops the rows removed since they were found", check: drops },
  { name: "ids reserved are integers that no vector has", check: reserves },
  { name: "clearing everything leaves an empty index that can be used again", check: clears },
  {
    name: "what goes over the limit is refused with E_MEMORY and changes nothing",
    applies: ({ limited }) => limited !== undefined,
    check: limits,
  },
];

async function returnsAll(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const model = new StorageModel();
  const ids: Id[] = [
    7,
    "7",
    0,
    -1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    "ü",
    "日本 😀",
    "a:b{c}*",
    "x".repeat(512),
    "__proto__",
  ];
  const items = itemsOf(subject, randomOf(subject, "returns"), ids).map((item, i) => ({
    ...item,
    data: i === 1 ? undefined : texts[i % texts.length],
  }));
  items[0] = { ...items[0], ...written(subject, extremeVector(subject)) };
  expectSame(await storage.write(batchOf(subject, items)), model.write(items), "report of the write");
  await expectHolds(storage, model);
}

async function copiesBatches(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, randomOf(subject, "copies"), 10);
  const batch = batchOf(subject, items);
  await storage.write(batch);
  model.write(items);
  const { rows } = batch;
  if (rows.kind === "bits") rows.words.fill(1);
  else if (rows.kind === "set") rows.members.fill(7);
  else rows.values.fill(7);
  if (rows.kind === "sparse") rows.indices.reverse();
  for (const keys of batch.keys) for (const column of [keys.rows, keys.tables, keys.hi, keys.lo]) column.fill(0);
  await expectHolds(storage, model);
}

async function replaces(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "replaces");
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, random, 20);
  await write(storage, model, subject, items);
  for (const ids of [items.map(({ id }) => id), items.slice(5, 9).map(({ id }) => id), [...items.slice(0, 3).map(({ id }) => id), "new"]]) {
    await write(storage, model, subject, itemsOf(subject, random, ids));
    await expectHolds(storage, model);
  }
}

async function lastWins(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const model = new StorageModel();
  await write(storage, model, subject, itemsOf(subject, randomOf(subject, "last wins"), ["a", "b", "a", "c", "a", "b"]));
  await expectHolds(storage, model);
}

async function removes(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "removes");
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, random, 30);
  await write(storage, model, subject, items);
  expectSame(await storage.remove([]), [], "answer to removing nothing");
  const gone = items.slice(0, 12).map(({ id }) => id);
  const asked = [...gone, "never there", gone[3]];
  expectSame(await storage.remove(asked), model.remove(asked), "which of these existed");
  await expectHolds(storage, model);
  await write(storage, model, subject, itemsOf(subject, random, gone.slice(0, 6)));
  await expectHolds(storage, model);
  const rest = [...model.items.keys()];
  expectSame(await storage.remove(rest), model.remove(rest), "which of the rest existed");
  await expectHolds(storage, model);
}

async function finds(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  const items = itemsOf(subject, randomOf(subject, "finds"), ["a", 1, "1", "b"]);
  await storage.write(batchOf(subject, items));
  const candidates = new Candidates();
  expectSame(await storage.find(["b"], candidates), 1, "rows found");
  expectSame(await storage.find(["x", "1", "a", 2, "1", 1], candidates), 4, "rows found");
  const reader = await storage.fetch(candidates);
  const ids = Array.from(candidates.rows.subarray(0, candidates.count), (row) => reader.id(row));
  expectSame(ids, ["b", "1", "a", "1", 1], "ids of the rows found, behind one that was there");
}

async function drops(subject: StorageSubject): Promise<void> {
  const storage = await opened(subject);
  await storage.write(batchOf(subject, itemsOf(subject, randomOf(subject, "drops"), ["a", "b", "c", "d", "e"])));
  const candidates = new Candidates();
  await storage.find(["a", "b", "c", "d", "e", "b"], candidates);
  await storage.remove(["b", "d"]);
  const reader = await storage.fetch(candidates);
  const ids = Array.from(candidates.rows.subarray(0, candidates.count), (row) => reader.id(row));
  expectSame(ids, ["a", "c", "e"], "ids of the rows that can be read");
}

async function reserves(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "reserves");
  const storage = await opened(subject);
  const taken = new Set<Id>();
  const reserve = async (count: number) => {
    const first = await storage.nextId(count);
    for (let id = first; id < first + count; id++) {
      expectThat(
        Number.isSafeInteger(id) && !taken.has(id),
        `id ${id} of ${count} reserved from ${first}`,
        "taken, or no safe integer",
        "a new one",
      );
      taken.add(id);
    }
  };
  await reserve(3);
  await reserve(1);
  for (const ids of [[5, "6", -9], [1000, 2000], [2 ** 40]] satisfies Id[][]) {
    await storage.write(batchOf(subject, itemsOf(subject, random, ids)));
    for (const id of ids) taken.add(id);
    await reserve(2);
  }
  const last: Id[] = [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
  await storage.write(batchOf(subject, itemsOf(subject, random, last)));
  for (const id of last) taken.add(id);
  // At the end of the integers it may have none left to give, and says so.
  await reserve(2).catch((error: unknown) => {
    if (!(error instanceof NearError && error.code === "E_LIMIT")) throw error;
  });
}

async function clears(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "clears");
  const storage = await opened(subject);
  const model = new StorageModel();
  const items = itemsOf(subject, random, 40);
  await write(storage, model, subject, items);
  await storage.clear();
  model.clear();
  await expectHolds(storage, model);
  expectSame(await storage.schema(), schemaOf(subject), "schema after clearing");
  expectSame(await storage.remove([items[0].id]), [false], "whether a cleared row existed");
  await write(
    storage,
    model,
    subject,
    itemsOf(
      subject,
      random,
      items.slice(10, 20).map(({ id }) => id),
    ),
  );
  await expectHolds(storage, model);
}

async function limits(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "limits");
  const storage = await subject.limited?.(4_000_000);
  if (storage === undefined) return; // the law does not apply then
  await storage.open(schemaOf(subject));
  const model = new StorageModel();
  await write(storage, model, subject, itemsOf(subject, random, 50));
  const before = await storage.stats();
  const known = [...model.items.keys()].slice(0, 5);
  const large = Array.from({ length: 100 }, (_, i) => ({
    ...itemsOf(subject, random, [`large ${i}`])[0],
    data: JSON.stringify("x".repeat(60_000)),
  }));
  const batch = batchOf(subject, [...itemsOf(subject, random, known), ...large]);
  await expectRefusal("E_MEMORY", () => storage.write(batch), "writing 6 MB of data where 4 MB are allowed");
  expectSame(await storage.stats(), before, "stats after the refusal");
  await expectHolds(storage, model);
  if (storage.admit !== undefined)
    await expectRefusal("E_MEMORY", () => storage.admit?.(batch.rows, batch.ids, 6_000_000), "admitting 6 MB of data");
  await write(storage, model, subject, itemsOf(subject, random, ["small"]));
  await expectHolds(storage, model);
}

const texts = ["null", '"text"', "0", "true", '{"a":[1,{"b":"ü 😀"}]}', '"\\u0000"', `"${"long ".repeat(2000)}"`];

async function write(storage: Storage, model: StorageModel, subject: StorageSubject, items: readonly Item[]): Promise<void> {
  expectSame(await storage.write(batchOf(subject, items)), model.write(items), "report of the write");
}

/** A vector of the smallest, the largest and the negative zero values of the precision, or of all bits. */
function extremeVector({ kind, dim, precision }: StorageSubject): VectorOf {
  const extremes =
    precision === "f16"
      ? [2 ** -24, -(2 ** -24), 65_504, -65_519, 2 ** -14, 1 / 3]
      : [1e-45, -1e-45, 3.4028234663852886e38, -3.4028234663852886e38, 1.17549435e-38, 1 / 3];
  const floats = Float32Array.from({ length: kind === "dense" ? dim : Math.min(dim, 40) }, (_, i) => extremes[i % 6]);
  switch (kind) {
    case "dense":
      return floats.map((value, i) => (i % 7 === 0 ? -0 : value));
    case "sparse":
      return { dim, indices: Uint32Array.from(floats.keys(), (i) => dim - floats.length + i), values: floats };
    case "set":
      return { members: Uint32Array.of(0, 1, dim - 1) };
    default: {
      const words = new Uint32Array(wordsPerRow(dim)).fill(0xffffffff);
      if (dim % 32 > 0) words[words.length - 1] = 2 ** (dim % 32) - 1;
      return { dim, words };
    }
  }
}
