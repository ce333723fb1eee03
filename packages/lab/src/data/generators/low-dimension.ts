import { fromZero, type Generator, normals, wholeFrom } from "./generator.js";

/** Vectors near a random linear subspace: real ones, too, vary in far fewer directions than they have dimensions. */
export const lowDimension: Generator<"intrinsic" | "noise"> = {
  name: "low-dimension",
  about: "normal vectors of a random subspace, and noise in all dimensions",
  parameters: {
    intrinsic: wholeFrom(1, "dimension of the subspace", 8),
    noise: fromZero("standard deviation of the noise; values have about 1", 0.05),
  },
  generate: ({ rows, queries, dim, seed }, { intrinsic, noise }) => {
    const directions = normals(seed, "directions", intrinsic, dim);
    const places = normals(seed, "places", rows + queries, intrinsic);
    const values = normals(seed, "noise", rows + queries, dim);
    const scale = 1 / Math.sqrt(intrinsic);
    for (let row = 0; row < rows + queries; row++)
      for (let i = 0; i < dim; i++) {
        let sum = noise * values[row * dim + i];
        for (let d = 0; d < intrinsic; d++) sum += scale * places[row * intrinsic + d] * directions[d * dim + i];
        values[row * dim + i] = sum;
      }
    return values;
  },
};
