import { CosineDistance, rowAt } from "nearts";
import { describe, expect, it } from "vitest";
import { project } from "../../src/demo/project.js";
import { tfIdf } from "../../src/demo/tf-idf.js";
import { Vocabulary } from "../../src/demo/words.js";

const cosine = new CosineDistance();

describe("the words of a text", () => {
  it("are the parts of names and the words of prose, in lower case, without numbers and single letters", () => {
    const vocabulary = new Vocabulary();

    const words = vocabulary.read("getElementById(x1, MAX_VALUE); // Élan vital: get 42 values");

    expect([...words]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 8]); // get element by id · max value · élan vital · get · values
    expect(vocabulary.size).toBe(9);
  });

  it("leave out what is too long to be a name", () => {
    expect(new Vocabulary().read(`short ${"x".repeat(41)}`)).toHaveLength(1);
  });
});

describe("tfIdf", () => {
  it("makes unit vectors in which rare and repeated words weigh more", () => {
    const rows = tfIdf([Uint32Array.of(2, 0, 1, 2), Uint32Array.of(0), Uint32Array.of(0, 3)], 4);

    expect([...rows.offsets]).toEqual([0, 3, 4, 6]);
    expect([...rows.indices]).toEqual([0, 1, 2, 0, 0, 3]);
    const [common, rare, repeated] = rows.values;
    expect(common).toBeLessThan(rare);
    expect(repeated / rare).toBeCloseTo(1 + Math.log(2), 5);
    for (let r = 0; r < 3; r++) {
      const { values } = rowAt<"sparse">(rows, r);
      expect(values.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    }
  });

  it("puts the same words in another order at distance 0, and texts without a common word at 1", () => {
    const rows = tfIdf([Uint32Array.of(0, 1, 1), Uint32Array.of(1, 0, 1), Uint32Array.of(2, 3)], 4);
    const between = (a: number, b: number) => cosine.between(rowAt<"sparse">(rows, a), rowAt<"sparse">(rows, b));

    expect(between(0, 1)).toBe(0);
    expect(between(0, 2)).toBeCloseTo(1, 6);
  });
});

describe("project", () => {
  it("keeps cosine distances to about one over the root of the dimensions, the same for the same seed", () => {
    const texts = Array.from({ length: 40 }, (_, t) => Uint32Array.from({ length: 60 }, (_, i) => (t * 7 + i * (1 + (t % 5))) % 200));
    const sparse = tfIdf(texts, 200);

    const dense = project(sparse, 256, 9);

    expect(project(sparse, 256, 9).values).toEqual(dense.values);
    let worst = 0;
    for (let a = 0; a < 40; a++) {
      for (let b = 0; b < a; b++) {
        const kept = cosine.between(rowAt<"dense">(dense, a), rowAt<"dense">(dense, b));
        worst = Math.max(worst, Math.abs(kept - cosine.between(rowAt<"sparse">(sparse, a), rowAt<"sparse">(sparse, b))));
      }
    }
    expect(worst).toBeLessThan(5 / Math.sqrt(256));
  });
});
