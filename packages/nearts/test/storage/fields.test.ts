import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldTypes } from "../../src/core/fields.js";
import { evaluator, type FieldPredicate } from "../../src/core/predicates.js";
import { compileWhere } from "../../src/engine/where.js";
import { FieldColumns } from "../../src/storage/resident/fields/field-columns.js";
import { rowsOf } from "./row-sets.js";

const fields: FieldTypes = { s: "string", n: "number", b: "boolean", l: "strings", "o.n": "number", "o.s": "string" };

/** Few values, so that conditions meet them; of every type under every key. */
const scalar = fc.constantFrom<(string | number | boolean)[]>(
  "",
  "a",
  "b",
  "é",
  "\u{1f600}",
  "\ud83d",
  "1",
  1,
  -1,
  0,
  -0,
  0.5,
  2,
  1e300,
  5e-324,
  true,
  false,
);
const list = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom("", "a", "b", "é", "1") }, fc.constantFrom(1, true, null, {}, [])), {
  maxLength: 4,
});
const value = fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 3, arbitrary: list }, fc.constantFrom(null, undefined, {}, { n: 1 }));
const data = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      { s: value, n: value, b: value, l: value, o: fc.oneof(fc.record({ n: value, s: value }), value), "o.n": value },
      { requiredKeys: [] },
    ),
  },
  fc.constantFrom(undefined, null, 7, "s", [], true),
);

const bound = scalar.filter((x) => typeof x !== "boolean");
const operators = fc.record(
  {
    eq: fc.oneof(scalar, fc.constant(null)),
    ne: fc.oneof(scalar, fc.constant(null)),
    in: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 12 }),
    notIn: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }),
    gt: bound,
    gte: bound,
    lt: bound,
    lte: bound,
    has: scalar,
    hasAny: fc.array(scalar, { maxLength: 3 }),
    hasAll: fc.array(scalar, { maxLength: 3 }),
    exists: fc.boolean(),
  },
  { requiredKeys: [] },
);
const one = fc.oneof(
  scalar,
  fc.constant(null),
  // One or two operators at a time: many together hold for nothing.
  fc
    .tuple(operators, fc.nat(11), fc.nat(11))
    .map(([all, i, j]) => Object.fromEntries(Object.entries(all).filter((_, at) => at === i || at === j))),
);
const { where } = fc.letrec<{ where: Record<string, unknown> }>((tie) => ({
  where: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(fc.constantFrom("s", "n", "b", "l", "o.n", "o.s"), one).map(([key, condition]) => ({ [key]: condition })),
    fc.dictionary(fc.constantFrom("s", "n", "b", "l", "o.n", "o.s"), one, { maxKeys: 3 }),
    fc.tuple(fc.constantFrom("and", "or"), fc.array(tie("where"), { maxLength: 3 })).map(([key, parts]) => ({ [key]: parts })),
    tie("where").map((part) => ({ not: part })),
  ),
}));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ row: fc.nat(99), data }) },
  fc.record({ row: fc.nat(99), removed: fc.constant(true) }),
);

describe("Columns of fields", () => {
  test("find exactly the rows whose data a predicate holds for, after any writes, whatever the types of the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(step, { maxLength: 30 }), fc.array(where, { minLength: 1, maxLength: 6 })), { maxLength: 4 }),
        (rounds) => {
          const columns = new FieldColumns(fields);
          const model = new Map<number, unknown>();
          for (const [steps, wheres] of rounds) {
            for (const taken of steps) {
              if ("removed" in taken) {
                columns.delete(taken.row);
                model.delete(taken.row);
              } else {
                columns.set(taken.row, taken.data);
                model.set(taken.row, taken.data);
              }
            }
            for (const each of wheres) expectAgreement(columns, model, each);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("find values that are frequent, were frequent or become it, by bitmaps as by reading", () => {
    const columns = new FieldColumns({ s: "string", l: "strings" });
    const model = new Map<number, unknown>();
    const ask = () => {
      for (const text of ["common", "rare", "other"]) {
        expectAgreement(columns, model, { s: text });
        expectAgreement(columns, model, { l: { has: text } });
        expectAgreement(columns, model, { l: { hasAll: [text, "row 3"] } });
      }
      expectAgreement(columns, model, { s: { in: ["common", "rare", "row 5", "row 6"] }, l: { hasAny: ["common", "row 9"] } });
      expectAgreement(columns, model, { s: { gt: "row 2", lte: "row 4" } });
    };
    const put = (row: number, s: string) => {
      const data = { s, l: [s, `row ${row}`, "all"] };
      columns.set(row, data);
      model.set(row, data);
    };
    for (let row = 0; row < 3000; row++) put(row, row % 3 === 0 ? "common" : row % 500 === 1 ? "rare" : `row ${row}`);
    ask();
    // Numbers of texts are given anew while bitmaps of others are there; stale entries of lists are swept.
    for (let row = 0; row < 3000; row++) put(row, row % 2 === 0 ? "other" : row % 400 === 1 ? "common" : `again ${row}`);
    ask();
    for (let row = 0; row < 2900; row++) {
      columns.delete(row);
      model.delete(row);
    }
    ask();
    for (let row = 2000; row < 6000; row++) put(row, row % 5 === 0 ? "common" : "rare");
    ask();
    for (const row of model.keys()) columns.delete(row);
    model.clear();
    ask();
  });

  test("find ranges of numbers in blocks that are inside, outside and across them", () => {
    const columns = new FieldColumns({ n: "number" });
    const model = new Map<number, unknown>();
    for (let row = 0; row < 5000; row++) {
      const data = row % 7 === 0 ? undefined : { n: row / 8 };
      columns.set(row, data);
      model.set(row, data);
    }
    for (let row = 1024; row < 2100; row++) {
      columns.delete(row);
      model.delete(row);
    }
    columns.set(7, { n: -0 });
    model.set(7, { n: -0 });
    expectAgreement(columns, model, { n: { in: [0, 1e6, 2e6, 3e6, 4e6] } });
    expectAgreement(columns, model, { n: { in: [-0, 625, 2e6, -3e6, 4e6, 0.125] } });
    for (const [low, high] of [
      [0, 1000],
      [100, 100],
      [128, 300.25],
      [131, 390],
      [262.5, 262.5],
      [-5, 0],
      [620, 1e9],
      [40, 30],
    ]) {
      expectAgreement(columns, model, { n: { gte: low, lte: high } });
      expectAgreement(columns, model, { n: { gt: low, lt: high } });
      expectAgreement(columns, model, { not: { n: { gt: low, lte: high } } });
      expectAgreement(columns, model, { n: { in: [low, high, 1, 2, 3.5, 4] } });
    }
  });

  test("keep an answer as it was, and give the same object again only while nothing is written", () => {
    const columns = new FieldColumns({ n: "number" });
    for (let row = 0; row < 40; row++) columns.set(row, { n: row });
    const predicate = indexed({ n: { lt: 10 } }, { n: "number" });
    const before = columns.select(predicate);
    expect(columns.select(structuredClone(predicate))).toBe(before);
    columns.set(50, { n: 5 });
    columns.delete(3);
    expect(before.count).toBe(10);
    expect(rowsOf(before)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rowsOf(columns.select(predicate))).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 50]);
    for (let i = 0; i < 20; i++) columns.select(indexed({ n: i }, { n: "number" }));
    expect(rowsOf(columns.select(predicate))).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 50]);
    columns.clear();
    expect(columns.select(predicate).count).toBe(0);
    expect(columns.select({ op: "and", of: [] }).count).toBe(0);
  });

  test("know the live rows, with and without data, and which of some rows are", () => {
    const columns = new FieldColumns({ n: "number" });
    columns.reserve(100);
    for (const row of [0, 33, 64, 99]) columns.set(row, row === 33 ? undefined : { n: 1 });
    columns.delete(64);
    columns.delete(64);
    columns.delete(5000);
    expect(rowsOf(columns.select({ op: "and", of: [] }))).toEqual([0, 33, 99]);
    expect(rowsOf(columns.select(indexed({ n: null }, { n: "number" })))).toEqual([33]);
    const words = new Uint32Array(2).fill(0xffffffff);
    expect(columns.exactly(words)).toMatchObject({ count: 2 });
    expect(rowsOf(columns.exactly(words))).toEqual([0, 33]);
    expect(words[0]).toBe(0xffffffff);
  });

  test("give back what texts and other values took, and say no less than the columns take", () => {
    const columns = new FieldColumns(fields);
    const fill = (round: number) => {
      for (let row = 0; row < 2000; row++) {
        columns.set(row, { s: `text ${round} of ${row}`, n: row % 2 === 0 ? row : "no number", l: [`item ${round} of ${row}`, "item"] });
      }
    };
    fill(0);
    const first = columns.bytes;
    expect(first).toBeGreaterThan(2000 * (2 * 4 + 2 * 8 + 8));
    for (let round = 1; round < 6; round++) fill(round);
    expect(columns.bytes).toBeLessThan(first * 2);
    for (let row = 0; row < 2000; row++) columns.delete(row);
    expect(columns.bytes).toBeLessThan(first * 2);
    columns.clear();
    expect(columns.bytes).toBeLessThan(5000);
  });

  test("refuse a field that is not declared, naming those that are", () => {
    const columns = new FieldColumns({ n: "number" });
    const predicate: FieldPredicate = { op: "test", field: "m", condition: { op: "exists" } };
    expect(() => columns.select(predicate)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => columns.select(predicate)).toThrow('"m" is no declared field; there are "n"');
  });
});

function indexed(where: unknown, declared: FieldTypes): FieldPredicate {
  return compileWhere(where, declared).indexed ?? { op: "and", of: [] };
}

/** The columns' answer is that of the definition, row by row; and so it is after the split of a where. */
function expectAgreement(columns: FieldColumns, model: ReadonlyMap<number, unknown>, where: unknown): void {
  const compiled = compileWhere(where, fields);
  const expected = [...model].filter(([row, data]) => compiled.test(data, row)).map(([row]) => row);
  const predicate = compiled.indexed ?? { op: "and", of: [] };
  const set = columns.select(predicate);
  expect({ where, rows: rowsOf(set) }).toEqual({ where, rows: expected.sort((a, b) => a - b) });
  expect(set.count).toBe(expected.length);
  expect(compiled.rest).toBeNull();
  const holds = evaluator(predicate);
  for (const [row, data] of model) if (holds(data) !== expected.includes(row)) expect.unreachable(`row ${row} of ${JSON.stringify(where)}`);
}
