import { describe, expect, it } from "vitest";
import type { Hash } from "../../src/core/contracts.js";
import type { DenseRows } from "../../src/core/rows.js";
import { HashPermutationMapper } from "../../src/hashes/hash-permutation-mapper.js";
import { RandomBinaryProjectionTree } from "../../src/hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { UniBucket } from "../../src/hashes/uni-bucket.js";
import { hamming } from "../../src/numeric/bits.js";
import { keysOf, MapDirectory, nameOf, probesOf } from "./directory.js";
import { normalRows } from "./vectors.js";

const seed = 20_150_809;

function opened(dim: number, children: readonly Hash[] = [child("a", 6)]): HashPermutationMapper {
  const hash = new HashPermutationMapper({ name: "mapper", children });
  hash.open({ kind: "dense", dim });
  return hash;
}

function child(name: string, projections: number, tables = 1): RandomBinaryProjections {
  return new RandomBinaryProjections({ name, projections, tables, seed: name });
}

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

describe("HashPermutationMapper", () => {
  it("scenario 18: probes exactly the stored keys within Hamming distance 1, own key first, none of them empty", () => {
    const rows = normalRows(150, 9, seed);
    const hash = opened(9, [child("a", 6), child("b", 34, 2)]);
    const directory = new MapDirectory();
    directory.store(hash, rows);
    for (let r = 0; r < 150; r += 3) directory.remove(r);
    const stored = keysOf(hash, rows);
    const queries = normalRows(60, 9, seed);
    for (let q = 0; q < 60; q++) {
      const own = keysOf(hash, rowAt(queries, q));
      const expected = new Set<string>();
      for (let e = 0; e < stored.count; e++) {
        const t = stored.tables[e];
        if (stored.rows[e] % 3 === 0 || hamming(stored.hi[e], stored.lo[e], own.hi[t], own.lo[t]) > 1) continue;
        expected.add(`${t} ${nameOf(stored.hi[e], stored.lo[e])}`);
      }
      const probes = probesOf(hash, rowAt(queries, q), directory);
      const found = Array.from({ length: probes.count }, (_, p) => `${probes.tables[p]} ${nameOf(probes.hi[p], probes.lo[p])}`);
      expect(found.toSorted()).toEqual([...expected].sort());
      const owns = found.filter((_, p) => probes.scores[p] === 0);
      expect(found.slice(0, owns.length)).toEqual(owns);
    }
  });

  it("scenario 18: still finds it after its configuration was stored and loaded", () => {
    const rows = normalRows(100, 9, seed);
    const hash = opened(9);
    const directory = new MapDirectory();
    directory.store(hash, rows);
    const again = HashPermutationMapper.fromConfig(hash.config(), (config) => RandomBinaryProjections.fromConfig(config));
    again.open({ kind: "dense", dim: 9 });

    expect(again.config()).toEqual(hash.config());
    for (let q = 0; q < 30; q++)
      expect(probesOf(again, rowAt(rows, q), directory).sameAs(probesOf(hash, rowAt(rows, q), directory))).toBe(true);
  });

  it("asks nothing of an empty index", () => {
    expect(probesOf(opened(9), normalRows(1, 9, seed), new MapDirectory()).count).toBe(0);
  });

  it("takes a budget above its tables as a bound", () => {
    const hash = opened(4, [child("a", 3, 2)]);
    const directory = new MapDirectory();
    directory.store(hash, normalRows(300, 4, seed));
    const query = normalRows(1, 4, seed + 1);

    expect(probesOf(hash, query, directory, 2).count, "all of 2 · (1 + 3)").toBe(8);
    expect(probesOf(hash, query, directory, 5).count).toBe(5);
  });

  it("hashes the kinds that all its children hash, and refuses children with none in common", () => {
    const sparseOnly = Object.defineProperty(child("s", 4), "kinds", { value: ["sparse"] });
    const bitsOnly = Object.defineProperty(child("b", 4), "kinds", { value: ["bits"] });
    expect(new HashPermutationMapper({ name: "mapper", children: [child("a", 4), sparseOnly] }).kinds).toEqual(["sparse"]);
    expect(() => opened(4, [sparseOnly, bitsOnly])).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
  });

  it("takes trees as children, and refuses what is not binary", () => {
    const tree = new RandomBinaryProjectionTree({ name: "t", projections: 5, minimumResultSize: 3 });
    expect(opened(4, [tree]).bucketKeys(normalRows(1, 4, seed))[0]).toMatch(/^t_[01]{5}$/);
    expect(() => opened(4, [new UniBucket()])).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
  });
});
