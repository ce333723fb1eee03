import { describe, expect, test } from "vitest";
import { checkFields } from "../../src/core/fields.js";
import { compileWhere } from "../../src/engine/where.js";

const book = {
  title: "Flatland",
  price: 12,
  signed: false,
  tags: ["red", "old", 7],
  size: { width: 10, "a.b": 1 },
  "x.y": "whole",
  x: { y: "path", z: "path" },
  gone: null,
  empty: [],
};

/** Each where, and whether it holds for the book. */
const table: readonly (readonly [where: Record<string, unknown>, holds: boolean])[] = [
  [{}, true],
  [{ title: "Flatland" }, true],
  [{ title: "flatland" }, false],
  [{ price: 12 }, true],
  [{ price: "12" }, false],
  [{ signed: false }, true],
  [{ signed: 0 }, false],
  [{ title: "Flatland", price: 13 }, false],
  [{ gone: null }, true],
  [{ missing: null }, true],
  [{ title: null }, false],
  [{ price: { eq: 12 } }, true],
  [{ price: { ne: 12 } }, false],
  [{ missing: { ne: 12 } }, true],
  [{ missing: { ne: null } }, false],
  [{ price: { in: [11, 12] } }, true],
  [{ price: { in: [] } }, false],
  [{ missing: { in: [1, null] } }, true],
  [{ price: { in: ["12", null] } }, false],
  [{ price: { in: Array.from({ length: 50 }, (_, i) => i) } }, true],
  [{ price: { notIn: [11, 12] } }, false],
  [{ missing: { notIn: [11] } }, true],
  [{ price: { gt: 12 } }, false],
  [{ price: { gte: 12, lt: 12.5 } }, true],
  [{ price: { gte: 12, gt: 12 } }, false],
  [{ price: { lt: 12 } }, false],
  [{ price: { gte: 13, lt: 20 } }, false],
  [{ price: { lt: 20, gte: 13 } }, false],
  [{ price: { lte: 11, gt: 1 } }, false],
  [{ title: { lt: "G", gt: "Fz" } }, false],
  [{ price: { lte: 12, lt: 13, gt: 11 } }, true],
  [{ price: { gte: -0, lte: Number.POSITIVE_INFINITY } }, true],
  [{ price: { gt: Number.POSITIVE_INFINITY } }, false],
  [{ title: { lt: Number.POSITIVE_INFINITY } }, false],
  [{ price: { gt: "1" } }, false],
  [{ price: { gt: 1, lt: "2" } }, false],
  [{ title: { gte: "F", lt: "G" } }, true],
  [{ title: { gte: "", lte: "Flat" } }, false],
  [{ missing: { lt: 5 } }, false],
  [{ price: {} }, true],
  [{ tags: { has: "red" } }, true],
  [{ tags: { has: 7 } }, true],
  [{ tags: { has: "7" } }, false],
  [{ tags: "red" }, false],
  [{ title: { has: "Flatland" } }, false],
  [{ tags: { hasAny: ["blue", "old"] } }, true],
  [{ tags: { hasAny: [] } }, false],
  [{ tags: { hasAll: ["red", "old", "red"] } }, true],
  [{ tags: { hasAll: ["red", "blue"] } }, false],
  [{ tags: { hasAll: [] } }, true],
  [{ title: { hasAll: [] } }, false],
  [{ empty: { exists: true } }, true],
  [{ gone: { exists: true } }, false],
  [{ missing: { exists: false } }, true],
  [{ "size.width": { gt: 9 } }, true],
  [{ "size.height": { gt: 9 } }, false],
  [{ "size.a.b": 1 }, false],
  [{ "x.y": "whole" }, true],
  [{ "x.z": "path" }, true],
  [{ "tags.0": "red" }, false],
  [{ "tags.length": 3 }, false],
  [{ "title.length": 8 }, false],
  [{ toString: { exists: true } }, false],
  [{ "constructor.name": "Object" }, false],
  [JSON.parse('{ "__proto__": null }') as Record<string, unknown>, true],
  [{ and: [] }, true],
  [{ or: [] }, false],
  [{ and: [{ price: 12 }, { title: "Flatland" }] }, true],
  [{ or: [{ price: 13 }, { title: "Flatland" }] }, true],
  [{ or: [{ price: 13 }, { title: "Sphereland" }] }, false],
  [{ or: [{}] }, true],
  [{ not: {} }, false],
  [{ not: { price: 13 } }, true],
  [{ not: { price: 12, title: "no" } }, true],
  [{ not: { or: [{ price: 13 }, { missing: 1 }] } }, true],
  [{ not: { not: { price: 12 } } }, true],
  [{ price: 12, or: [{ signed: true }, { not: { tags: { has: "new" } } }] }, true],
];

describe("A where", () => {
  test.each(table)("%j holds for the book: %s, whatever is declared", (where, holds) => {
    for (const fields of [
      {},
      { price: "number", tags: "strings" },
      { title: "number", price: "string", "size.width": "boolean" },
    ] as const) {
      expect(compileWhere(where, fields).test(book, "id")).toBe(holds);
    }
  });

  test("that is a function gets data and id, and sees to everything itself", () => {
    const { indexed, rest, test } = compileWhere((data: { price: number } | undefined, id: unknown) => data === undefined || id === 7, {});
    expect(indexed).toBeNull();
    expect(rest).toBe(test);
    expect([test(undefined, 1), test(book, 7), test(book, 8)]).toEqual([true, true, false]);
  });

  test("holds for data that are no objects as for data without any of the keys", () => {
    for (const data of [undefined, null, 7, "text", true, ["price"], []]) {
      expect(compileWhere({ price: 12 }, {}).test(data, 0)).toBe(false);
      expect(compileWhere({ length: null, price: { ne: 12 } }, {}).test(data, 0)).toBe(true);
    }
  });

  test("does not change when the object it was made from does", () => {
    const where = { price: { in: [12] } };
    const { test } = compileWhere(where, {});
    where.price.in[0] = 13;
    expect(test(book, 0)).toBe(true);
  });
});

describe("What declared fields decide of a where", () => {
  const fields = { brand: "string", price: "number" } as const;
  const split = (where: unknown) => {
    const { indexed, rest } = compileWhere(where, fields);
    return [JSON.stringify(indexed)?.match(/"field":"\w+"/g)?.length ?? 0, rest !== null];
  };

  test("is each condition that must hold on a declared key, and the rest is asked of data", () => {
    expect(split({})).toEqual([0, false]);
    expect(split({ brand: "a", price: { gt: 1, lt: 2 } })).toEqual([2, false]);
    expect(split({ brand: "a", color: "b" })).toEqual([1, true]);
    expect(split({ color: "b" })).toEqual([0, true]);
    expect(split({ and: [{ brand: "a" }, { and: [{ price: 1 }, { color: "b" }] }] })).toEqual([2, true]);
    expect(split({ or: [{ brand: "a" }, { price: 1 }] })).toEqual([2, false]);
    expect(split({ or: [{ brand: "a" }, { color: "b" }], price: 1 })).toEqual([1, true]);
    expect(split({ or: [{ brand: "a", color: "b" }] })).toEqual([1, true]);
    expect(split({ not: { or: [{ brand: "a" }, { color: "b" }] } })).toEqual([1, true]);
    expect(split({ not: { brand: "a", color: "b" } })).toEqual([0, true]);
    expect(split({ not: { not: { brand: "a", color: "b" } } })).toEqual([1, true]);
    expect(split({ toString: "a" })).toEqual([0, true]);
  });

  test("is nothing where nothing is declared", () => {
    const { indexed, rest } = compileWhere({ or: [] }, {});
    expect(indexed).toBeNull();
    expect(rest?.({}, 0)).toBe(false);
  });
});

describe("A where is refused", () => {
  test.each([
    [undefined, ["where is undefined", "a function"]],
    [null, ["where is null"]],
    [[{ price: 1 }], ["where is Array(1)"]],
    [new Map(), ["where is Map"]],
    [new Date(0), ["where is Date"]],
    [{ __proto__: { price: 1 } }, ["where is Object"]],
    [{ price: undefined }, ['where["price"] is undefined', "leave the key out"]],
    [{ price: Number.NaN }, ["NaN", "finite number"]],
    [{ price: Number.POSITIVE_INFINITY }, ["Infinity", "finite number"]],
    [{ price: 12n }, ["12n"]],
    [{ price: () => true }, ['where["price"]']],
    [{ price: new Date(0) }, ['where["price"] is Date']],
    [{ price: [1, 2] }, ["Array(2)", "{ in: […] }", "hasAny"]],
    [{ price: { gtt: 1 } }, ['"gtt"', "eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, hasAll, exists", '"price.gtt"']],
    [{ price: JSON.parse('{ "__proto__": 1 }') as unknown }, ['"__proto__"']],
    [{ price: { toString: 1 } }, ['"toString"']],
    [{ price: { eq: undefined } }, ['where["price"].eq is undefined']],
    [{ price: { gt: null } }, ['where["price"].gt is null', "a number or text"]],
    [{ price: { gt: true } }, ["is true"]],
    [{ price: { lt: Number.NaN } }, ["is NaN"]],
    [{ price: { in: 1 } }, ['where["price"].in is 1', "an array"]],
    [{ price: { in: [1, {}] } }, ['where["price"].in[1]']],
    [{ price: { in: new Array(2) } }, ['where["price"].in[0] is undefined']], // holes
    [{ tags: { has: null } }, ['where["tags"].has is null']],
    [{ tags: { hasAll: "red" } }, ["an array"]],
    [{ tags: { exists: 1 } }, ["true or false"]],
    [{ and: { price: 1 } }, ["where.and is Object", "an array"]],
    [{ or: [{ price: 1 }, null] }, ["where.or[1] is null"]],
    [{ or: [() => true] }, ["where.or[0]", "an object of conditions"]],
    [{ not: [{ price: 1 }] }, ["where.not is Array(1)"]],
    [{ ["k".repeat(257)]: 1 }, ["257 characters", "256"]],
    [{ or: new Array(1001).fill({}) }, ["more than 1000 conditions"]],
    [{ price: { in: new Array(65_537).fill(1) } }, ["more than 65536 values"]],
  ] as readonly (readonly [unknown, readonly string[]])[])("saying $1", (where, parts) => {
    expect(() => compileWhere(where, {})).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    for (const part of parts) expect(() => compileWhere(where, {})).toThrow(part);
  });

  test("when it contains itself, has more parts than memory, or throws when it is read", () => {
    const endless: Record<string, unknown> = {};
    endless["not"] = endless;
    expect(() => compileWhere(endless, {})).toThrow("more than 16 deep");
    expect(() => compileWhere({ or: new Array(2 ** 32 - 1) }, {})).toThrow("more than 1000 conditions");
    const throwing = Object.defineProperty({}, "brand", { enumerable: true, get: () => expect.unreachable("no") });
    expect(() => compileWhere(throwing, {})).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => compileWhere(throwing, {})).toThrow("could not be read");
  });

  test("when it is a function that returns no boolean, a promise for one", () => {
    const { test } = compileWhere(async () => true, {});
    expect(() => test(book, 7)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => test(book, 7)).toThrow("where returned Promise for id 7");
  });
});

describe("Fields", () => {
  test("are checked and copied, any key by its name", () => {
    const given = JSON.parse('{ "brand": "string", "size.width": "number", "__proto__": "boolean" }') as Record<string, string>;
    const fields = checkFields(given);
    given["brand"] = "number";
    expect(Object.entries(fields)).toEqual([
      ["brand", "string"],
      ["size.width", "number"],
      ["__proto__", "boolean"],
    ]);
  });

  test.each([
    [null, "null"],
    [["brand"], "Array(1)"],
    [{ brand: "text" }, "boolean, number, string, strings"],
    [{ brand: String }, "brand"],
    [{ not: "string" }, '"not"'],
    [{ "": "string" }, '""'],
    [{ ["k".repeat(257)]: "string" }, "256"],
    [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, "number"])), "65 fields, the limit is 64"],
  ] as const)("are refused when they are %j", (fields, part) => {
    expect(() => checkFields(fields)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => checkFields(fields)).toThrow(part);
  });
});
