import { afterEach, describe, expect, test, vi } from "vitest";
import { Random } from "../../src/core/random.js";
import { bestBuild, createArena } from "../../src/kernels/arena.js";
import type { Arena, KernelBuild } from "../../src/kernels/contract.js";
import { relaxedModule } from "../../src/kernels/generated.js";
import { normalRows } from "../hashes/vectors.js";
import { wasmBuilds } from "./relaxed.js";

const seed = 20_261_203;
const everyBuild: readonly KernelBuild[] = [...wasmBuilds, "reference"];
const dims = [3, 16, 100, 784];

interface Laid {
  readonly arena: Arena;
  readonly stride: number;
  readonly base: number;
  readonly rows: number;
  readonly out: number;
}

const [count, queries] = [37, 4];

/** Four queries, rows and their numbers, the same in every build. */
function lay(build: KernelBuild, dim: number, shared: boolean): Laid {
  const random = new Random(seed + dim);
  const arena = createArena(build, 2 ** 24, { shared });
  const stride = Math.ceil(dim / 4) * 4;
  const rows = (queries + count) * stride * 4;
  const out = rows + 256;
  arena.ensure(out + count * 40 * 4);
  const { f32, u32 } = arena.views();
  for (let r = 0; r < queries + count; r++) for (let i = 0; i < dim; i++) f32[r * stride + i] = random.uniform() - 0.5;
  for (let c = 0; c < count; c++) u32[(rows >>> 2) + c] = random.below(count);
  return { arena, stride, base: queries * stride * 4, rows, out };
}

function words({ arena, out }: Laid, values: number): number[] {
  return Array.from(arena.views().u32.subarray(out >>> 2, (out >>> 2) + values));
}

describe("the builds of the kernels", () => {
  test.each(dims)("project %i dimensions to the same bits, shared memory or not", (dim) => {
    const results = everyBuild.flatMap((build) =>
      [false, true].flatMap((shared) => {
        if (shared && build === "reference") return [];
        const laid = lay(build, dim, shared);
        laid.arena.kernels.project(laid.base, count, 0, queries, laid.stride, laid.out);
        return [words(laid, count * queries)];
      }),
    );
    expect(results.length).toBe(5);
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });

  test.each(dims)("rank rows of %i dimensions by one query to the same bits with and without relaxed instructions", (dim) => {
    for (const metric of ["squaredEuclidean", "manhattan"] as const) {
      const [plain, relaxed] = wasmBuilds.map((build) => {
        const laid = lay(build, dim, false);
        laid.arena.kernels[metric](0, laid.base, laid.stride, laid.rows, count, laid.out);
        return words(laid, count);
      });
      expect(relaxed).toEqual(plain);
    }
  });

  test.each(dims)("rank rows of %i dimensions by four queries alike with relaxed instructions, and equal rows equally", (dim) => {
    const results = (["reference", "relaxed-simd"] as const).map((build) => {
      const { arena, base, stride, rows, out } = lay(build, dim, false);
      arena.views().f32.fill(0.7, out >>> 2, (out >>> 2) + count);
      const [squares, products] = [out + count * 4, out + count * 5 * 4];
      arena.kernels.squaredEuclideanMany(0, base, stride, rows, count, squares, count);
      arena.kernels.dotMany(0, base, stride, rows, out, count, products, count);
      const values = arena.views().f32.slice(squares >>> 2, (squares >>> 2) + count * 8);
      return { values, numbers: arena.views().u32.slice(rows >>> 2, (rows >>> 2) + count) };
    });
    const [{ values: plain }, { values: relaxed, numbers }] = results;
    for (let i = 0; i < plain.length; i++) expect(Math.abs(plain[i] - relaxed[i])).toBeLessThanOrEqual(dim * 1e-6);
    for (let c = 1; c < count; c++) {
      const first = numbers.indexOf(numbers[c]);
      for (let j = 0; j < 8; j++) expect(relaxed[j * count + c]).toBe(relaxed[j * count + first]);
    }
  });
});

describe("hash keys", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** Keys made where the runtime has no more than the build needs. */
  async function keysWhere(build: KernelBuild): Promise<(number | string[])[]> {
    vi.unstubAllGlobals();
    vi.resetModules();
    const { validate } = WebAssembly;
    const refused = Buffer.from(relaxedModule, "base64");
    const runtimes = {
      "relaxed-simd": WebAssembly,
      simd: {
        Memory: WebAssembly.Memory,
        Module: WebAssembly.Module,
        Instance: WebAssembly.Instance,
        validate: (bytes: Uint8Array<ArrayBuffer>) => !refused.equals(bytes) && validate(bytes),
      },
      reference: undefined,
    };
    vi.stubGlobal("WebAssembly", runtimes[build]);
    const kernels = await import("../../src/kernels/arena.js");
    expect(kernels.bestBuild()).toBe(build);
    const { PCABinaryProjections } = await import("../../src/hashes/pca-binary-projections.js");
    const { RandomBinaryProjections } = await import("../../src/hashes/random-binary-projections.js");
    const { RandomDiscretizedProjections } = await import("../../src/hashes/random-discretized-projections.js");
    const shape = { kind: "dense", dim: 50 } as const;
    const sample = normalRows(300, 50, seed);
    const hashes = [
      new RandomBinaryProjections({ name: "rbp", projections: 16, tables: 3, seed }),
      new RandomDiscretizedProjections({ name: "rdp", projections: 4, binWidth: 0.5, seed }),
      new PCABinaryProjections({ name: "pca", projections: 8, training: sample }),
    ];
    const rows = normalRows(200, 50, seed + 1);
    return hashes.map((hash) => {
      hash.open(shape);
      return Array.from({ length: rows.count }, (_, r) =>
        hash.bucketKeys({ ...rows, count: 1, values: rows.values.subarray(r * 50, r * 50 + 50) }).join(" "),
      );
    });
  }

  test("are the same in all builds", async () => {
    const expected = await keysWhere("reference");
    expect(new Set(expected.flat()).size).toBeGreaterThan(300);
    for (const build of wasmBuilds) expect(await keysWhere(build)).toEqual(expected);
  });
});

test("the quickest build that this runtime has is the one with relaxed instructions", () => {
  expect(bestBuild()).toBe("relaxed-simd");
});
