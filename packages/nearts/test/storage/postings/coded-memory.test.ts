import { describe, expect, test } from "vitest";
import { Codes, Estimate } from "../../../src/core/codes.js";
import { Candidates, Keys, Probes } from "../../../src/core/columns.js";
import { Random } from "../../../src/core/random.js";
import { createArena } from "../../../src/kernels/arena.js";
import type { Arena } from "../../../src/kernels/contract.js";
import { CodedPostings } from "../../../src/storage/postings/coded-postings.js";
import { addCode } from "./bucket-model.js";

/** What the entries may take together: design, an eighth for what is not full, and back pointers and columns. */
const promised = (entries: number, groups: number) => 1.15 * entries * (groups / 2 + 16) + 32 * entries;

function codesOf(count: number, groups: number): Codes {
  const codes = new Codes(groups);
  codes.reserve(count);
  codes.count = count;
  return codes;
}

const everything = {
  estimates: [],
  nearest: 0,
  within: Number.POSITIVE_INFINITY,
  deviations: 0,
  stop: null,
  toRank: { scale: 1, offset: 0 },
};

/** The same arena, with the number of jobs of each scan noted. */
function countingJobs(arena: Arena, jobs: number[]): Arena {
  const scan: Arena["kernels"]["scan"] = (plan, at, count, found) => {
    jobs.push(count);
    return arena.kernels.scan(plan, at, count, found);
  };
  return {
    build: arena.build,
    memory: arena.memory,
    kernels: { ...arena.kernels, scan },
    views: () => arena.views(),
    ensure: (bytes) => arena.ensure(bytes),
    get size() {
      return arena.size;
    },
  };
}

/** Keys of one table, row e in list `lists[e]`. */
function keysOf(lists: Uint32Array): Keys {
  const keys = new Keys();
  keys.reserve(lists.length);
  for (let e = 0; e < lists.length; e++) keys.add(e, 0, 0, lists[e]);
  return keys;
}

/** Lists of 60 to 400 entries, dealt out at random. */
function randomLists(count: number, random: Random): { lists: Uint32Array; counts: Uint32Array } {
  const counts = Uint32Array.from({ length: count }, () => 60 + random.below(341));
  const lists = Uint32Array.from([...counts].flatMap((length, list) => Array.from({ length }, () => list)));
  random.shuffle(lists);
  return { lists, counts };
}

describe("the memory of postings with codes", () => {
  test.each([50, 128, 196])("keeps its promise for lists made before they are filled, %i groups", (groups) => {
    const random = new Random(groups);
    const { lists, counts } = randomLists(100, random);
    const postings = new CodedPostings("h", 1, 1, groups);
    postings.reserve(lists.length);
    postings.prepare(Uint32Array.from(counts.keys()), counts);
    const made = postings.bytes;
    for (let from = 0; from < lists.length; from += 1000) {
      const keys = keysOf(lists.subarray(from, from + 1000));
      postings.addMany(
        Uint32Array.from({ length: keys.count }, (_, i) => from + i),
        keys,
        codesOf(keys.count, groups),
      );
    }
    postings.settle();
    expect(postings.stats().entries).toBe(lists.length);
    // All room was there from the beginning, but for a few scratch columns.
    expect(postings.bytes - made).toBeLessThan(4096);
    expect(postings.bytes).toBeLessThanOrEqual(promised(lists.length, groups));
  });

  test.each([
    { tables: 10, oneByOne: false },
    { tables: 3, oneByOne: true },
  ])("keeps its promise for $tables tables of 1024 random buckets over 60,000 rows (one by one: $oneByOne)", ({ tables, oneByOne }) => {
    const [groups, rows, batch] = [196, 60_000, 10_000];
    const random = new Random(8);
    const postings = new CodedPostings("h", tables, 1, groups);
    const keys = new Keys();
    const codes = codesOf(batch * tables, groups);
    for (let from = 0; from < rows; from += batch) {
      postings.reserve(from + batch);
      keys.clear();
      for (let i = 0; i < batch; i++) for (let t = 0; t < tables; t++) keys.add(i, t, (random.uint32() & 0xffc00000) >>> 0, 0);
      if (oneByOne) for (let e = 0; e < keys.count; e++) postings.add(from + keys.rows[e], keys, e, codes);
      else
        postings.addMany(
          Uint32Array.from({ length: batch }, (_, i) => from + i),
          keys,
          codes,
        );
    }
    expect(postings.bytes).toBeLessThanOrEqual(promised(rows * tables, groups));
  });

  test("reads each list that was made before it was filled in one job, in the order of its entries", () => {
    const jobs: number[] = [];
    const postings = new CodedPostings("h", 1, 1, 16, { makeArena: (limit) => countingJobs(createArena(undefined, limit), jobs) });
    const lists = Uint32Array.from({ length: 545 }, (_, row) => [7, 8, 9][row < 15 ? row % 3 : row < 50 ? 2 * (row % 2) : 0]);
    postings.reserve(lists.length);
    postings.prepare(Uint32Array.of(7, 8, 9), Uint32Array.of(600, 5, 40));
    const write = (from: number, to: number) => {
      const keys = keysOf(lists.subarray(from, to));
      postings.addMany(
        Uint32Array.from({ length: keys.count }, (_, i) => from + i),
        keys,
        codesOf(keys.count, 16),
      );
    };
    // What comes and goes meanwhile, and other buckets that grow between, change nothing.
    write(0, 1);
    postings.remove(0);
    postings.tidy();
    for (let from = 0; from < lists.length; from += 50) write(from, Math.min(from + 50, lists.length));
    postings.settle();
    const probes = new Probes();
    for (const lo of [7, 8, 9]) probes.add(0, 0, lo, 0);
    const out = new Candidates();
    postings.scanByCodes(probes, 0, new Estimate(16), { unique: true, estimation: everything }, out);
    expect(jobs).toEqual([3]);
    const expected = [7, 8, 9].flatMap((lo) => [...lists.keys()].filter((row) => lists[row] === lo));
    expect(Array.from(out.rows.subarray(0, out.count))).toEqual(expected);
  });

  test("keeps buckets in few pieces, however their entries came", () => {
    const jobs: number[] = [];
    const postings = new CodedPostings("h", 1, 1, 16, { makeArena: (limit) => countingJobs(createArena(undefined, limit), jobs) });
    const { lists } = randomLists(100, new Random(5));
    postings.reserve(lists.length);
    const keys = keysOf(lists);
    const codes = codesOf(lists.length, 16);
    for (let e = 0; e < lists.length; e++) postings.add(e, keys, e, codes);
    const probes = new Probes();
    for (let list = 0; list < 100; list++) probes.add(0, 0, list, 0);
    const estimate = new Estimate(16);
    estimate.reserve(probes.count);
    postings.scanByCodes(probes, 0, estimate, { unique: true, estimation: everything }, new Candidates());
    expect(jobs[0]).toBeLessThan(350); // in pieces of 1, 1, 1, 1, 2 … blocks it would be some 600
  });

  test.each([false, true])(
    "keeps a large bucket in few pieces, and takes back what it no longer needs (made in one piece: %s)",
    (whole) => {
      const jobs: number[] = [];
      const postings = new CodedPostings("h", 1, 1, 64, { makeArena: (limit) => countingJobs(createArena(undefined, limit), jobs) });
      postings.reserve(20_000);
      const codes = codesOf(20_000, 64);
      const one = keysOf(new Uint32Array(20_000));
      if (whole) postings.addMany(Uint32Array.from(one.rows.subarray(0, 20_000)), one, codes);
      else for (let e = 0; e < 20_000; e++) postings.add(e, one, e, codes);
      const probes = new Probes();
      probes.add(0, 0, 0, 0);
      postings.scanByCodes(probes, 0, new Estimate(64), { unique: true, estimation: everything }, new Candidates());
      expect(jobs[0]).toBeLessThanOrEqual(whole ? 1 : 80);
      const { bytes } = postings;
      postings.removeMany(Array.from({ length: 18_000 }, (_, row) => row));
      const other = keysOf(new Uint32Array(18_000).fill(1));
      for (let e = 0; e < 17_000; e++) postings.add(e, other, e, codes);
      expect(postings.bytes).toBeLessThan(bytes * 1.15);
    },
  );

  test("does not grow while many small buckets come and go", () => {
    const random = new Random(12);
    const [rows, groups] = [20_000, 24];
    const postings = new CodedPostings("h", 1, 1, groups);
    postings.reserve(rows);
    const codes = codesOf(rows, groups);
    const bytes: number[] = [];
    for (let round = 0; round < 40; round++) {
      const keys = keysOf(Uint32Array.from({ length: rows }, () => random.below(2500)));
      // A different third of the rows every time, so that pages are emptied in part.
      for (let e = round % 3; e < rows; e += round === 0 ? 1 : 3) {
        postings.remove(e);
        postings.add(e, keys, e, codes);
      }
      bytes.push(postings.bytes);
    }
    // Pages of lists and blocks settle among one another in the first rounds.
    expect(bytes[10]).toBeLessThan(bytes[0] * 1.2);
    expect(bytes[39]).toBeLessThan(bytes[10] * 1.01);
  });

  test("uses room again that emptied buckets left, and gives back what was made and not filled", () => {
    const random = new Random(2);
    const groups = 64;
    const { lists, counts } = randomLists(60, random);
    const rows = Uint32Array.from(lists.keys());
    const postings = new CodedPostings("h", 1, 1, groups);
    postings.reserve(lists.length);
    const codes = codesOf(lists.length, groups);
    const keys = keysOf(lists);
    postings.addMany(rows, keys, codes);
    const { bytes } = postings;
    for (let round = 0; round < 6; round++) {
      postings.removeMany([...rows]);
      postings.tidy();
      expect(postings.stats().entries).toBe(0);
      postings.prepare(
        Uint32Array.from(counts.keys(), (list) => list + 1000 * round),
        counts,
      );
      postings.settle();
      if (round % 2 === 0) postings.addMany(rows, keys, codes);
      else for (let e = 0; e < lists.length; e++) postings.add(e, keys, e, codes);
    }
    expect(postings.bytes).toBeLessThan(bytes * 1.35);
  });

  test("is refused beyond its limit with the remedy, and what was there stays as it was", () => {
    const groups = 64;
    const postings = new CodedPostings("h", 1, 1, groups, { maxBytes: 2 ** 20 });
    postings.reserve(40_000);
    const random = new Random(1);
    const codes = new Codes(groups);
    for (let e = 0; e < 20_000; e++) addCode(codes, random);
    const lists = Uint32Array.from({ length: 20_000 }, (_, e) => e % 50);
    const half = keysOf(lists.subarray(0, 10_000));
    postings.addMany(Uint32Array.from(half.rows.subarray(0, 10_000)), half, codes);
    const many = keysOf(lists);
    const refusal = expect.objectContaining({ code: "E_MEMORY", message: expect.stringMatching(/fewer tables/) });
    expect(() =>
      postings.addMany(
        Uint32Array.from({ length: 20_000 }, (_, e) => 10_000 + e),
        many,
        codes,
      ),
    ).toThrow(refusal);
    expect(postings.stats().entries).toBe(10_000);
    let added = 0;
    const oneByOne = () => {
      for (; added < 20_000; added++) postings.add(10_000 + added, many, added, codes);
    };
    expect(oneByOne).toThrow(refusal);
    expect(postings.stats().entries).toBe(10_000 + added);
    postings.removeMany(Array.from({ length: 10_000 }, (_, row) => row));
    expect(postings.stats().entries).toBe(added);
    expect(Array.from(postings.rowsAt(0, postings.find(0, 0, 3)))).toEqual(
      Array.from({ length: added }, (_, e) => 10_000 + e).filter((row) => row % 50 === 3),
    );
  });
});
