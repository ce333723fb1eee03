import { Random } from "nearts";
import { type Generator, streamOf } from "./generator.js";

/** Every value uniform in [−1, 1), independent of all others: no structure at all, the hardest case at high dimension. */
export const uniform: Generator<never> = {
  name: "uniform",
  about: "every value uniform in [−1, 1)",
  parameters: {},
  generate: ({ rows, queries, dim, seed }) => {
    const random = new Random(streamOf(seed, "uniform"));
    return Float32Array.from({ length: (rows + queries) * dim }, () => 2 * random.uniform() - 1);
  },
};
