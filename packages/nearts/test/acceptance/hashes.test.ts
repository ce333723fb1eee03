import {
  Engine,
  type Hash,
  type HashConfig,
  HashPermutationMapper,
  HashPermutations,
  hashFromConfig,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  type Rows,
  type SparseVector,
  UniBucket,
} from "nearts";
import { describe, expect, test } from "vitest";
import { bucketsOf, Dice, gaussian, gaussians, nearestByDefinition, oneRow, refusal, sparse, spread, thin } from "./vectors.js";

const SEED = 2;

/** Each way to make a hash for vectors of `dim`. */
function everyHash(dim: number, seed = 5): Hash[] {
  const child = () => new RandomBinaryProjections({ name: "child", projections: 6, seed });
  return [
    new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 2, seed }),
    new RandomDiscretizedProjections({ name: "rdp", projections: 4, binWidth: 0.5, tables: 2, seed }),
    new RandomDiscretizedProjections({ name: "rdp-offset", projections: 4, binWidth: 0.5, seed, offset: true }),
    new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 5, seed }),
    new HashPermutations({ name: "permutations", children: [child()], permutations: 8, beam: 4, neighbours: 6, seed }),
    new HashPermutationMapper({ name: "mapper", children: [child()] }),
    new UniBucket({ name: "uni" }),
    ...trainedHashes(dim),
  ];
}

const trained = new Map<number, HashConfig[]>();

/** The hashes that learn, which they do once for each dimension up to 100: the work grows with its cube. */
function trainedHashes(dim: number): Hash[] {
  if (dim > 100) return [];
  const known = trained.get(dim);
  if (known !== undefined) return known.map((config) => hashFromConfig(config));
  const training = gaussians(new Dice(77), 60, dim);
  const hashes = [
    new PCABinaryProjections({ name: "pca", projections: 4, training }),
    new PCADiscretizedProjections({ name: "pcad", projections: 4, binWidth: 0.5, training }),
  ];
  trained.set(
    dim,
    hashes.map((hash) => hash.config()),
  );
  return hashes;
}

function sparseRow({ dim, indices, values }: SparseVector): Rows<"sparse"> {
  return { kind: "sparse", dim, count: 1, offsets: Uint32Array.of(0, indices.length), indices, values };
}

/** The key strings of one vector, in its dense and in its sparse form. */
function bothForms(make: () => Hash, vector: SparseVector): { dense: string[]; sparse: string[] } {
  const [dense, thinned] = [make(), make()];
  dense.open({ kind: "dense", dim: vector.dim });
  thinned.open({ kind: "sparse", dim: vector.dim });
  return { dense: dense.bucketKeys(oneRow(spread(vector))), sparse: thinned.bucketKeys(sparseRow(vector)) };
}

test("4 — RandomBinaryProjections of 10 bits in 100 dimensions: one key of ten 0s and 1s, the same in 101 calls, dense and sparse", () => {
  const vector = sparse(new Dice(SEED), 100, 40);
  const hash = new RandomBinaryProjections({ name: "rbp", projections: 10, seed: 1 });
  hash.open({ kind: "dense", dim: 100 });
  const thinned = new RandomBinaryProjections({ name: "rbp", projections: 10, seed: 1 });
  thinned.open({ kind: "sparse", dim: 100 });
  const first = hash.bucketKeys(oneRow(spread(vector)));

  expect(first).toHaveLength(1);
  expect(first[0]).toMatch(/^[01]{10}$/);
  for (let call = 0; call < 100; call++) {
    expect(hash.bucketKeys(oneRow(spread(vector)))).toEqual(first);
    expect(thinned.bucketKeys(sparseRow(vector))).toEqual(first);
  }
});

test("5 — RandomDiscretizedProjections of 10 projections and bins of 0.1: one string key, deterministic, dense and sparse", () => {
  const dice = new Dice(SEED);
  const make = () => new RandomDiscretizedProjections({ name: "rdp", projections: 10, binWidth: 0.1 });
  for (let round = 0; round < 20; round++) {
    const vector = sparse(dice, 100, 30);
    const keys = bothForms(make, vector);

    expect(keys.dense).toHaveLength(1);
    expect(keys.dense[0]).toMatch(/^-?\d+(_-?\d+){9}$/);
    expect(keys.sparse).toEqual(keys.dense);
    expect(bothForms(make, vector)).toEqual(keys);
  }
});

test("6 — PCABinaryProjections trained on 100 10-d vectors: one key of 4 bits; PCADiscretizedProjections: one string key; deterministic, dense and sparse", () => {
  const dice = new Dice(SEED);
  const training = gaussians(dice, 100, 10);
  const binary = () => new PCABinaryProjections({ name: "pca", projections: 4, training });
  const discretized = () => new PCADiscretizedProjections({ name: "pcad", projections: 4, binWidth: 0.1, training });
  for (let round = 0; round < 20; round++) {
    const vector = sparse(dice, 10, 5);
    const bits = bothForms(binary, vector);
    const cells = bothForms(discretized, vector);

    expect(bits.dense).toHaveLength(1);
    expect(bits.dense[0]).toMatch(/^[01]{4}$/);
    expect(cells.dense).toHaveLength(1);
    expect(cells.dense[0]).toMatch(/^-?\d+(_-?\d+){3}$/);
    expect(bits.sparse).toEqual(bits.dense);
    expect(cells.sparse).toEqual(cells.dense);
    expect([bothForms(binary, vector), bothForms(discretized, vector)]).toEqual([bits, cells]);
  }
});

test("7 — RandomDiscretizedProjections keys look like 14_4_1 or -4_18_-1, rounded down and not towards zero", () => {
  const dim = 6;
  // Bins of a millionth read the planes off the unit vectors: cell c says that the entry lies in [c, c + 1) millionths.
  const fine = new RandomDiscretizedProjections({ name: "rdp", projections: 3, binWidth: 1e-6, seed: 9 });
  const coarse = new RandomDiscretizedProjections({ name: "rdp", projections: 3, binWidth: 0.5, seed: 9 });
  fine.open({ kind: "dense", dim });
  coarse.open({ kind: "dense", dim });
  const planes = Array.from({ length: dim }, (_, i) =>
    cells(
      fine,
      Float32Array.from({ length: dim }, (_, j) => (i === j ? 1 : 0)),
    ).map((c) => c * 1e-6),
  );
  const dice = new Dice(SEED);
  let negative = 0;
  for (let round = 0; round < 100; round++) {
    const vector = gaussian(dice, dim);
    const places = [0, 1, 2].map((p) => vector.reduce((sum, value, i) => sum + value * planes[i][p], 0) / 0.5);
    const found = cells(coarse, vector);
    places.forEach((place, p) => {
      if (Math.abs(place - Math.round(place)) < 1e-3) return; // too near a border for planes known to a millionth
      expect(found[p]).toBe(Math.floor(place));
      if (place < 0) negative++;
    });
  }

  expect(negative).toBeGreaterThan(50);
});

function cells(hash: Hash, vector: Float32Array): number[] {
  const [key] = hash.bucketKeys(oneRow(vector));
  expect(key).toMatch(/^-?\d+_-?\d+_-?\d+$/);
  return key.split("_").map(Number);
}

describe("8 — Seeds", () => {
  const vectors = gaussians(new Dice(SEED), 40, 30);
  const keysOf = (hash: Hash) => {
    hash.open({ kind: "dense", dim: 30 });
    return vectors.map((vector) => hash.bucketKeys(oneRow(vector)).join(" "));
  };

  test.each([
    ["RandomBinaryProjections", (seed: number | string) => new RandomBinaryProjections({ name: "h", projections: 16, seed })],
    [
      "RandomDiscretizedProjections",
      (seed: number | string) => new RandomDiscretizedProjections({ name: "h", projections: 4, binWidth: 0.5, seed }),
    ],
    [
      "its random offset",
      (seed: number | string) => new RandomDiscretizedProjections({ name: "h", projections: 4, binWidth: 9, seed, offset: true }),
    ],
    [
      "RandomBinaryProjectionTree",
      (seed: number | string) => new RandomBinaryProjectionTree({ name: "h", projections: 16, minimumResultSize: 5, seed }),
    ],
  ])("8 — The same seed gives the same keys and another seed others: %s", (_, make) => {
    expect(keysOf(make(7))).toEqual(keysOf(make(7)));
    expect(keysOf(make("text"))).toEqual(keysOf(make("text")));
    expect(keysOf(make(8))).not.toEqual(keysOf(make(7)));
    expect(keysOf(make("7"))).not.toEqual(keysOf(make(7)));
  });

  test("8 — The seed fixes the permutations too", async () => {
    const found = async (seed: number) => {
      const children = [new RandomBinaryProjections({ name: "child", projections: 24, seed: 1 })];
      const hashes = [new HashPermutations({ name: "permutations", children, permutations: 2, beam: 4, neighbours: 4, seed })];
      const engine = new Engine({ dim: 30, hashes });
      await engine.storeManyVectors(gaussians(new Dice(3), 500, 30));
      return Promise.all(vectors.map(async (vector) => (await engine.neighbours(vector, { filters: false })).map(({ id }) => id)));
    };
    const first = await found(7);

    expect(first.some((ids) => ids.length > 0)).toBe(true);
    expect(await found(7)).toEqual(first);
    expect(await found(8)).not.toEqual(first);
  });
});

describe("9 — Sparse and dense forms of a vector have the same keys", () => {
  test.each([12, 100, 1000])("9 — in every hash at dimension %i, also when it is made again from its configuration", (dim) => {
    const dice = new Dice(dim);
    const vectors = Array.from({ length: 10 }, () => sparse(dice, dim, Math.ceil(dim / 10)));
    everyHash(dim).forEach((_, h) => {
      const make = () => everyHash(dim)[h];
      const opened = make();
      opened.open({ kind: "sparse", dim });
      const again = () => hashFromConfig(structuredClone(opened.config()));
      for (const vector of vectors) {
        const keys = bothForms(make, vector);
        expect(keys.sparse, opened.name).toEqual(keys.dense);
        expect(bothForms(again, vector), opened.name).toEqual(keys);
      }
    });
  });

  test("9 — also when a hash that served dense vectors is opened for sparse ones, and back", () => {
    const vector = sparse(new Dice(SEED), 50, 9);
    for (const hash of everyHash(50)) {
      hash.open({ kind: "dense", dim: 50 });
      const dense = hash.bucketKeys(oneRow(spread(vector)));
      hash.open({ kind: "sparse", dim: 50 });
      const thinned = hash.bucketKeys(sparseRow(vector));
      hash.open({ kind: "dense", dim: 50 });

      expect(thinned, hash.name).toEqual(dense);
      expect(hash.bucketKeys(oneRow(spread(vector))), hash.name).toEqual(dense);
    }
  });

  test("9 — so a dense and a sparse engine put the same vectors into the same buckets", async () => {
    const dim = 40;
    const vectors = Array.from({ length: 60 }, (_, i) => sparse(new Dice(100 + i), dim, 10));
    const dense = new Engine({ dim, hashes: everyHash(dim), distance: "euclidean" });
    const thinned = new Engine<unknown, "sparse">({ dim, kind: "sparse", hashes: everyHash(dim), distance: "euclidean" });
    await dense.storeManyVectors(vectors.map(spread));
    await thinned.storeManyVectors(vectors);

    for (let h = 0; h < dense.hashes.length; h++) {
      expect(await bucketsOf(thinned, h), dense.hashes[h].name).toEqual(await bucketsOf(dense, h));
    }
  });
});

describe("10 — Dimensions and off-centre data", () => {
  test("10 — A PCA hash refuses an engine of another dimension than it was trained for", async () => {
    const training = gaussians(new Dice(SEED), 100, 10);
    for (const hash of [
      new PCABinaryProjections({ name: "pca", projections: 4, training }),
      new PCADiscretizedProjections({ name: "pca", projections: 4, binWidth: 1, training }),
    ]) {
      const refused = await refusal(() => new Engine({ dim: 11, hashes: [hash] }));

      expect(refused.code).toBe("E_CONFIG");
      expect(refused.message).toContain("10");
      expect(refused.message).toContain("11");
    }
  });

  test("10 — So does every hash made from the configuration of another dimension", async () => {
    for (const hash of everyHash(10)) {
      hash.open({ kind: "dense", dim: 10 });
      const loaded = hashFromConfig(hash.config());
      const refused = await refusal(() => new Engine({ dim: 12, hashes: [loaded] }));

      expect(refused.code, hash.name).toBe("E_CONFIG");
      expect(new Engine({ dim: 10, hashes: [loaded] }).dim).toBe(10);
    }
  });

  test("10 — Data at an offset of 50 spreads over the PCA buckets as centred data does", async () => {
    const dice = new Dice(SEED);
    const centred = gaussians(dice, 100, 10);
    const moved = centred.map((vector) => vector.map((value) => value + 50));
    const binary = new Engine({
      dim: 10,
      distance: "euclidean",
      hashes: [new PCABinaryProjections({ name: "pca", projections: 4, training: moved })],
    });
    const hashes = [new PCADiscretizedProjections({ name: "pca", projections: 4, binWidth: 1, training: moved })];
    const discretized = new Engine({ dim: 10, distance: "euclidean", hashes });
    await binary.storeManyVectors(moved);
    await discretized.storeManyVectors(moved);

    expect((await binary.stats()).hashes[0].buckets).toBeGreaterThanOrEqual(12);
    expect((await discretized.stats()).hashes[0].buckets).toBeGreaterThanOrEqual(50);
  });
});

test(`11 — A UniBucket engine is an exact search, and so is an engine without hashes (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const vectors = gaussians(dice, 500, 20);
  const exact = new Engine({ dim: 20, distance: "euclidean", hashes: [new UniBucket({ name: "all" })] });
  const plain = new Engine({ dim: 20, distance: "euclidean" });
  await exact.storeManyVectors(vectors);
  await plain.storeManyVectors(vectors);
  for (let round = 0; round < 20; round++) {
    const query = gaussian(dice, 20);
    const expected = nearestByDefinition(query, vectors, 10);

    expect((await exact.neighbours(query)).map(({ id }) => id)).toEqual(expected);
    expect((await plain.neighbours(query)).map(({ id }) => id)).toEqual(expected);
  }
  expect((await plain.neighbours(thin(vectors[3]), { k: 1 }))[0]).toMatchObject({ id: 3, distance: 0 });
});
