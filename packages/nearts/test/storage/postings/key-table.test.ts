import { describe, expect, test } from "vitest";
import { Random } from "../../../src/core/random.js";
import { KeyTable } from "../../../src/storage/postings/key-table.js";

/** What new keys are like, in turn: numbers of lists, larger numbers, keys of 64 bits. */
const kinds: ((random: Random) => [hi: number, lo: number])[] = [
  (random) => [0, random.below(400)],
  (random) => [0, random.below(100_000)],
  (random) => [random.below(2 ** 32), random.below(4)],
];

function expectSame(table: KeyTable, model: ReadonlyMap<string, number>): void {
  expect(table.count).toBe(model.size);
  for (const [key, bucket] of model) {
    const [hi, lo] = key.split(":").map(Number);
    expect(table.find(hi, lo)).toBe(bucket);
  }
}

describe.each([1, 2, 3])("keys of a table (seed %i)", (seed) => {
  test("keep the numbers they were given, whatever keys come after them, and others have none", () => {
    const random = new Random(seed);
    const table = new KeyTable();
    const model = new Map<string, number>();
    for (const key of kinds) {
      for (let i = 0; i < 600; i++) {
        const [hi, lo] = key(random);
        const known = model.get(`${hi}:${lo}`);
        expect(table.find(hi, lo)).toBe(known ?? -1);
        expect(table.findOrAdd(hi, lo)).toBe(known ?? model.size);
        if (known === undefined) model.set(`${hi}:${lo}`, model.size);
      }
      expectSame(table, model);
    }
  });

  test("are found under new numbers when most of them have gone, and when they are restored", () => {
    const random = new Random(seed);
    const table = new KeyTable();
    for (let i = 0; i < 900; i++) table.findOrAdd(...kinds[i % 3](random));
    for (let bucket = 0; bucket < table.count; bucket++) table.lengths[bucket] = table.hi[bucket] === 0 && table.lo[bucket] < 100 ? 1 : 0;
    const kept = table.lengths.subarray(0, table.count).filter((length) => length > 0).length;
    table.empty = table.count - kept;
    table.compact(table.kept());
    const model = new Map(Array.from({ length: kept }, (_, bucket) => [`${table.hi[bucket]}:${table.lo[bucket]}`, bucket]));
    expectSame(table, model);
    const restored = new KeyTable();
    expect(restored.restore(table.hi.slice(), table.lo.slice())).toBe(-1);
    expectSame(restored, model);
    expect(restored.find(1, table.lo[0])).toBe(-1);
    expect(new KeyTable().restore(Uint32Array.of(0, 0, 0), Uint32Array.of(5, 7, 5))).toBe(2);
  });
});
