import { describe, expect, it } from "vitest";
import type { DenseRows } from "../../src/core/rows.js";
import { PCABinaryProjections } from "../../src/hashes/pca-binary-projections.js";
import { PCADiscretizedProjections } from "../../src/hashes/pca-discretized-projections.js";
import { entriesOf, keysOf, nameOf, probesOf } from "./directory.js";
import { normalRows, rowsOf, sparsed } from "./vectors.js";

const seed = 19_010_101;
const training = normalRows(100, 10, seed, 0.6);

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

function floats(value: unknown): Float32Array {
  expect(value).toBeInstanceOf(Float32Array);
  return value as Float32Array; // as the line above has shown
}

describe("PCABinaryProjections", () => {
  it("scenario 6: gives one key of 4 characters 0 or 1, always the same, for dense and sparse vectors and training", () => {
    const hash = new PCABinaryProjections({ name: "pca", projections: 4, training });
    hash.open({ kind: "dense", dim: 10 });
    const row = normalRows(1, 10, seed + 1, 0.5);
    const [key, ...more] = hash.bucketKeys(row);
    expect(key).toMatch(/^[01]{4}$/);
    expect(more).toEqual([]);
    for (let i = 0; i < 100; i++) expect(hash.bucketKeys(i % 2 === 0 ? row : sparsed(row))).toEqual([key]);

    const fromSparse = new PCABinaryProjections({ name: "pca", projections: 4, training: sparsed(training) });
    fromSparse.open({ kind: "sparse", dim: 10 });
    const rows = normalRows(200, 10, seed + 2, 0.5);
    const [one, other] = [entriesOf(keysOf(hash, rows)), entriesOf(keysOf(fromSparse, sparsed(rows)))];
    expect(one.filter((entry, e) => entry !== other[e]).length, "rounded otherwise, at most").toBeLessThan(3);
  });

  it("scenario 10: spreads data far from the origin over many buckets, as its planes go through the mean", () => {
    const far = normalRows(100, 10, seed);
    far.values.forEach((x, i) => {
      far.values[i] = x + 50;
    });
    const hash = new PCABinaryProjections({ name: "pca", projections: 4, training: far });
    hash.open({ kind: "dense", dim: 10 });
    expect(new Set(keysOf(hash, far).hi.subarray(0, 100)).size).toBe(16);
  });

  it("scenario 10: refuses an engine of another dimension, with both numbers and the remedy", () => {
    const hash = new PCABinaryProjections({ name: "pca", projections: 4, training });
    const refused = expect.objectContaining({
      code: "E_CONFIG",
      message: 'hash "pca" was made for 10 dimensions and cannot take 11: make a new hash, or give it vectors of 10',
    });
    expect(() => hash.open({ kind: "dense", dim: 11 })).toThrow(refused);
    const unfitted = new PCABinaryProjections({ name: "pca", projections: 4 });
    unfitted.open({ kind: "dense", dim: 11 });
    expect(() => unfitted.fit(training)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("cuts across the axis along which the sample varies most", () => {
    const line = rowsOf(...Array.from({ length: 21 }, (_, i) => [3 + (i - 10), 5 + 2 * (i - 10), i % 2]));
    const hash = new PCABinaryProjections({ name: "pca", projections: 1, training: line });
    hash.open({ kind: "dense", dim: 3 });
    const components = floats(hash.config()["components"]);
    expect(components[0]).toBeCloseTo(1 / Math.sqrt(5), 3);
    expect(components[1]).toBeCloseTo(2 / Math.sqrt(5), 3);
    expect(Array.from({ length: 21 }, (_, r) => hash.bucketKeys(rowAt(line, r))[0]).join("")).toMatch(/^0{10}.1{10}$/);
  });

  it("learns by fit as by training, from vectors as from rows, and only once", () => {
    const config = new PCABinaryProjections({ name: "pca", projections: 4, training }).config();
    const later = new PCABinaryProjections({ name: "pca", projections: 4 });
    later.fit(training);
    const vectors = Array.from({ length: 100 }, (_, r) => rowAt(training, r).values);
    expect(later.config()).toEqual(config);
    expect(new PCABinaryProjections({ name: "pca", projections: 4, training: vectors }).config()).toEqual(config);
    expect(() => later.fit(training)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("is not to be used before it has learned", () => {
    const hash = new PCABinaryProjections({ name: "pca", projections: 4 });
    hash.open({ kind: "dense", dim: 10 });
    const refused = expect.objectContaining({ code: "E_NOT_FITTED" });
    expect(() => keysOf(hash, training)).toThrow(refused);
    expect(() => probesOf(hash, rowAt(training, 0))).toThrow(refused);
    expect(() => hash.bucketKeys(rowAt(training, 0))).toThrow(refused);
    hash.fit(training);
    expect(keysOf(hash, training).count).toBe(100);
  });

  it("keeps the dimension it was opened for in its configuration before it has learned", () => {
    const hash = new PCABinaryProjections({ name: "pca", projections: 4 });
    hash.open({ kind: "dense", dim: 10 });
    const again = PCABinaryProjections.fromConfig(hash.config());
    expect(again.config()).toEqual({ type: "PCABinaryProjections", version: 1, name: "pca", projections: 4, dim: 10 });
    again.fit(training);
    again.open({ kind: "dense", dim: 10 });
    expect(keysOf(again, training).count).toBe(100);
    expect(() => PCABinaryProjections.fromConfig({ ...hash.config(), dim: 3 })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("refuses more projections than dimensions, and samples that are none", () => {
    const make =
      (sample: unknown, projections = 2) =>
      () =>
        new PCABinaryProjections({ name: "pca", projections, training: sample as DenseRows });
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    expect(make(training, 11)).toThrow(code("E_LIMIT"));
    expect(make(training, 65)).toThrow(code("E_LIMIT"));
    expect(make(normalRows(2, 4097, seed))).toThrow(code("E_LIMIT"));
    expect(make(normalRows(1, 10, seed))).toThrow(code("E_BAD_OPTION"));
    for (const none of [null, 5, "rows", {}, { kind: "bits" }]) expect(make(none)).toThrow(code("E_BAD_OPTION"));
    expect(make([[1, 2], [1]])).toThrow(code("E_BAD_VECTOR"));
    expect(
      make([
        [1, 2],
        [1, Number.NaN],
      ]),
    ).toThrow(code("E_BAD_VECTOR"));
    expect(
      make([
        [1, 2],
        [1, 1e39],
      ]),
    ).toThrow(code("E_BAD_VECTOR"));
    expect(make({ ...training, values: training.values.subarray(1) })).toThrow(code("E_BAD_VECTOR"));
    const sparse = sparsed(training);
    expect(make({ ...sparse, indices: sparse.indices.map(() => 10) })).toThrow(code("E_BAD_SPARSE"));
    expect(make({ ...sparse, indices: sparse.indices.map(() => 1) })).toThrow(code("E_BAD_SPARSE"));
    expect(make({ ...sparse, offsets: sparse.offsets.slice(1) })).toThrow(code("E_BAD_SPARSE"));
    expect(make({ ...sparse, offsets: sparse.offsets.toReversed() })).toThrow(code("E_BAD_SPARSE"));
    expect(make({ ...sparse, values: sparse.values.map(() => Number.POSITIVE_INFINITY) })).toThrow(code("E_BAD_VECTOR"));
  });

  it("always learns the same planes and makes the same keys: these never change", () => {
    const sample = rowsOf(
      ...Array.from({ length: 40 }, (_, r) => Array.from({ length: 7 }, (_, i) => ((r * r * (i + 3) + 5 * i) % 23) / 4)),
    );
    const hash = new PCABinaryProjections({ name: "pca", projections: 3, training: sample });
    hash.open({ kind: "dense", dim: 7 });
    const bits = new Uint32Array(floats(hash.config()["components"]).buffer);

    expect(nameOf(bits[0], bits[20])).toBe("bee8698e3f29a362");
    expect(Array.from({ length: 8 }, (_, r) => hash.bucketKeys(rowAt(sample, r))[0]).join(" ")).toBe("110 111 101 001 111 111 010 000");
  });

  it("probes across the planes nearest to the query first", () => {
    const hash = new PCABinaryProjections({ name: "pca", projections: 3, training });
    hash.open({ kind: "dense", dim: 10 });
    const query = rowAt(training, 3);
    const { components, offsets } = hash.config();
    const margins = [0, 1, 2].map((p) => {
      const at = floats(components).subarray(p * 10, p * 10 + 10);
      return query.values.reduce((sum, x, i) => sum + x * at[i], 0) - floats(offsets)[p];
    });

    const probes = probesOf(hash, query, undefined, 8);

    expect(new Set(probes.hi.subarray(0, 8)).size).toBe(8);
    const nearest = margins.map(Math.abs).indexOf(Math.min(...margins.map(Math.abs)));
    expect((probes.hi[0] ^ probes.hi[1]) >>> 0).toBe(2 ** (31 - nearest));
    expect(probes.scores[1]).toBeCloseTo(margins[nearest] ** 2, 5);
    expect(probes.scores[7]).toBeCloseTo(
      margins.reduce((sum, margin) => sum + margin * margin, 0),
      4,
    );
  });
});

describe("PCADiscretizedProjections", () => {
  it("scenario 6: gives one key, always the same, for dense and sparse", () => {
    const hash = new PCADiscretizedProjections({ name: "pcad", projections: 4, binWidth: 0.1, training });
    hash.open({ kind: "dense", dim: 10 });
    const row = normalRows(1, 10, seed + 1, 0.5);
    const key = hash.bucketKeys(row);
    expect(key).toEqual([expect.stringMatching(/^-?\d+_-?\d+_-?\d+_-?\d+$/)]);
    for (let i = 0; i < 100; i++) expect(hash.bucketKeys(i % 2 === 0 ? row : sparsed(row))).toEqual(key);
  });

  it("counts bins from the mean of the sample", () => {
    const line = rowsOf(...Array.from({ length: 21 }, (_, i) => [100 + (i - 10) * 2, i % 2]));
    const hash = new PCADiscretizedProjections({ name: "pcad", projections: 1, binWidth: 4, training: line });
    hash.open({ kind: "dense", dim: 2 });
    expect([94, 99, 101, 105, 121].map((x) => hash.bucketKeys(rowsOf([x, 0.5]))[0])).toEqual(["-2", "-1", "0", "1", "5"]);
  });

  it("learns by fit, and is not to be used before", () => {
    const hash = new PCADiscretizedProjections({ name: "pcad", projections: 2, binWidth: 1 });
    hash.open({ kind: "sparse", dim: 10 });
    expect(() => keysOf(hash, sparsed(training))).toThrow(expect.objectContaining({ code: "E_NOT_FITTED" }));
    hash.fit(sparsed(training));
    expect(keysOf(hash, sparsed(training)).count).toBe(100);
    expect(() => hash.fit(training)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });

  it("probes beyond the nearest borders", () => {
    const hash = new PCADiscretizedProjections({ name: "pcad", projections: 2, binWidth: 1, training });
    hash.open({ kind: "dense", dim: 10 });
    const probes = probesOf(hash, rowAt(training, 5), undefined, 9);
    expect(probes.count).toBe(9);
    expect([...probes.scores.subarray(0, 9)]).toEqual([...probes.scores.subarray(0, 9)].sort((a, b) => a - b));
    expect(new Set(Array.from({ length: 9 }, (_, p) => nameOf(probes.hi[p], probes.lo[p]))).size).toBe(9);
  });
});
