import { Random } from "nearts";
import { type Generator, normals, streamOf, wholeFrom } from "./generator.js";

/**
 * Normal vectors, among them for each query some that were put near it, at evenly spaced distances: what has to be found is known beforehand
 * (the (r, c) model of the theory of LSH: Indyk and Motwani 1998).
 */
export const planted: Generator<"neighbours" | "closeness"> = {
  name: "planted",
  about: "normal vectors, among them some that were put near each query",
  parameters: {
    neighbours: wholeFrom(1, "vectors near each query (as far as there are rows)", 10),
    closeness: {
      about: "distance of the farthest of them, as a share of that between two vectors at random",
      fallback: 0.5,
      accepts: (value) => value > 0 && value <= 1,
      expected: "a number over 0 and up to 1",
    },
  },
  generate: ({ rows, queries, dim, seed }, { neighbours, closeness }) => {
    const values = normals(seed, "vectors", rows + queries, dim);
    const each = Math.min(neighbours, Math.floor(rows / Math.max(1, queries)));
    const places = new Random(streamOf(seed, "places")).choose(rows, each * queries);
    const farthest = closeness * Math.sqrt(2 * dim);
    for (let q = 0; q < queries; q++)
      for (let n = 0; n < each; n++) {
        const row = values.subarray(places[q * each + n] * dim, (places[q * each + n] + 1) * dim);
        put(row, values.subarray((rows + q) * dim, (rows + q + 1) * dim), (farthest * (n + 1)) / each);
      }
    return values;
  },
};

/** Moves a vector so far from another in the direction it has of its own. */
function put(row: Float32Array, from: Float32Array, distance: number): void {
  let square = 0;
  for (const value of row) square += value * value;
  const scale = square === 0 ? 0 : distance / Math.sqrt(square);
  for (let i = 0; i < row.length; i++) row[i] = from[i] + scale * row[i];
}
