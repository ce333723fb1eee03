import { describe, expect, test } from "vitest";
import type { Codes } from "../../../src/core/codes.js";
import { Candidates, type Keys, Probes } from "../../../src/core/columns.js";
import { Random } from "../../../src/core/random.js";
import { CodedPostings } from "../../../src/storage/postings/coded-postings.js";
import { Postings } from "../../../src/storage/postings/postings.js";
import { BucketModel, randomEntries } from "./bucket-model.js";

const [tables, keysPerTable, groups, mostRows, operations] = [2, 2, 13, 1500, 5000];

interface Subject {
  readonly postings: Postings | CodedPostings;
  add(row: number, keys: Keys, e: number, codes: Codes): void;
  addMany(rows: Uint32Array, keys: Keys, codes: Codes): void;
}

function plain(): Subject {
  const postings = new Postings("h", tables, keysPerTable);
  return {
    postings,
    add: (row, keys, e) => postings.add(row, keys, e),
    addMany: (rows, keys) => {
      for (let e = 0; e < keys.count; e++) postings.add(rows[keys.rows[e]], keys, e);
    },
  };
}

function coded(): Subject {
  const postings = new CodedPostings("h", tables, keysPerTable, groups);
  return {
    postings,
    add: (row, keys, e, codes) => postings.add(row, keys, e, codes),
    addMany: (rows, keys, codes) => postings.addMany(rows, keys, codes),
  };
}

const ascending = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);

function expectSame({ postings }: Subject, model: BucketModel, where: string): void {
  for (let t = 0; t < tables; t++) {
    const filled = model.filled(t);
    const held = Array.from(postings.sorted(t)).filter((i) => postings.countAt(t, i) > 0);
    expect(held.length, where).toBe(filled.length);
    expect(postings.size(t), where).toBe(postings.sorted(t).length);
    for (const { hi, lo, rows } of filled) {
      const i = postings.find(t, hi, lo);
      expect([postings.keyHi(t, i), postings.keyLo(t, i), postings.countAt(t, i)], where).toEqual([hi, lo, rows.size]);
      expect(Array.from(postings.rowsAt(t, i)), where).toEqual(ascending(rows.keys()));
    }
  }
  const filled = [0, 1].flatMap((t) => model.filled(t));
  const { buckets, entries, largestBucket } = postings.stats();
  const sizes = filled.map(({ rows }) => rows.size);
  expect([buckets, entries, largestBucket], where).toEqual([sizes.length, sizes.reduce((a, b) => a + b, 0), Math.max(0, ...sizes)]);
  expectSameScans(postings, model, where);
}

function expectSameScans(postings: Postings | CodedPostings, model: BucketModel, where: string): void {
  const probes = new Probes();
  for (const bits of [0, 1, 3, 32, 40, 64]) probes.add(1, 0x90000000, 2, 0, bits);
  const agree = (a: number, b: number, bits: number) => bits <= 0 || (a ^ b) >>> Math.max(0, 32 - bits) === 0;
  const stamps = new Uint32Array(mostRows);
  const seen = new Set<number>();
  for (let p = 0; p < probes.count; p++) {
    const bits = probes.prefixBits[p];
    const expected = model.filled(1).filter(({ hi, lo }) => agree(hi, 0x90000000, bits) && agree(lo, 2, bits - 32));
    const rows = expected.flatMap((bucket) => [...bucket.rows.keys()]);
    const [all, fresh] = [new Candidates(), new Candidates()];
    postings.scan(probes, p, all, null, 0);
    expect(ascending(all.rows.subarray(0, all.count)), `${where}, ${bits} bits`).toEqual(ascending(rows));
    postings.scan(probes, p, fresh, stamps, 7);
    const expectedFresh = ascending(new Set(rows.filter((row) => !seen.has(row))));
    expect(ascending(fresh.rows.subarray(0, fresh.count)), `${where}, ${bits} bits, unique`).toEqual(expectedFresh);
    expect([all.raw, fresh.raw], where).toEqual([rows.length, rows.length]);
    for (const row of rows) seen.add(row);
  }
}

/** Random writes to both; `check` after every few. */
function interleave(seed: number, subject: Subject, check: (model: BucketModel, where: string) => void): void {
  const random = new Random(seed);
  const model = new BucketModel(keysPerTable);
  const living = new Set<number>();
  subject.postings.reserve(mostRows);
  const pick = (count: number, suits: (row: number) => boolean) => {
    const rows = new Set<number>();
    for (let tries = 0; tries < count * 20 && rows.size < count; tries++) {
      const row = random.below(mostRows);
      if (suits(row)) rows.add(row);
    }
    return [...rows];
  };
  const some = (count: number) => pick(count, (row) => living.has(row));
  const unused = (count: number) => Uint32Array.from(pick(count, (row) => !living.has(row))).sort();
  const forget = (rows: number[]) => {
    for (const row of rows) {
      model.remove(row);
      living.delete(row);
    }
  };
  for (let o = 0; o < operations; o++) {
    // Phases of growing and of shrinking, so that buckets pass every size both ways.
    const grows = Math.floor(o / 600) % 2 === 0;
    const choice = random.below(100);
    if (choice < (grows ? 55 : 25)) {
      const [row] = unused(1);
      if (row === undefined) continue;
      const { keys, codes } = randomEntries([0], tables, keysPerTable, groups, random);
      for (let e = 0; e < keys.count; e++) {
        subject.add(row, keys, e, codes);
        model.add(row, keys, e, codes);
      }
      living.add(row);
    } else if (choice < (grows ? 60 : 26)) {
      const rows = unused(random.below(60));
      const { keys, codes } = randomEntries([...rows.keys()], tables, keysPerTable, groups, random);
      subject.addMany(rows, keys, codes);
      for (let e = 0; e < keys.count; e++) model.add(rows[keys.rows[e]], keys, e, codes);
      for (const row of rows) living.add(row);
    } else if (choice < 92) {
      const rows = some(1);
      for (const row of rows) subject.postings.remove(row);
      forget(rows);
    } else if (choice < (grows ? 93 : 97)) {
      const rows = some(random.below(90));
      subject.postings.removeMany(rows);
      forget(rows);
    } else if (choice < 99) subject.postings.tidy();
    else if (random.below(12) === 0) {
      subject.postings.clear();
      model.clear();
      living.clear();
    }
    if (o % 250 === 249) check(model, `seed ${seed}, operation ${o}`);
  }
  subject.postings.removeMany([...living]);
  model.clear();
  check(model, `seed ${seed}, at the end`);
}

describe.each([
  { name: "postings", make: plain },
  { name: "postings with codes", make: coded },
])("$name", ({ make }) => {
  test.each([1, 2, 3])("agree with a map of lists after any writes (seed %i)", (seed) => {
    const subject = make();
    interleave(seed, subject, (model, where) => expectSame(subject, model, where));
  });

  test("give buckets new numbers only when their epoch changes", () => {
    const subject = make();
    const { postings } = subject;
    postings.reserve(400);
    const random = new Random(9);
    const { keys, codes } = randomEntries(
      Array.from({ length: 400 }, (_, row) => row),
      tables,
      keysPerTable,
      groups,
      random,
    );
    for (let e = 0; e < keys.count; e++) subject.add(keys.rows[e], keys, e, codes);
    const { epoch } = postings;
    const before = postings.size(0);
    postings.tidy();
    expect(postings.epoch).toBe(epoch);
    postings.removeMany(Array.from({ length: 390 }, (_, row) => row));
    postings.tidy();
    expect(postings.size(0)).toBeLessThan(before / 2);
    expect(postings.epoch).toBeGreaterThan(epoch);
  });
});
