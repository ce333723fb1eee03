import { Random } from "nearts";
import { fromZero, type Generator, normals, streamOf, wholeFrom } from "./generator.js";

/** Clusters of very unlike size, as in what people write and click: the c-th has a share ∝ 1/cᵉ (Zipf), so that few buckets hold most rows. */
export const skewed: Generator<"clusters" | "deviation" | "exponent"> = {
  name: "skewed",
  about: "Gaussian clusters whose sizes follow Zipf's law",
  parameters: {
    clusters: wholeFrom(1, "centres", 100),
    deviation: fromZero("standard deviation of vectors from their centre; centres have 1", 0.3),
    exponent: {
      about: "e in the share 1/cᵉ of cluster c",
      fallback: 1,
      // Powers by multiplication and √, which have the same bits on every runtime as Math.pow has not.
      accepts: (value) => Number.isInteger(2 * value) && value >= 0 && value <= 8,
      expected: "a multiple of 0.5 from 0 to 8",
    },
  },
  generate: ({ rows, queries, dim, seed }, { clusters, deviation, exponent }) => {
    const centres = normals(seed, "centres", clusters, dim);
    const values = normals(seed, "differences", rows + queries, dim);
    const random = new Random(streamOf(seed, "memberships"));
    const upTo = cumulativeShares(clusters, exponent);
    for (let row = 0; row < rows + queries; row++) {
      const centre = placeOf(upTo, random.uniform() * upTo[clusters - 1]) * dim;
      for (let i = 0; i < dim; i++) values[row * dim + i] = centres[centre + i] + deviation * values[row * dim + i];
    }
    return values;
  },
};

/** Σ 1/cᵉ over the clusters up to each. */
function cumulativeShares(clusters: number, exponent: number): Float64Array {
  const upTo = new Float64Array(clusters);
  let sum = 0;
  for (let c = 1; c <= clusters; c++) {
    let power = exponent % 1 === 0 ? 1 : Math.sqrt(c);
    for (let i = 0; i < Math.floor(exponent); i++) power *= c;
    sum += 1 / power;
    upTo[c - 1] = sum;
  }
  return upTo;
}

/** The first place whose sum is over `value`. */
function placeOf(upTo: Float64Array, value: number): number {
  let [low, high] = [0, upTo.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (upTo[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
