import { describe, expect, it } from "vitest";
import type { DenseRows } from "../../src/core/rows.js";
import { RandomBinaryProjectionTree } from "../../src/hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { entriesOf, keysOf, MapDirectory, probesOf } from "./directory.js";
import { normalRows } from "./vectors.js";

const seed = 20_140_101;

function opened(
  dim: number,
  options: Partial<ConstructorParameters<typeof RandomBinaryProjectionTree>[0]> = {},
): RandomBinaryProjectionTree {
  const hash = new RandomBinaryProjectionTree({ name: "tree", projections: 10, minimumResultSize: 20, ...options });
  hash.open({ kind: "dense", dim });
  return hash;
}

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

describe("RandomBinaryProjectionTree", () => {
  it("has the keys of RandomBinaryProjections of the same seed", () => {
    const rows = normalRows(30, 12, seed);
    const plain = new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 2, seed: 4 });
    plain.open({ kind: "dense", dim: 12 });

    expect(entriesOf(keysOf(opened(12, { tables: 2, seed: 4 }), rows))).toEqual(entriesOf(keysOf(plain, rows)));
  });

  it("scenario 12: finds at least 20 of 200,000 vectors for each query, and not many more", () => {
    const rows: DenseRows = { kind: "dense", dim: 100, count: 200_000, values: uniform(20_000_000, seed) };
    const hash = opened(100, { projections: 12 });
    const directory = new MapDirectory();
    directory.store(hash, rows);
    const queries = normalRows(10, 100, seed);

    for (let q = 0; q < 10; q++) {
      const [found, ...more] = directory.read(probesOf(hash, rowAt(queries, q), directory));
      expect(found.length).toBeGreaterThanOrEqual(20);
      expect(found.length).toBeLessThan(400);
      expect(more).toEqual([]);
    }
  });

  it("scenario 13: asks the same of a storage after its configuration was stored and loaded", () => {
    const rows = normalRows(2000, 20, seed);
    const hash = opened(20, { seed: 3 });
    const directory = new MapDirectory();
    directory.store(hash, rows);
    const again = RandomBinaryProjectionTree.fromConfig(hash.config());
    again.open({ kind: "dense", dim: 20 });

    expect(again.config()).toEqual(hash.config());
    const queries = normalRows(10, 20, seed + 1);
    for (let q = 0; q < 10; q++) {
      expect(probesOf(again, rowAt(queries, q), directory).sameAs(probesOf(hash, rowAt(queries, q), directory))).toBe(true);
    }
  });

  it("scenario 14: asks nothing of an empty index, and all of one with fewer vectors than it wants", () => {
    const hash = opened(6, { minimumResultSize: 3 });
    const directory = new MapDirectory();
    const query = normalRows(1, 6, seed);
    expect(probesOf(hash, query, directory).count).toBe(0);

    directory.store(hash, normalRows(2, 6, seed + 1));
    const probes = probesOf(hash, query, directory);
    expect([probes.count, probes.prefixBits[0]]).toEqual([1, 0]);
    expect(directory.read(probes)[0].toSorted((x, y) => x - y)).toEqual([0, 1]);

    directory.remove(0);
    directory.remove(1);
    expect(probesOf(hash, query, directory).count).toBe(0);
  });

  it("scenario 14: still finds the smallest of the two, what it wants and what there is, after deletes by anyone", () => {
    const hash = opened(8, { projections: 6, minimumResultSize: 5, tables: 2 });
    const directory = new MapDirectory();
    directory.store(hash, normalRows(300, 8, seed));
    const queries = normalRows(20, 8, seed + 1);
    for (let left = 300; left > 0; left--) {
      directory.remove(left - 1);
      if (left === 100) directory.renumber();
      if (left % 20 > 6) continue;
      for (let q = 0; q < 20; q++) {
        for (const found of directory.read(probesOf(hash, rowAt(queries, q), directory))) {
          expect(found.length).toBeGreaterThanOrEqual(Math.min(5, left - 1));
        }
      }
    }
  });

  it("reads the smallest such subtree on the query's path: the next smaller has too few", () => {
    const hash = opened(8, { projections: 9, minimumResultSize: 12 });
    const directory = new MapDirectory();
    directory.store(hash, normalRows(700, 8, seed));
    const queries = normalRows(50, 8, seed + 1);
    const depths = new Set<number>();
    for (let q = 0; q < 50; q++) {
      const query = rowAt(queries, q);
      const probes = probesOf(hash, query, directory);
      const depth = probes.prefixBits[0];
      const [path] = hash.bucketKeys(query);
      expect(probes.hi[0].toString(2).padStart(32, "0").slice(0, 9)).toBe(path.slice(0, Math.min(depth, 9)).padEnd(9, "0"));
      depths.add(depth);
      if (depth === 64) continue;
      probes.prefixBits[0] = depth + 1;
      const own = keysOf(hash, query);
      [probes.hi[0], probes.lo[0]] = [own.hi[0], own.lo[0]];
      expect(directory.read(probes)[0].length).toBeLessThan(12);
    }
    expect(depths.size, "queries of several depths were asked").toBeGreaterThan(2);
  });

  it("names a full key as a bucket, so that storages look it up and search no range", () => {
    const hash = opened(3, { minimumResultSize: 1 });
    const directory = new MapDirectory();
    const rows = normalRows(1, 3, seed);
    directory.store(hash, rows);

    expect(probesOf(hash, rows, directory).prefixBits[0]).toBe(64);
  });

  it("refuses a result size that is no positive integer", () => {
    for (const minimumResultSize of [0, -1, 1.5, Number.NaN, "3" as unknown as number]) {
      expect(() => opened(3, { minimumResultSize })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    }
  });
});

/** So many values between −½ and ½, by xorshift (Marsaglia 2003, section 3): where millions are needed, quickly. */
function uniform(count: number, start: number): Float32Array {
  const values = new Float32Array(count);
  let x = start;
  for (let i = 0; i < count; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    values[i] = x / 4294967296;
  }
  return values;
}
