import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { type DistanceName, Engine, MemoryStorage } from "../../src/index.js";

const seed = 5;
const dim = 160;

/** Vectors near a subspace of 12 dimensions, of lengths over three decades: what outlines are for. */
function clustered(count: number, random: Random): Float32Array {
  const directions = Float32Array.from({ length: 12 * dim }, () => random.uniform() - 0.5);
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const length = 10 ** (random.uniform() * 3 - 1);
    for (let m = 0; m < 12; m++) {
      const weight = random.uniform() - 0.5;
      for (let j = 0; j < dim; j++) values[i * dim + j] += weight * directions[m * dim + j];
    }
    for (let j = 0; j < dim; j++) values[i * dim + j] = length * (values[i * dim + j] + 0.1 * (random.uniform() - 0.5));
  }
  return values;
}

describe("outlines", () => {
  test.each(["cosine", "euclidean", "inner-product"] satisfies DistanceName[])("change no answer of the %s distance", async (distance) => {
    const random = new Random(seed);
    const base = clustered(6000, random);
    const queries = clustered(60, random);
    const [plain, outlined] = [false, true].map((outlines) => new Engine({ dim, distance, storage: new MemoryStorage({ outlines }) }));
    for (const engine of [plain, outlined]) {
      await engine.storeManyVectors(base.subarray(0, 3000 * dim)); // before there are enough to learn from
      await engine.storeManyVectors(base.subarray(3000 * dim));
      await engine.deleteMany([5, 17, 4000]);
      await engine.storeVector(queries.subarray(0, dim), { id: 33 });
    }
    const [stats, without] = [await outlined.stats(), await plain.stats()];
    expect(stats.bytes.vectors - without.bytes.vectors, "outlines were not learned").toBeGreaterThanOrEqual(5990 * 64);
    const answers = await Promise.all([plain, outlined].map((engine) => engine.neighboursOfMany(queries, { k: 10 })));
    expect(answers[1]).toEqual(answers[0]);
    const within = answers[0][0][5].distance;
    const radius = await Promise.all([plain, outlined].map((engine) => engine.neighbours(queries.subarray(0, dim), { within })));
    expect(radius[1]).toEqual(radius[0]);
  });
});
