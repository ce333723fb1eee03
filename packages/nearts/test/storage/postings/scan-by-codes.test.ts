import { describe, expect, test } from "vitest";
import { Codes, Estimate } from "../../../src/core/codes.js";
import { Candidates, Probes } from "../../../src/core/columns.js";
import type { Estimation, RowSet } from "../../../src/core/contracts.js";
import { Random } from "../../../src/core/random.js";
import { bestBuild, createArena } from "../../../src/kernels/arena.js";
import { CodedPostings } from "../../../src/storage/postings/coded-postings.js";
import { BucketModel, randomEntries } from "./bucket-model.js";
import { evaluate, isIn } from "./scan-model.js";

const [tables, keysPerTable, count] = [2, 2, 1500];

/** Postings with random entries, written in several ways, a third of them removed again; and their model. */
function filled(groups: number, random: Random, build = bestBuild()): { postings: CodedPostings; model: BucketModel } {
  const postings = new CodedPostings("h", tables, keysPerTable, groups, { makeArena: (limit) => createArena(build, limit) });
  const model = new BucketModel(keysPerTable);
  postings.reserve(count);
  for (let from = 0; from < count; from += 100) {
    const rows = Uint32Array.from({ length: 100 }, (_, i) => from + i);
    const { keys, codes } = randomEntries([...rows.keys()], tables, keysPerTable, groups, random);
    if (from % 300 === 0) postings.addMany(rows, keys, codes);
    for (let e = 0; e < keys.count; e++) {
      if (from % 300 !== 0) postings.add(rows[keys.rows[e]], keys, e, codes);
      model.add(rows[keys.rows[e]], keys, e, codes);
    }
  }
  for (let i = 0; i < count / 3; i++) {
    const row = random.below(count);
    postings.remove(row);
    model.remove(row);
  }
  return { postings, model };
}

/** Probes of hash 1 among some of hash 0: exact ones, some of which find nothing, and prefixes where `ranges` says so. */
function probesOf(random: Random, ranges: boolean): Probes {
  const probes = new Probes();
  const used = new Set<string>();
  for (let i = 0; i < 30; i++) {
    probes.hash = random.below(5) === 0 ? 0 : 1;
    const [table, hi, lo] = [random.below(tables), random.below(2) * random.below(16) * 2 ** 28, random.below(6)];
    if (used.has(`${table}:${hi}:${lo}`)) continue;
    used.add(`${table}:${hi}:${lo}`);
    probes.add(table, hi, lo, i, ranges && random.below(3) === 0 ? random.below(6) : 64);
  }
  return probes;
}

function estimateOf(groups: number, probes: Probes, random: Random): Estimate {
  const estimate = new Estimate(groups);
  estimate.reserve(probes.count);
  for (let i = 0; i < estimate.table.length; i++) estimate.table[i] = random.below(64);
  estimate.step = Math.fround(1 / (groups * 20));
  estimate.bias = -0.5;
  estimate.rounding = 0.01;
  for (let p = 0; p < probes.count; p++) {
    estimate.centres[p] = random.uniform() + p * 0.03;
    estimate.spreads[p] = random.uniform();
    estimate.orders[p] = p * 0.03 - 1;
  }
  return estimate;
}

function rowSet(share: number, random: Random): RowSet {
  // Rows beyond the words are not in the set.
  const words = new Uint32Array(Math.ceil(count / 32) - 3);
  let size = 0;
  for (let row = 0; row < words.length * 32; row++) {
    if (random.uniform() >= share) continue;
    words[row >>> 5] |= 1 << (row & 31);
    size++;
  }
  return { words, count: size };
}

const plain = { nearest: 10, within: Number.POSITIVE_INFINITY, deviations: 1.9, stop: null, toRank: { scale: 1, offset: 0 } };

function expectAsEvaluated(
  seed: number,
  groups: number,
  estimation: Omit<Estimation, "estimates" | "trace">,
  more: { unique?: boolean; share?: number; ranges?: boolean; build?: "reference" } = {},
) {
  const { unique = true, share, ranges = false, build } = more;
  const random = new Random(seed);
  const { postings, model } = filled(groups, random, build);
  const seen = { found: 0, stopped: 0, raw: 0 };
  for (let query = 0; query < 12; query++) {
    const where = `seed ${seed}, ${groups} groups, query ${query}`;
    const probes = probesOf(random, ranges);
    const estimate = estimateOf(groups, probes, random);
    const trace = new Float32Array(probes.count).fill(Number.NaN);
    const plan = {
      unique,
      allowed: share === undefined ? undefined : rowSet(share, random),
      estimation: { ...estimation, estimates: [null, estimate], trace },
    };
    const expected = evaluate(postings, model, groups, probes, 1, estimate, plan);
    const out = new Candidates();
    out.add(77);
    postings.scanByCodes(probes, 1, estimate, plan, out);
    expect(Array.from(out.rows.subarray(0, out.count)), where).toEqual([77, ...expected.rows]);
    expect(Array.from(out.lower.subarray(0, out.count)), where).toEqual([Number.NEGATIVE_INFINITY, ...expected.lower]);
    expect([out.bounded, out.raw], where).toEqual([true, expected.raw]);
    expect(Array.from(trace), where).toEqual(expected.trace.map(Math.fround));
    seen.found += expected.rows.length;
    seen.raw += expected.raw;
    if (expected.untouched > 0) seen.stopped++;
  }
  return seen;
}

describe("a scan by codes", () => {
  test.each([1, 7, 8, 50, 65])("finds what evaluating every entry finds, with %i groups", (groups) => {
    const { found, raw } = expectAsEvaluated(groups, groups, plain);
    expect(found).toBeGreaterThan(50);
    expect(found).toBeLessThan(raw);
  });

  test.each([
    { name: "without SIMD", estimation: plain, more: { build: "reference" as const } },
    { name: "with rows repeated over tables", estimation: plain, more: { unique: false } },
    { name: "within a limit, without a number of nearest", estimation: { ...plain, nearest: 0, within: 0.6 }, more: {} },
    { name: "of every entry, without any bound", estimation: { ...plain, nearest: 0 }, more: {} },
    { name: "of more nearest than there are entries", estimation: { ...plain, nearest: 10_000 }, more: {} },
    { name: "of allowed rows only", estimation: plain, more: { share: 0.3 } },
    { name: "of no allowed rows", estimation: plain, more: { share: 0 } },
    { name: "under prefixes", estimation: plain, more: { ranges: true } },
    { name: "with bounds turned into ranks", estimation: { ...plain, toRank: { scale: 0.5, offset: -1 } }, more: {} },
  ])("finds what evaluating every entry finds $name", ({ estimation, more }) => {
    expectAsEvaluated(5, 13, estimation, more);
  });

  test.each([false, true])("stops before the first probe that promises too little, never within one (prefixes: %s)", (ranges) => {
    const { stopped } = expectAsEvaluated(11, 13, { ...plain, stop: { factor: 0.9, offset: -1 } }, { ranges });
    expect(stopped).toBeGreaterThan(3);
  });

  test("reads a probe whole, however many pieces and buckets it is of, once it has begun", () => {
    const random = new Random(13);
    const postings = new CodedPostings("h", 1, 1, 13);
    postings.reserve(3000);
    const { keys, codes } = randomEntries(
      Array.from({ length: 3000 }, (_, row) => row),
      1,
      1,
      13,
      random,
    );
    for (let e = 0; e < keys.count; e++) {
      [keys.hi[e], keys.lo[e]] = [e % 3 === 0 ? 2 ** 31 : 0, e % 3];
      postings.add(keys.rows[e], keys, e, codes);
    }
    const probes = new Probes();
    probes.add(0, 0, 0, 0, 1);
    probes.add(0, 2 ** 31, 0, 1);
    const estimate = estimateOf(13, probes, random);
    estimate.orders.fill(1);
    const estimation = { ...plain, estimates: [estimate], trace: new Float32Array(2), stop: { factor: 0, offset: 0.5 } };
    const out = new Candidates();
    postings.scanByCodes(probes, 0, estimate, { unique: true, estimation }, out);
    expect(out.raw).toBe(2000);
    expect(estimation.trace[0]).toBe(Number.POSITIVE_INFINITY);
    expect(estimation.trace[1]).toBeLessThan(10);
  });

  test("takes a set of allowed rows anew when it is another one", () => {
    const random = new Random(3);
    const { postings } = filled(13, random);
    const probes = new Probes();
    for (let lo = 0; lo < 4; lo++) probes.add(0, 0, lo, lo);
    const estimate = estimateOf(13, probes, random);
    const [few, many] = [rowSet(0.1, random), rowSet(0.6, random)];
    const counts = [few, many, few].map((allowed) => {
      const out = new Candidates();
      postings.scanByCodes(
        probes,
        0,
        estimate,
        { unique: true, allowed, estimation: { ...plain, nearest: 0, estimates: [estimate] } },
        out,
      );
      for (let i = 0; i < out.count; i++) expect(isIn(allowed, out.rows[i])).toBe(true);
      return out.count;
    });
    expect(counts[1]).toBeGreaterThan(counts[0] * 3);
    expect(counts[2]).toBe(counts[0]);
  });

  test("finds each row once again in every later scan, also after more rows made its memory grow", () => {
    const random = new Random(4);
    const groups = 64;
    const postings = new CodedPostings("h", 2, 1, groups);
    const probes = new Probes();
    for (let t = 0; t < 2; t++) for (let lo = 0; lo < 4; lo++) probes.add(t, 0, lo, lo);
    const estimate = estimateOf(groups, probes, random);
    const sizes = new Set<number>();
    for (let rows = 500; rows <= 8000; rows += 500) {
      postings.reserve(rows);
      const added = Uint32Array.from({ length: 500 }, (_, i) => rows - 500 + i);
      const { keys, codes } = randomEntries([...added.keys()], 2, 1, groups, random);
      for (let e = 0; e < keys.count; e++) [keys.hi[e], keys.lo[e]] = [0, keys.lo[e] % 4];
      postings.addMany(added, keys, codes);
      const out = new Candidates();
      postings.scanByCodes(probes, 0, estimate, { unique: true, estimation: { ...plain, nearest: 0, estimates: [estimate] } }, out);
      expect([out.count, new Set(out.rows.subarray(0, out.count)).size, out.raw]).toEqual([rows, rows, rows * 2]);
      sizes.add(postings.bytes >>> 16);
    }
    expect(sizes.size).toBeGreaterThan(5);
  });

  test("refuses what does not fit: other codes, a small table, too little room for probes, and numbers that are none", () => {
    const random = new Random(6);
    const { postings } = filled(13, random);
    const probes = probesOf(random, false);
    const estimate = estimateOf(13, probes, random);
    const scan = (other: Estimate, change: Partial<Estimation> = {}) => {
      const plan = { unique: true, estimation: { ...plain, estimates: [estimate], ...change } };
      postings.scanByCodes(probes, 0, other, plan, new Candidates());
    };
    expect(() => scan(new Estimate(12))).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
    expect(() => scan(new Estimate(13))).toThrow(/16 probes of 2\d/);
    expect(() => scan(estimate, { trace: new Float32Array(2) })).toThrow(/2 probes of 2\d/);
    expect(() => scan(estimate, { nearest: 1.5 })).toThrow(/nearest is 1.5/);
    expect(() => scan(estimate, { deviations: Number.NaN })).toThrow(/deviations is NaN/);
    expect(() => scan(estimate, { within: Number.NaN })).toThrow(/within is NaN/);
    const { keys } = randomEntries([0], tables, keysPerTable, 13, random);
    expect(() => postings.add(0, keys, 0, new Codes(13))).toThrow(/0 codes/);
    expect(() => postings.addMany(Uint32Array.of(0), keys, new Codes(12))).toThrow(/12 groups/);
  });
});
