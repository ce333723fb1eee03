import { Candidates } from "../../core/columns.js";
import type { Id, Resident, Storage } from "../../core/contracts.js";
import type { FieldTypes } from "../../core/fields.js";
import { evaluator, type FieldPredicate } from "../../core/predicates.js";
import type { Random } from "../../core/random.js";
import { expectSame } from "../assert.js";
import type { Law } from "../laws.js";
import { batchOf, type Item, itemsOf, randomOf, type StorageSubject, schemaOf } from "./subject.js";

/** What declared fields of the data promise. */
export const fieldLaws: readonly Law<StorageSubject>[] = [
  { name: "declared fields of the data are part of the schema", check: keepsFields },
  { name: "a resident storage that selects by declared fields agrees with the data, after every write", check: selects },
];

const dataFields: FieldTypes = { price: "number", brand: "string", tags: "strings", "in.stock": "boolean" };

const predicates: readonly FieldPredicate[] = [
  { op: "test", field: "price", condition: { op: "numbers", low: 2, lowOpen: false, high: 5, highOpen: true } },
  { op: "test", field: "price", condition: { op: "in", values: [3, "3", null] } },
  { op: "test", field: "brand", condition: { op: "in", values: ["b1"] } },
  { op: "test", field: "tags", condition: { op: "has", values: ["t0", "t1"], all: true } },
  { op: "not", of: { op: "test", field: "in.stock", condition: { op: "in", values: [true] } } },
  {
    op: "or",
    of: [
      { op: "test", field: "brand", condition: { op: "exists" } },
      { op: "test", field: "tags", condition: { op: "has", values: ["t2"], all: false } },
    ],
  },
  { op: "and", of: [] },
];

async function keepsFields(subject: StorageSubject): Promise<void> {
  const storage = await subject.create();
  expectSame((await storage.open({ ...schemaOf(subject), dataFields })).dataFields, dataFields, "declared fields that opening returns");
  expectSame((await storage.schema())?.dataFields, dataFields, "declared fields of the schema");
}

async function selects(subject: StorageSubject): Promise<void> {
  const storage = await subject.create();
  await storage.open({ ...schemaOf(subject), dataFields });
  const { resident } = storage;
  if (resident?.select === undefined) return; // every predicate is then asked of data
  const random = randomOf(subject, "selects");
  const held = new Map<Id, unknown>();
  for (let step = 0; step < 12; step++) {
    const ids = Array.from({ length: 40 }, () => random.below(120));
    const items = itemsOf(subject, random, ids).map((item): Item => ({ ...item, data: arbitraryText(random) }));
    await storage.write(batchOf(subject, items));
    for (const { id, data } of items) held.set(id, data === undefined ? undefined : JSON.parse(data));
    await expectSelects(storage, resident, held, step);
    const gone = Array.from({ length: 30 }, () => random.below(120));
    await storage.remove(gone);
    for (const id of gone) held.delete(id);
    await expectSelects(storage, resident, held, step);
  }
  await storage.clear();
  await expectSelects(storage, resident, new Map(), 12);
}

async function expectSelects(storage: Storage, resident: Resident, held: ReadonlyMap<Id, unknown>, step: number): Promise<void> {
  for (const predicate of predicates) {
    const holds = evaluator(predicate);
    const expected = [...held].filter(([, data]) => holds(data)).map(([id]) => Number(id));
    const set = resident.select?.(predicate);
    const found = new Candidates();
    resident.all(found, set);
    const reader = await storage.fetch(found);
    const ids = Array.from(found.rows.subarray(0, found.count), (row) => Number(reader.id(row)));
    const what = `${JSON.stringify(predicate)} at step ${step}`;
    expectSame(sorted(ids), sorted(expected), `ids that it selects by ${what}`);
    expectSame(set?.count, expected.length, `how many it says there are by ${what}`);
  }
}

function sorted(ids: readonly number[]): number[] {
  return [...ids].sort((a, b) => a - b);
}

/** JSON of data with values of the declared types, of others, and none. */
function arbitraryText(random: Random): string | undefined {
  if (random.below(8) === 0) return undefined;
  const pick = (values: readonly unknown[]) => values[random.below(values.length)];
  return JSON.stringify({
    price: pick([0, 1, 2, 3, 4.5, 5, "3", null, undefined]),
    brand: pick(["b0", "b1", "ü", 1, null, undefined]),
    tags: pick([["t0"], ["t0", "t1"], ["t1", 2, "t0"], [], "t0", undefined]),
    in: pick([{ stock: true }, { stock: false }, { stock: "true" }, {}, undefined]),
  });
}
