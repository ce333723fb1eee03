import { Random } from "nearts";
import { fromZero, type Generator, normals, streamOf, wholeFrom } from "./generator.js";

/** Gaussian clusters of about equal size: normal centres, and normal differences from them. */
export const clusters: Generator<"clusters" | "deviation"> = {
  name: "clusters",
  about: "Gaussian clusters of about equal size around normal centres",
  parameters: {
    clusters: wholeFrom(1, "centres", 100),
    deviation: fromZero("standard deviation of vectors from their centre; centres have 1", 0.3),
  },
  generate: ({ rows, queries, dim, seed }, { clusters, deviation }) => {
    const centres = normals(seed, "centres", clusters, dim);
    const values = normals(seed, "differences", rows + queries, dim);
    const random = new Random(streamOf(seed, "memberships"));
    for (let row = 0; row < rows + queries; row++) {
      const centre = random.below(clusters) * dim;
      for (let i = 0; i < dim; i++) values[row * dim + i] = centres[centre + i] + deviation * values[row * dim + i];
    }
    return values;
  },
};
