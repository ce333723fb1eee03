import { AngularDistance, CosineDistance, EuclideanDistance, InnerProductDistance, ManhattanDistance } from "nearts";
import { describe, expect, test } from "vitest";
import { Dice, definitions, gaussian, sparse, spread } from "./vectors.js";

const measures = [new CosineDistance(), new EuclideanDistance(), new ManhattanDistance()];
const metrics = [new EuclideanDistance(), new ManhattanDistance()];
const SEED = 1;

describe.each(measures)("$name", (distance) => {
  test(`1 — Distances are symmetric to 1e-14 on 100 dense 10-d pairs and 100 sparse 30-d pairs (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    for (let round = 0; round < 100; round++) {
      const [x, y] = [gaussian(dice, 10), gaussian(dice, 10)];
      const [u, v] = [sparse(dice, 30, 6), sparse(dice, 30, 6)];

      expect(Math.abs(distance.between(x, y) - distance.between(y, x))).toBeLessThanOrEqual(1e-14);
      expect(Math.abs(distance.between(u, v) - distance.between(v, u))).toBeLessThanOrEqual(1e-14);
    }
  });
});

describe.each(metrics)("$name", (distance) => {
  test(`2 — Euclidean and Manhattan satisfy the triangle inequality on 100 dense and 100 sparse triples (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    for (let round = 0; round < 100; round++) {
      const [x, y, z] = [gaussian(dice, 10), gaussian(dice, 10), gaussian(dice, 10)];
      const [u, v, w] = [sparse(dice, 30, 6), sparse(dice, 30, 6), sparse(dice, 30, 6)];

      expect(distance.between(x, z)).toBeLessThanOrEqual(distance.between(x, y) + distance.between(y, z) + 1e-12);
      expect(distance.between(u, w)).toBeLessThanOrEqual(distance.between(u, v) + distance.between(v, w) + 1e-12);
    }
  });
});

describe("3 — Cosine on vectors of any length", () => {
  const cosine = new CosineDistance();

  test(`3 — Cosine on non-unit input equals 1 − x·y/(‖x‖‖y‖) and is never negative (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    for (let round = 0; round < 200; round++) {
      const scale = 10 ** (round % 7) / 1000;
      const x = gaussian(dice, 25).map((value) => value * scale);
      const y = round % 4 === 0 ? x.map((value) => value * 3) : gaussian(dice, 25);

      expect(Math.abs(cosine.between(x, y) - definitions.cosine(x, y))).toBeLessThan(1e-12);
      expect(cosine.between(x, y)).toBeGreaterThanOrEqual(0);
      expect(cosine.between(x, x)).toBe(0);
      expect(
        cosine.between(
          x,
          x.map((value) => -value),
        ),
      ).toBeCloseTo(2, 12);
    }
  });

  test("3 — A zero vector is at the stated cosine distance 1 of everything", () => {
    const zero = new Float32Array(3);

    expect(cosine.between(zero, Float32Array.of(1, 2, 3))).toBe(1);
    expect(cosine.between(Float32Array.of(1, 2, 3), zero)).toBe(1);
    expect(cosine.between(zero, zero)).toBe(1);
  });

  test(`3 — Dense, sparse and mixed forms of two vectors agree to 1e-12 in every distance (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    const distances = [...measures, new AngularDistance(), new InnerProductDistance()];
    for (let round = 0; round < 100; round++) {
      const [u, v] = [sparse(dice, 30, 8), sparse(dice, 30, 8)];
      const [x, y] = [spread(u), spread(v)];
      for (const distance of distances) {
        const expected = distance.between(x, y);
        expect(Math.abs(distance.between(u, v) - expected)).toBeLessThan(1e-12);
        expect(Math.abs(distance.between(u, y) - expected)).toBeLessThan(1e-12);
        expect(Math.abs(distance.between(x, v) - expected)).toBeLessThan(1e-12);
      }
    }
  });
});
