import type { EngineOptions } from "./engine/options.js";
import { NearestFilter } from "./filters/nearest.js";
import { UniqueFilter } from "./filters/unique.js";
import { RandomBinaryProjections } from "./hashes/random-binary-projections.js";

/** Options of NearPy's default engine: 10 random binary projections, cosine distance, each vector once, the nearest 10. Spread them: `new Engine({ ...classic(), dim: 100 })`. */
export function classic(): Omit<EngineOptions<"dense">, "dim"> {
  return {
    distance: "cosine",
    hashes: [new RandomBinaryProjections({ name: "default", projections: 10 })],
    filters: [new UniqueFilter(), new NearestFilter(10)],
  };
}
