import { describe, expect, it } from "vitest";
import { derive, Random, seedFrom } from "../../src/core/random.js";
import { RandomDiscretizedProjections } from "../../src/hashes/random-discretized-projections.js";
import { mixInts } from "../../src/numeric/bits.js";
import { normalPlanes } from "../../src/numeric/plane-source.js";
import { Planes } from "../../src/numeric/planes.js";
import { entriesOf, keysOf, nameOf, probesOf } from "./directory.js";
import { normalRows, rowsOf, sparsed } from "./vectors.js";

const seed = 20_040_608;

function opened(
  dim: number,
  options: Partial<ConstructorParameters<typeof RandomDiscretizedProjections>[0]> = {},
): RandomDiscretizedProjections {
  const hash = new RandomDiscretizedProjections({ name: "rdp", projections: 10, binWidth: 0.1, ...options });
  hash.open({ kind: "dense", dim });
  return hash;
}

function projectionsOf(rows: ReturnType<typeof normalRows>, seedOfHash: number, planes: number): Float32Array {
  const out = new Float32Array(rows.count * planes);
  const source = normalPlanes(derive(seedFrom(seedOfHash), "planes"), planes);
  new Planes({ source, shape: { kind: "dense", dim: rows.dim } }).project(rows, 0, rows.count, out);
  return out;
}

describe("RandomDiscretizedProjections", () => {
  it("scenario 5: gives one key, always the same, for dense and sparse", () => {
    const hash = opened(100);
    const row = normalRows(1, 100, seed, 0.4);
    const key = hash.bucketKeys(row);

    expect(key).toHaveLength(1);
    for (let i = 0; i < 100; i++) expect(hash.bucketKeys(i % 2 === 0 ? row : sparsed(row))).toEqual(key);
  });

  it("scenario 7: joins integers rounded down, negative ones too", () => {
    const hash = opened(6, { projections: 3, binWidth: 0.25, seed: 3 });
    const rows = normalRows(40, 6, seed);
    const projections = projectionsOf(rows, 3, 3);
    const keys = Array.from(
      { length: 40 },
      (_, r) => hash.bucketKeys({ ...rows, count: 1, values: rows.values.subarray(r * 6, r * 6 + 6) })[0],
    );

    expect(keys).toEqual(Array.from({ length: 40 }, (_, r) => [0, 1, 2].map((p) => Math.floor(projections[r * 3 + p] / 0.25)).join("_")));
    expect(keys.every((key) => /^-?\d+_-?\d+_-?\d+$/.test(key))).toBe(true);
    expect(keys.filter((key) => key.includes("-")).length).toBeGreaterThan(10);
  });

  it("keys are a mix of a table's integers: equal exactly where these are", () => {
    const hash = opened(5, { projections: 3, binWidth: 2, tables: 2 });
    const rows = normalRows(300, 5, seed);
    const keys = keysOf(hash, rows);
    const [byKey, byText] = [new Set<string>(), new Set<string>()];
    const mixed = new Uint32Array(2);
    for (let r = 0; r < 300; r++) {
      hash.bucketKeys({ ...rows, count: 1, values: rows.values.subarray(r * 5, r * 5 + 5) }).forEach((text, t) => {
        mixInts(text.split("_").map(Number), 3, mixed);
        expect([keys.hi[r * 2 + t], keys.lo[r * 2 + t]]).toEqual([...mixed]);
        byKey.add(`${t} ${nameOf(keys.hi[r * 2 + t], keys.lo[r * 2 + t])}`);
        byText.add(`${t} ${text}`);
      });
    }
    expect(byKey.size).toBe(byText.size);
    expect(byText.size).toBeLessThan(400);
  });

  it("shifts each projection by its own part of a bin where asked, the same for the same seed", () => {
    const row = rowsOf([0, 0, 0]);
    const random = new Random(derive(seedFrom(4), "offsets"));
    const shifts = Array.from({ length: 6 }, () => random.uniform() * 0.5);
    const far = normalRows(1, 3, seed);
    const projections = projectionsOf(far, 4, 6);

    const hash = opened(3, { projections: 3, tables: 2, binWidth: 0.5, offset: true, seed: 4 });

    expect(hash.bucketKeys(row), "0 stays in bin 0, as shifts are below a bin").toEqual(["0_0_0", "0_0_0"]);
    const expected = shifts.map((shift, p) => Math.floor((projections[p] + shift) / 0.5));
    expect(hash.bucketKeys(far)).toEqual([expected.slice(0, 3).join("_"), expected.slice(3).join("_")]);
    expect(opened(3, { projections: 3, binWidth: 0.5, offset: true, seed: 4 }).bucketKeys(far)).toEqual([expected.slice(0, 3).join("_")]);
  });

  it("takes more projections than a key has bits", () => {
    expect(
      opened(3, { projections: 100 })
        .bucketKeys(rowsOf([1, 2, 3]))[0]
        .split("_"),
    ).toHaveLength(100);
  });

  it("always makes the same keys: these never change", () => {
    const rows = rowsOf(Array.from({ length: 101 }, (_, i) => (((i * 37) % 64) - 31.5) / 8));
    const hash = opened(101, { projections: 3, tables: 2, binWidth: 1.5, offset: true, seed: 7 });
    const keys = keysOf(hash, rows);

    expect(hash.bucketKeys(rows)).toEqual(["30_2_3", "16_-34_3"]);
    expect([nameOf(keys.hi[0], keys.lo[0]), nameOf(keys.hi[1], keys.lo[1])]).toEqual(["d718240978b413b9", "9e546525d9ec5f51"]);
  });

  it("probes the own bucket of each table, then pools the tables' buckets by the squared distances to the borders crossed", () => {
    const hash = opened(8, { projections: 3, tables: 2, binWidth: 1.25, seed: 9 });
    const query = normalRows(1, 8, seed);
    const places = Float64Array.from(projectionsOf(query, 9, 6), (x) => x / 1.25);
    const all = Array.from({ length: 2 * 27 }, (_, n) => {
      const table = Math.floor(n / 27);
      const steps = [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9) % 3].map((step) => step - 1);
      const cells = steps.map((step, j) => Math.floor(places[table * 3 + j]) + step);
      const gaps = steps.map((step, j) => distanceOfStep(places[table * 3 + j], step) * 1.25);
      return { table, cells, score: gaps.reduce((sum, gap) => sum + gap * gap, 0) };
    }).sort((a, b) => a.score - b.score || a.table - b.table);

    const probes = probesOf(hash, query, undefined, 54);

    expect(probes.count).toBe(54);
    const mixed = new Uint32Array(2);
    for (let p = 0; p < 54; p++) {
      mixInts(all[p].cells, 3, mixed);
      expect([probes.tables[p], probes.hi[p], probes.lo[p]], `probe ${p}`).toEqual([all[p].table, ...mixed]);
      expect(probes.scores[p]).toBeCloseTo(all[p].score, 9);
    }
    expect(probesOf(hash, query, undefined, 1000).count, "there are no more").toBe(54);
  });

  it("refuses a cell that is no safe integer, and one beyond float32", () => {
    const tiny = opened(3, { binWidth: 1e-15 });
    const refused = expect.objectContaining({ code: "E_LIMIT", details: expect.objectContaining({ binWidth: 1e-15 }) });
    expect(() => keysOf(tiny, rowsOf([1000, 1000, 1000]))).toThrow(refused);
    expect(() => probesOf(tiny, rowsOf([1000, 1000, 1000]))).toThrow(refused);
    expect(() => keysOf(opened(3), rowsOf([3e38, -3e38, 3e38]))).toThrow(expect.objectContaining({ code: "E_LIMIT" }));
    expect(entriesOf(keysOf(opened(3), rowsOf([1, 1, 1])))).toHaveLength(1);
  });

  it("refuses bad widths and flags", () => {
    for (const binWidth of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1" as unknown as number]) {
      expect(() => opened(3, { binWidth })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    }
    expect(() => opened(3, { offset: 1 as unknown as boolean })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => opened(3, { projections: 1025 })).toThrow(expect.objectContaining({ code: "E_LIMIT" }));
  });
});

function distanceOfStep(place: number, step: number): number {
  if (step === 0) return 0;
  return step < 0 ? place - Math.floor(place) : Math.floor(place) + 1 - place;
}
