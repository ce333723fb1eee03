import { describe, expect, it } from "vitest";
import { Candidates, Keys } from "../../src/core/columns.js";
import type { Batch, Precision } from "../../src/core/contracts.js";
import type { NearError } from "../../src/core/errors.js";
import { atPrecision } from "../../src/core/precision.js";
import { Random } from "../../src/core/random.js";
import type { DenseRows, Rows } from "../../src/core/rows.js";
import { EuclideanDistance, MemoryStorage } from "../../src/index.js";
import { arbitraryRows } from "../../src/testing/index.js";

const seed = 79;
const dim = 37;

function openedWith(precision: Precision, kind: "dense" | "sparse" | "bits" = "dense"): MemoryStorage {
  const storage = new MemoryStorage();
  storage.open({
    version: 1,
    fields: [{ name: "vector", kind, dim, precision }],
    distance: "euclidean",
    hashes: [{ config: { type: "Test", version: 1, name: "h" }, tables: 1, keysPerTable: 1 }],
  });
  return storage;
}

function batchOf(rows: Rows): Batch {
  return { rows, ids: Array.from({ length: rows.count }, (_, i) => i), keys: [new Keys()] };
}

async function valuesIn(storage: MemoryStorage): Promise<Float32Array> {
  const values: number[] = [];
  for await (const { rows } of storage.entries()) values.push(...(rows as DenseRows).values); // opened for dense vectors
  return Float32Array.from(values);
}

describe.each(["f16", "i8"] as const)("vectors kept as %s", (precision) => {
  it("take a half or a quarter of the memory, and a scale", () => {
    const rows = arbitraryRows(new Random(seed), "dense", { count: 800, dim });
    const [narrow, wide] = [precision, "f32" as const].map((kept) => {
      const storage = openedWith(kept);
      storage.write(batchOf(rows));
      return storage.stats().bytes.vectors;
    });
    expect(wide - narrow).toBe(800 * (160 - (precision === "f16" ? 80 : 44)));
  });

  it("come back rounded, and written again change no more (seed 79)", async () => {
    const rows = arbitraryRows(new Random(seed), "dense", { count: 300, dim, zeros: true });
    const [first, second] = [openedWith(precision), openedWith(precision)];
    first.write(batchOf(rows));
    const once = await valuesIn(first);
    expect(once).toEqual((atPrecision(rows, precision) as DenseRows).values); // dense rows stay dense
    second.write(batchOf({ ...rows, values: once }));
    expect(await valuesIn(second)).toEqual(once);
  });

  it("are at the distances of the rounded vectors, in float64 (seed 79)", () => {
    const rows = arbitraryRows(new Random(seed), "dense", { count: 100, dim });
    const storage = openedWith(precision);
    storage.write(batchOf(rows));
    const query = arbitraryRows(new Random(seed + 1), "dense", { count: 1, dim });
    const candidates = new Candidates();
    storage.find(batchOf(rows).ids, candidates);
    expect(storage.resident.exact("squaredEuclidean", query, candidates)).toBe(true);
    const kept = atPrecision(rows, precision) as DenseRows; // dense rows stay dense
    const distance = new EuclideanDistance();
    for (let i = 0; i < 100; i++) {
      const expected = distance.between(query.values, kept.values.subarray(i * dim, (i + 1) * dim));
      expect(Math.sqrt(candidates.distances[i])).toBeCloseTo(expected, 10);
    }
  });
});

describe("a storage of a precision", () => {
  it("refuses what halves cannot hold, and nothing has changed", () => {
    const storage = openedWith("f16");
    const values = new Float32Array(2 * dim);
    values[dim + 5] = 1e5;
    const refusal = catching(() => storage.write(batchOf({ kind: "dense", dim, count: 2, values })));
    expect(refusal?.code).toBe("E_BAD_VECTOR");
    expect(storage.size()).toBe(0);
  });

  it("keeps bits as they are", () => {
    const rows = arbitraryRows(new Random(seed), "bits", { count: 3, dim });
    const storage = openedWith("i8", "bits");
    storage.write(batchOf(rows));
    expect(storage.resident.vector(2)).toEqual({ dim, words: rows.words.slice(4, 6) });
  });

  it("is not made for sparse vectors, which are kept in full", () => {
    expect(catching(() => openedWith("f16", "sparse"))?.code).toBe("E_UNSUPPORTED");
  });
});

function catching(action: () => unknown): NearError | undefined {
  try {
    action();
  } catch (error) {
    return error as NearError; // whatever else it were, its code would not be the one expected
  }
  return undefined;
}
