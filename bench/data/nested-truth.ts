import { exactTruth } from "nearts-lab";
import type { Mixture } from "./mixture.js";
import { denseRows } from "./set.js";
import type { Truth } from "./truth.js";

/** Vectors searched at once: what is in memory beside the index that is measured. */
const slice = 50_000;

/** The truth for each of some rising sizes of one set, of which every smaller is a prefix: slices are searched exactly, and the nearest so far are kept. */
export async function nestedTruth(mixture: Mixture, queries: Float32Array, sizes: readonly number[], k: number): Promise<Truth[]> {
  const nearest = Array.from({ length: queries.length / mixture.dim }, () => [] as number[]);
  const asked = denseRows(queries, mixture.dim);
  const truths: Truth[] = [];
  let done = 0;
  for (const size of sizes) {
    for (; done < size; done = Math.min(size, done + slice)) {
      const part = {
        name: "slice",
        distance: "euclidean",
        base: mixture.rows(done, Math.min(size, done + slice)),
        queries: asked,
        hash: "",
      } as const;
      const found = await exactTruth(part, { k, cache: false });
      nearest.forEach((known, q) => {
        const both = [...known, ...found.distances.subarray(q * found.k, (q + 1) * found.k)];
        nearest[q] = both.sort((a, b) => a - b).slice(0, k);
      });
    }
    const most = Math.min(k, size);
    truths.push({ k: most, bounds: Float64Array.from(nearest, (distances) => distances[most - 1]) });
  }
  return truths;
}
