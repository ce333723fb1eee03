import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { Engine, KMeansHash } from "../../src/index.js";
import { kMeans } from "../../src/numeric/k-means.js";

const seed = 20_261_122;

/** Rows around `centres` well-separated points. */
function clustered(count: number, dim: number, centres: number, seed: number): DenseRows {
  const random = new Random(seed);
  const points = Float32Array.from({ length: centres * dim }, () => 10 * (random.uniform() - 0.5));
  const values = Float32Array.from(
    { length: count * dim },
    (_, i) => points[(Math.floor(i / dim) % centres) * dim + (i % dim)] + random.uniform() - 0.5,
  );
  return { kind: "dense", dim, count, values };
}

function distortion(rows: DenseRows, centroids: Float32Array): number {
  let sum = 0;
  for (let r = 0; r < rows.count; r++) {
    let best = Number.POSITIVE_INFINITY;
    for (let c = 0; c < centroids.length; c += rows.dim) {
      let gap = 0;
      for (let i = 0; i < rows.dim; i++) gap += (rows.values[r * rows.dim + i] - centroids[c + i]) ** 2;
      best = Math.min(best, gap);
    }
    sum += best;
  }
  return sum / rows.count;
}

describe("k-means", () => {
  it("finds clusters that are there, leaves no list empty, and repeats itself bit for bit", () => {
    const rows = clustered(600, 6, 9, seed);
    const options = { lists: 18, spherical: false, seed };
    const centroids = kMeans(rows, options);
    expect(kMeans(rows, options)).toEqual(centroids);
    expect(distortion(rows, centroids)).toBeLessThan(1);
    const sizes = new Uint32Array(18);
    const hash = new KMeansHash({ name: "lists", lists: 18, seed, training: rows });
    hash.open({ kind: "dense", dim: 6 });
    for (let r = 0; r < rows.count; r++)
      sizes[Number(hash.bucketKeys({ ...rows, count: 1, values: rows.values.subarray(r * 6, r * 6 + 6) })[0])]++;
    expect(sizes.filter((size) => size === 0)).toHaveLength(0);
  });

  it("divides in two levels above 256 lists, nearly as well", () => {
    const rows = clustered(3000, 4, 50, seed);
    const centroids = kMeans(rows, { lists: 300, spherical: false, seed });
    expect(centroids).toHaveLength(300 * 4);
    expect(distortion(rows, centroids)).toBeLessThan(2 * distortion(rows, kMeans(rows, { lists: 250, spherical: false, seed })));
  });

  it("works where rows are equal and fewer differ than lists are asked for", () => {
    const values = new Float32Array(40 * 3).fill(2);
    const centroids = kMeans({ kind: "dense", dim: 3, count: 40, values }, { lists: 10, spherical: false, seed });
    expect(new Set(centroids)).toEqual(new Set([2]));
  });
});

describe("KMeansHash", () => {
  it.each([
    ["euclidean", 1],
    ["cosine", 1],
    ["euclidean", 2],
  ] as const)("finds all neighbours with all probes, most with few (%s, %i assignments)", async (distance, assignments) => {
    const rows = clustered(2000, 8, 60, seed);
    const queries = clustered(60, 8, 60, seed); // the same centres
    const hash = new KMeansHash({ name: "lists", lists: 40, distance, assignments, training: rows });
    const [learned, exact] = [new Engine({ dim: 8, distance, hashes: [hash] }), new Engine({ dim: 8, distance })];
    for (const engine of [learned, exact]) await engine.storeManyVectors(rows.values);
    const truth = await exact.neighboursOfMany(queries, { k: 10 });
    expect(await learned.neighboursOfMany(queries, { k: 10, probes: 40 })).toEqual(truth);
    const found = await learned.neighboursOfMany(queries, { k: 10, probes: 3 });
    const hits = found.flatMap((list, q) => list.filter(({ id }) => truth[q].some((true_) => true_.id === id))).length;
    expect(hits / 600).toBeGreaterThan(0.9);
    const { raw } = await learned.candidateCount(queries.values.subarray(0, 8), { probes: 3 });
    expect(raw).toBeLessThan(2000 * assignments * 0.3);
  });

  it("reads no empty lists, also after deletes", async () => {
    const rows = clustered(200, 4, 20, seed);
    const engine = new Engine({ dim: 4, distance: "euclidean", hashes: [new KMeansHash({ name: "lists", lists: 20, training: rows })] });
    await engine.storeManyVectors(rows.values);
    await engine.deleteMany(Array.from({ length: 190 }, (_, i) => i));
    expect(await engine.neighbours(rows.values.subarray(0, 4), { k: 10, probes: 10 })).toHaveLength(10);
  });

  it("refuses what it cannot be made of, with both values and the remedy", () => {
    const training = clustered(5, 4, 2, seed);
    const code = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        return (error as { code?: string }).code; // any error may be asked
      }
      return "nothing";
    };
    expect(code(() => new KMeansHash({ name: "lists", lists: 6, training }))).toBe("E_BAD_OPTION");
    expect(code(() => new KMeansHash({ name: "lists", lists: 0 }))).toBe("E_BAD_OPTION");
    expect(code(() => new KMeansHash({ name: "lists", lists: 70_000 }))).toBe("E_LIMIT");
    expect(code(() => new KMeansHash({ name: "lists", lists: 2, assignments: 3 as 2 }))).toBe("E_LIMIT");
    expect(code(() => new KMeansHash({ name: "lists", lists: 2, distance: "manhattan" as "cosine" }))).toBe("E_BAD_OPTION");
    const fitted = new KMeansHash({ name: "lists", lists: 2, training });
    expect(code(() => fitted.fit(training))).toBe("E_CONFIG");
    const unfitted = new KMeansHash({ name: "lists", lists: 2 });
    unfitted.open({ kind: "dense", dim: 4 });
    expect(code(() => unfitted.bucketKeys({ ...training, count: 1, values: training.values.subarray(0, 4) }))).toBe("E_NOT_FITTED");
    expect(code(() => unfitted.fit(clustered(5, 3, 2, seed)))).toBe("E_CONFIG");
  });
});
