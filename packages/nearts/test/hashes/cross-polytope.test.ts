import { describe, expect, it } from "vitest";
import { Keys, Probes } from "../../src/core/columns.js";
import { derive, seedFrom } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { CrossPolytope, type CrossPolytopeOptions } from "../../src/hashes/cross-polytope.js";
import { Engine } from "../../src/index.js";
import { Rotations } from "../../src/numeric/rotations.js";
import { keysOf, nameOf, probesOf } from "./directory.js";
import { normalRows, rowsOf, sparsed } from "./vectors.js";

const seed = 20_150_909;
const dim = 40;

function opened(options: Partial<CrossPolytopeOptions> = {}): CrossPolytope {
  const hash = new CrossPolytope({ name: "cp", bits: 8, ...options });
  hash.open({ kind: "dense", dim });
  return hash;
}

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

/** The first values of the first rotation of a hash of this seed. */
function rotated(row: DenseRows, count: number): number[] {
  const rotations = new Rotations({ dim, size: 64, count: 1, seed: derive(seedFrom(seed), "polytopes") });
  const at = rotations.turn(row, 0, 1);
  return Array.from(rotations.values.subarray(at, at + count));
}

describe("CrossPolytope", () => {
  it("names the largest of the rotated values and its sign, and those of a smaller last polytope", () => {
    const rows = normalRows(50, dim, seed);
    const hash = opened({ bits: 7, dimension: 16, seed }); // 16 values: 5 bits; then 2 values: 2 bits
    for (let r = 0; r < rows.count; r++) {
      const values = rotated(rowAt(rows, r), 18);
      const named = [values.slice(0, 16), values.slice(16)].map((part) => {
        const top = Math.max(...part.map(Math.abs));
        const j = part.findIndex((value) => Math.abs(value) === top);
        return `${part[j] > 0 ? "" : "-"}${j + 1}`;
      });
      expect(hash.bucketKeys(rowAt(rows, r))).toEqual([named.join("_")]);
    }
  });

  it("probes every key once, in the order of the gaps that are to be overcome, over all tables", () => {
    // Two tables of a polytope of 4 values (8 vertices) and one of 2 (4 vertices): all in one rotation.
    const hash = opened({ bits: 5, dimension: 4, tables: 2, seed });
    const query = normalRows(1, dim, seed + 1);
    const values = rotated(query, 12);
    const gap = (part: readonly number[], vertex: number) =>
      (Math.max(...part.map(Math.abs)) - (vertex & 1 ? 1 : -1) * part[vertex >>> 1]) ** 2;
    const expected: { readonly name: string; readonly score: number }[] = [];
    for (let t = 0; t < 2; t++) {
      const parts = [values.slice(6 * t, 6 * t + 4), values.slice(6 * t + 4, 6 * t + 6)];
      for (let v = 0; v < 32; v++) {
        expected.push({ name: `${t} ${nameOf(v << 27, 0)}`, score: gap(parts[0], v >>> 2) + gap(parts[1], v & 3) });
      }
    }
    const square = query.values.reduce((sum, value) => sum + value * value, 0);
    expected.sort((a, b) => a.score - b.score);
    const probes = probesOf(hash, query, undefined, 1000);

    const names = Array.from({ length: probes.count }, (_, p) => `${probes.tables[p]} ${nameOf(probes.hi[p], probes.lo[p])}`);
    expect(names.slice(2)).toEqual(expected.slice(2).map(({ name }) => name));
    for (let p = 0; p < probes.count; p++) expect(probes.scores[p]).toBeCloseTo(expected[p].score * square, 3);
    for (const budget of [3, 10, 40]) expect(probesOf(hash, query, undefined, budget).count).toBe(budget);
  });

  it("has the same keys for a vector of any length, however short or long", () => {
    const rows = normalRows(20, dim, seed);
    const expected = keysOf(opened({ bits: 20 }), rows);
    for (const scale of [2 ** -120, 2 ** 120]) {
      const scaled = { ...rows, values: rows.values.map((value) => value * scale) };
      expect(keysOf(opened({ bits: 20 }), scaled).hi.slice(0, 20)).toEqual(expected.hi.slice(0, 20));
    }
  });

  it("takes the origin away first", () => {
    const rows = normalRows(20, dim, seed);
    const origin = normalRows(1, dim, seed + 2).values;
    const moved = { ...rows, values: rows.values.map((value, i) => value + origin[i % dim]) };
    const hash = opened({ bits: 12, origin });
    const [far, near] = [keysOf(hash, moved), keysOf(opened({ bits: 12 }), rows)];
    const same = Array.from({ length: 20 }, (_, r) => far.hi[r] === near.hi[r]).filter(Boolean).length;

    expect(same).toBeGreaterThanOrEqual(19); // but for rounding
    expect(() => hash.open({ kind: "dense", dim: dim + 1 })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("hashes sparse vectors of a million dimensions", () => {
    const hash = new CrossPolytope({ name: "cp", bits: 12, tables: 2 });
    hash.open({ kind: "sparse", dim: 1_000_000 });
    const { count, offsets, indices, values } = sparsed(normalRows(5, 100, seed, 0.2));
    const wide = { kind: "sparse", dim: 1_000_000, count, offsets, indices: indices.map((i) => i * 9973), values } as const;
    const keys = new Keys();
    hash.keys(wide, keys);

    expect(keys.count).toBe(10);
    expect(keysOf(hash, wide).hi.slice(0, 10)).toEqual(keys.hi.slice(0, 10));
    const probes = new Probes();
    hash.probes({ ...wide, count: 1, offsets: offsets.slice(0, 2) }, {} as never, 20, probes); // asks nothing of a directory
    expect(probes.count).toBe(20);
  });

  it("finds neighbours by angle, with codes in its buckets, better than by chance and never a wrong distance", async () => {
    const rows = normalRows(3000, dim, seed);
    const hash = new CrossPolytope({ name: "cp", bits: 8, tables: 4, seed });
    const engine = new Engine({ dim, distance: "cosine", hashes: [hash], codes: true });
    const exact = new Engine({ dim, distance: "cosine" });
    await engine.storeManyVectors(rows);
    await exact.storeManyVectors(rows);
    const queries = normalRows(40, dim, seed + 3);
    let found = 0;
    for (let q = 0; q < queries.count; q++) {
      const query = rowAt(queries, q).values;
      const truth = new Map((await exact.neighbours(query)).map(({ id, distance }) => [id, distance]));
      for (const { id, distance } of await engine.neighbours(query, { probes: 20 })) {
        if (truth.has(id)) expect(distance).toBeCloseTo(truth.get(id) ?? Number.NaN, 12);
        found += truth.has(id) ? 1 : 0;
      }
    }
    const { unique } = await engine.candidateCount(rowAt(queries, 0).values, { probes: 20 });

    expect(unique).toBeLessThan(1500);
    expect(found / 400).toBeGreaterThan(0.75);
  });

  it("refuses options that mean nothing, with the value and what would do", () => {
    const refused = (options: Partial<CrossPolytopeOptions>, code: string, message: RegExp) =>
      expect(() => opened(options)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    refused({ bits: 65 }, "E_LIMIT", /bits is 65; the limit is 64/);
    refused({ bits: 0 }, "E_BAD_OPTION", /bits is 0/);
    refused({ dimension: 12 }, "E_BAD_OPTION", /dimension is 12; give a power of two/);
    refused({ origin: Float32Array.of(1, Number.NaN) }, "E_BAD_OPTION", /origin/);
    refused({ seed: 0.5 }, "E_BAD_OPTION", /seed/);
    expect(() => keysOf(new CrossPolytope({ name: "cp", bits: 8 }), rowsOf([1]))).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("is refused for a distance that it does not serve, with the hashes that do", () => {
    const engine = () => new Engine({ dim, distance: "manhattan", hashes: [new CrossPolytope({ name: "cp", bits: 8 })] });
    const message = /hash "cp" serves the distance cosine, angular, euclidean, inner-product, not manhattan: choose one of these/;
    expect(engine).toThrow(expect.objectContaining({ code: "E_UNSUPPORTED", message: expect.stringMatching(message) }));
  });
});
