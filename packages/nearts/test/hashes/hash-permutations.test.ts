import { describe, expect, it } from "vitest";
import type { Hash, HashConfig } from "../../src/core/contracts.js";
import { derive, Random, seedFrom } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { HashPermutations } from "../../src/hashes/hash-permutations.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "../../src/hashes/random-discretized-projections.js";
import { hamming } from "../../src/numeric/bits.js";
import { entriesOf, keysOf, MapDirectory, nameOf, probesOf } from "./directory.js";
import { normalRows } from "./vectors.js";

const seed = 20_020_519;

function child(name: string, projections: number, tables = 1): RandomBinaryProjections {
  return new RandomBinaryProjections({ name, projections, tables, seed: name });
}

function opened(dim: number, options: Partial<ConstructorParameters<typeof HashPermutations>[0]> = {}): HashPermutations {
  const hash = new HashPermutations({ name: "permutations", children: [child("a", 12)], ...options });
  hash.open({ kind: "dense", dim });
  return hash;
}

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

function probed(hash: Hash, query: DenseRows, directory: MapDirectory, budget?: number): string[] {
  const probes = probesOf(hash, query, directory, budget);
  return Array.from({ length: probes.count }, (_, p) => `${probes.tables[p]} ${nameOf(probes.hi[p], probes.lo[p])}`);
}

const revive = (config: HashConfig): Hash => RandomBinaryProjections.fromConfig(config);

describe("HashPermutations", () => {
  it("scenario 15: finds nearer vectors than its child alone", () => {
    const rows = normalRows(1000, 200, seed);
    const query = normalRows(1, 200, seed + 1);
    const plain = child("a", 4);
    plain.open({ kind: "dense", dim: 200 });
    const hash = opened(200, { children: [child("a", 4)], permutations: 50, beam: 10, neighbours: 100 });
    const [alone, permuted] = [new MapDirectory(), new MapDirectory()];
    alone.store(plain, rows);
    permuted.store(hash, rows);

    const best = (found: readonly number[][]) => Math.min(...found.flat().map((r) => cosineDistance(rowAt(rows, r).values, query.values)));

    expect(best(permuted.read(probesOf(hash, query, permuted)))).toBeLessThan(best(alone.read(probesOf(plain, query, alone))));
  });

  it("scenario 16: refuses a child that is not binary, and an odd beam", () => {
    const cells = new RandomDiscretizedProjections({ name: "rdp", projections: 3, binWidth: 1 });
    const refused = (code: string): unknown => expect.objectContaining({ code });
    expect(() => opened(5, { children: [cells] })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { children: [opened(5)] })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { children: [] })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { children: null as unknown as Hash[] })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { children: [null as unknown as Hash] })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { children: [child("a", 3), child("a", 4)] })).toThrow(refused("E_DUPLICATE_NAME"));
    expect(() => opened(5, { beam: 7 })).toThrow(refused("E_BAD_OPTION"));
    for (const bad of [0, -2, 1.5, Number.NaN]) {
      expect(() => opened(5, { beam: bad })).toThrow(refused("E_BAD_OPTION"));
      expect(() => opened(5, { permutations: bad })).toThrow(refused("E_BAD_OPTION"));
      expect(() => opened(5, { neighbours: bad })).toThrow(refused("E_BAD_OPTION"));
    }
    expect(() => opened(5, { seed: 0.5 })).toThrow(refused("E_BAD_OPTION"));
    expect(() => opened(5, { permutations: 1025 })).toThrow(refused("E_LIMIT"));
  });

  it("finds every stored key where the beam is wide enough: nearest first, the own one before all, each once", () => {
    const hash = opened(10, { beam: 2000, neighbours: 5000, permutations: 3 });
    const directory = new MapDirectory();
    directory.store(hash, normalRows(800, 10, seed));
    const query = normalRows(1, 10, seed + 1);
    directory.store(hash, query, 800);

    const probes = probesOf(hash, query, directory);

    const own = keysOf(hash, query);
    expect(probes.count).toBe(directory.size(0));
    expect(new Set(probes.hi.subarray(0, probes.count)).size).toBe(probes.count);
    expect([probes.hi[0], probes.lo[0], probes.scores[0]]).toEqual([own.hi[0], own.lo[0], 0]);
    for (let p = 1; p < probes.count; p++) {
      expect(probes.scores[p]).toBe(hamming(own.hi[0], own.lo[0], probes.hi[p], probes.lo[p]));
      expect(probes.scores[p]).toBeGreaterThanOrEqual(probes.scores[p - 1]);
    }
  });

  it("reads what stands around the query's place in each permuted sorted list, the nearest of all that", () => {
    const options = { permutations: 6, beam: 4, neighbours: 9, seed: 11 };
    const hash = opened(10, options);
    const directory = new MapDirectory();
    directory.store(hash, normalRows(300, 10, seed));
    for (let r = 0; r < 300; r += 4) directory.remove(r);
    const live = Array.from({ length: directory.size(0) }, (_, e) => e).filter((e) => directory.countAt(0, e) > 0);
    const keys = live.map((e) => stringOf(directory.keyHi(0, e)));
    const random = new Random(derive(derive(seedFrom(11), "permutations"), 0));
    const orders = Array.from({ length: 6 }, () => [...random.permutation(12)]);
    const queries = normalRows(40, 10, seed + 1);
    for (let q = 0; q < 40; q++) {
      const [own] = hash.bucketKeys(rowAt(queries, q)).map((key) => key.slice("a_".length));
      const probes = probesOf(hash, rowAt(queries, q), directory);
      const found = Array.from(probes.hi.subarray(0, probes.count), stringOf);
      expect(found).toEqual(nearest(keys, own, orders, 4).slice(0, 9));
    }
  });

  it("scenario 17: sees what was stored since, with the same result as if all had been stored at once", () => {
    const rows = normalRows(600, 10, seed);
    const queries = normalRows(20, 10, seed + 1);
    const [steady, fresh] = [opened(10, { beam: 4 }), opened(10, { beam: 4 })];
    const directory = new MapDirectory();
    for (let stored = 0; stored < 600; stored += 25) {
      directory.store(steady, { ...rows, count: 25, values: rows.values.subarray(stored * 10, (stored + 25) * 10) }, stored);
      expect(probed(steady, rowAt(rows, stored + 24), directory)[0], "the newest is found").toBe(
        `0 ${keyOf(steady, rowAt(rows, stored + 24))}`,
      );
    }
    for (let q = 0; q < 20; q++) expect(probed(steady, rowAt(queries, q), directory)).toEqual(probed(fresh, rowAt(queries, q), directory));
  });

  it("never reads what was removed, looks past it, and follows a renumbering", () => {
    const rows = normalRows(400, 10, seed);
    const hash = opened(10, { beam: 4, neighbours: 20 });
    const directory = new MapDirectory();
    directory.store(hash, rows);
    const query = normalRows(1, 10, seed + 1);
    probed(hash, query, directory);
    for (let r = 0; r < 400; r++) if (r % 8 !== 0) directory.remove(r);
    const remaining = new MapDirectory();
    for (let r = 0; r < 400; r += 8) remaining.store(hash, rowAt(rows, r), r);

    const found = probed(hash, query, directory);

    expect(found).toEqual(probed(opened(10, { beam: 4, neighbours: 20 }), query, remaining));
    expect(found).toHaveLength(20);
    expect(directory.read(probesOf(hash, query, directory)).every((read) => read.length > 0)).toBe(true);
    directory.renumber();
    expect(probed(hash, query, directory)).toEqual(found);
    for (let r = 0; r < 400; r++) directory.remove(r);
    expect(probed(hash, query, directory)).toEqual([]);
  });

  it("keeps apart what it knows of two storages", () => {
    const hash = opened(10);
    const [one, other] = [new MapDirectory(), new MapDirectory()];
    one.store(hash, normalRows(50, 10, seed));
    other.store(hash, normalRows(50, 10, seed + 1));
    const query = normalRows(1, 10, seed + 2);
    const [first, second] = [probed(hash, query, one), probed(hash, query, other)];

    expect(first).not.toEqual(second);
    expect(probed(hash, query, one)).toEqual(first);
    expect(first).toEqual(probed(opened(10), query, one));
  });

  it("has the tables of all its children, rows ascending, and their keys behind their names", () => {
    const [a, b] = [child("a", 5, 2), child("b", 40)];
    const hash = opened(10, { children: [a, b] });
    const rows = normalRows(3, 10, seed);
    const [ofA, ofB] = [entriesOf(keysOf(a, rows)), entriesOf(keysOf(b, rows))];

    expect(hash.tables).toBe(3);
    expect(entriesOf(keysOf(hash, rows))).toEqual(
      [0, 1, 2].flatMap((r) => [ofA[2 * r], ofA[2 * r + 1], ofB[r].replace(`${r} 0`, `${r} 2`)]),
    );
    const query = rowAt(rows, 1);
    expect(hash.bucketKeys(query)).toEqual([...a.bucketKeys(query).map((key) => `a_${key}`), `b_${b.bucketKeys(query)[0]}`]);
  });

  it("pools the tables by distance; a budget above their number bounds the probes, and leaves each its first", () => {
    const hash = opened(10, { children: [child("a", 6, 2), child("b", 60)] });
    const directory = new MapDirectory();
    directory.store(hash, normalRows(200, 10, seed));
    const query = normalRows(1, 10, seed + 1);
    const all = probesOf(hash, query, directory, 3);
    expect(all.count).toBeGreaterThan(50);
    expect([...all.scores.subarray(0, all.count)]).toEqual([...all.scores.subarray(0, all.count)].sort((x, y) => x - y));

    const few = probesOf(hash, query, directory, 4);

    expect(few.count).toBe(4);
    expect(new Set(few.tables.subarray(0, 4)), "the far keys of 60 bits too").toEqual(new Set([0, 1, 2]));
    expect(probesOf(hash, query, directory, 20).count).toBe(20);
  });

  it("scenario 8: the seed fixes the permutations", () => {
    const directory = new MapDirectory();
    directory.store(opened(10), normalRows(500, 10, seed));
    const query = normalRows(1, 10, seed + 1);
    const options = { beam: 2, permutations: 3 };
    const found = probed(opened(10, { ...options, seed: 1 }), query, directory);

    expect(probed(opened(10, { ...options, seed: 1 }), query, directory)).toEqual(found);
    expect(probed(opened(10, { ...options, seed: 2 }), query, directory)).not.toEqual(found);
  });

  it("scenario 17: probes the same after its configuration was stored and loaded, children included", () => {
    const hash = opened(10, { children: [child("a", 9), child("b", 33, 2)], beam: 4, permutations: 7, neighbours: 30, seed: "s" });
    const directory = new MapDirectory();
    directory.store(hash, normalRows(300, 10, seed));
    const again = HashPermutations.fromConfig(hash.config(), revive);
    again.open({ kind: "dense", dim: 10 });
    const query = normalRows(1, 10, seed + 1);

    expect(again.config()).toEqual(hash.config());
    expect(probed(again, query, directory)).toEqual(probed(hash, query, directory));
  });

  it("always asks the same: these probes never change", () => {
    const hash = opened(10, { permutations: 4, beam: 2, seed: 7 });
    const directory = new MapDirectory();
    const rows: DenseRows = {
      kind: "dense",
      dim: 10,
      count: 60,
      values: Float32Array.from({ length: 600 }, (_, i) => ((i * i * 31) % 101) - 50),
    };
    directory.store(hash, rows);

    const probes = probesOf(hash, { ...rows, count: 1, values: Float32Array.of(1, -2, 3, -4, 5, 6, -7, 8, -9, 10) }, directory);

    expect(Array.from(probes.hi.subarray(0, probes.count), stringOf)).toEqual([
      "111000100111",
      "011110100001",
      "110110110001",
      "110110001010",
      "100110100101",
      "100110010010",
      "111010111110",
    ]);
  });
});

/** The definition, on strings. */
function nearest(keys: readonly string[], own: string, orders: readonly number[][], beam: number): string[] {
  const found = new Set<string>();
  for (const order of orders) {
    const permuted = (key: string) => order.map((j) => key[j]).join("");
    const list = keys.toSorted((x, y) => (permuted(x) < permuted(y) ? -1 : 1));
    const place = list.filter((key) => permuted(key) < permuted(own)).length;
    for (const key of list.slice(place, place + beam / 2)) found.add(key);
    for (const key of list.slice(Math.max(0, place - beam / 2), place).reverse()) found.add(key);
  }
  const distance = (key: string) => Array.from(key).filter((bit, j) => bit !== own[j]).length;
  return [...found].sort((x, y) => distance(x) - distance(y));
}

/** The 12 bits of a key. */
function stringOf(hi: number): string {
  return (hi >>> 20).toString(2).padStart(12, "0");
}

function keyOf(hash: Hash, row: DenseRows): string {
  const keys = keysOf(hash, row);
  return nameOf(keys.hi[0], keys.lo[0]);
}

function cosineDistance(x: Float32Array, y: Float32Array): number {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  return 1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
