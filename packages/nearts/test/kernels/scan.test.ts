import { describe, expect, test } from "vitest";
import { createArena } from "../../src/kernels/arena.js";
import { type KernelBuild, scanPlan } from "../../src/kernels/contract.js";
import { wasmBuilds } from "./relaxed.js";
import { lay, outcome, type ScanCase } from "./scan-case.js";

const seed = 20_261_201;
const everyBuild: readonly KernelBuild[] = [...wasmBuilds, "reference"];

function scanOn(build: KernelBuild, scan: ScanCase) {
  const arena = createArena(build);
  const laid = lay(arena, scan);
  const count = arena.kernels.scan(laid.plan, laid.jobs, laid.jobCount, laid.found);
  return { arena, laid, count, outcome: outcome(arena, laid, count) };
}

const cases: readonly (readonly [string, Omit<ScanCase, "seed" | "groups">])[] = [
  ["one full block", { jobs: [32] }],
  ["one entry in a block", { jobs: [1] }],
  ["half a block and an entry", { jobs: [17], nearest: 3 }],
  ["many blocks", { jobs: [700, 64, 31, 33, 500] }],
  ["records of one entry and more", { jobs: [-1, -3, -5, -15, -16, -17, -40] }],
  ["blocks and records", { jobs: [100, -9, 200, -15, -1, 300] }],
  ["no entries", { jobs: [0, -0, 40] }],
  ["no jobs", { jobs: [] }],
  ["no bound by estimates", { jobs: [100, -9], nearest: 0 }],
  ["a limit only", { jobs: [300, -9], nearest: 0, within: 0.9 }],
  ["a limit and estimates", { jobs: [300, -9], nearest: 40, within: 0.7 }],
  ["fewer entries than wanted", { jobs: [20, -3], nearest: 100 }],
  ["the nearest alone", { jobs: [500, -10], nearest: 1 }],
  ["each row once", { jobs: [300, -15, 300], unique: true, rows: 64 }],
  ["allowed rows only", { jobs: [300, -15, 300], allowed: 0.2 }],
  ["rows none of which is allowed", { jobs: [300, -15], allowed: 0 }],
  ["few allowed rows, each once", { jobs: [300, -15, 300], allowed: 0.3, unique: true, rows: 64, nearest: 30 }],
  ["jobs until the rule stops", { jobs: [200, 50, -10, 100, 100, 100, 100, 100, 100], stop: { factor: 0.8, offset: 0.01 }, nearest: 20 }],
  ["a rule that has nothing to stop by", { jobs: [5, -3], stop: { factor: 0, offset: -1 }, nearest: 20 }],
];

describe("scanning by codes", () => {
  for (const [title, scan] of cases) {
    test.each([1, 2, 7, 8, 50, 129])(`finds in ${title} of %i groups what the plain twin finds, bit for bit`, (groups) => {
      const given = { seed: seed + groups, groups, ...scan };
      const expected = scanOn("reference", given);
      for (const build of wasmBuilds) expect(scanOn(build, given).outcome, `${build}, seed ${given.seed}`).toEqual(expected.outcome);
    });
  }

  test.each([196, 257, 1030])("finds in blocks and records of %i groups what the plain twin finds, bit for bit", (groups) => {
    const given = { seed: seed + groups, groups, jobs: [40, -9, -1] };
    const expected = scanOn("reference", given);
    for (const build of wasmBuilds) expect(scanOn(build, given).outcome, `${build}, seed ${given.seed}`).toEqual(expected.outcome);
  });

  test("finds exactly the entries whose lower bounds are under the final bound, when the bound does not depend on the order", () => {
    const given: ScanCase = { seed, groups: 31, jobs: [200, -15, 90], nearest: 0, within: 0.8, allowed: 0.7 };
    const { arena, laid, count } = scanOn("simd", given);
    const { f32, u32 } = arena.views();
    const [step, bias] = [f32[(laid.plan + scanPlan.step) >>> 2], f32[(laid.plan + scanPlan.bias) >>> 2]];
    const expected = laid.entries.filter(({ job, row, add, scale, error, nibbles }) => {
      const u = step * nibbles.reduce((sum, nibble, g) => sum + laid.table[g * 16 + nibble], 0) + bias;
      const at = (laid.jobs + job * 24) >>> 2;
      return laid.isAllowed(row) && add + scale * u + f32[at + 2] - 1.9 * error * f32[at + 3] <= 0.8;
    });
    expect(expected.length).toBeGreaterThan(10);
    expect(Array.from(u32.subarray(laid.found >>> 2, (laid.found >>> 2) + count))).toEqual(expected.map(({ row }) => row));
  });

  test("sums the largest tables without overflow", () => {
    for (const groups of [257, 1030, 4096]) {
      const levels = Math.min(255, Math.floor(65_535 / groups));
      for (const build of everyBuild) {
        const arena = createArena(build);
        const laid = lay(arena, { seed, groups, jobs: [32], nearest: 0, deviations: 0 });
        const { u8, u32, f32 } = arena.views();
        u8.fill(levels, u32[laid.plan >>> 2], u32[laid.plan >>> 2] + groups * 16);
        f32[(laid.plan + scanPlan.step) >>> 2] = 1;
        f32[(laid.plan + scanPlan.bias) >>> 2] = 0;
        const centre = f32[(laid.jobs + 8) >>> 2];
        expect(arena.kernels.scan(laid.plan, laid.jobs, laid.jobCount, laid.found)).toBe(32);
        laid.entries.forEach(({ add, scale }, e) => {
          const lower = f32[(laid.found >>> 2) + laid.capacity + e];
          expect(lower / (add + scale * levels * groups + centre)).toBeCloseTo(1, 5);
        });
      }
    }
  });

  test("writes no more rows than there is room for", () => {
    for (const build of everyBuild) {
      const arena = createArena(build);
      const laid = lay(arena, { seed, groups: 8, jobs: [100, -15], nearest: 0 });
      const { u32 } = arena.views();
      u32[(laid.plan + scanPlan.foundCapacity) >>> 2] = 20;
      expect(arena.kernels.scan(laid.plan, laid.jobs, laid.jobCount, laid.found)).toBe(20);
      expect(u32[(laid.found >>> 2) + 40]).toBe(0);
    }
  });
});
