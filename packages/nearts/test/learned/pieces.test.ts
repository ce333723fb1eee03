import { describe, expect, it } from "vitest";
import { learn } from "../../src/learned.js";
import { clouds } from "./vectors.js";

describe("learning", () => {
  // It held up everything else for 155 ms at 4,096 dimensions, as its pieces had so many rows, however long; there were 480 of them.
  it("comes in more and smaller pieces the longer the vectors are", { timeout: 60_000 }, () => {
    const pieces = [512, 4096].map((dim) => {
      const sample = { kind: "dense", dim, count: 150, values: clouds(150, dim, dim) } as const;
      let count = 0;
      for (const steps = learn(sample, { metric: "squaredEuclidean", size: 10_000 }); steps.next().done !== true; ) count++;
      return count;
    });
    expect(pieces[1]).toBeGreaterThan(560);
    expect(pieces[1]).toBeGreaterThan(1.5 * pieces[0]);
  });
});
