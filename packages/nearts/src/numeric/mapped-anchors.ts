import type { DenseRows } from "../core/rows.js";
import type { CodeBooks } from "./code-books.js";
import type { VectorMap } from "./vector-map.js";

/** Rows mapped at once. */
const block = 64;

/** Anchors mapped, each in the places of the books, width·groups apart; without anchors one at the origin. What lies outside the span of the map counts for nothing. */
export function mappedAnchors(
  map: VectorMap,
  { places, groups, width }: Pick<CodeBooks, "places" | "groups" | "width">,
  anchors: DenseRows | undefined,
): Float32Array {
  const apart = groups * width;
  const out = new Float32Array((anchors?.count ?? 1) * apart);
  for (let from = 0; anchors !== undefined && from < anchors.count; from += block) {
    const to = Math.min(anchors.count, from + block);
    const mapped = map.map(anchors, from, to);
    for (let a = from; a < to; a++) {
      for (let i = 0; i < map.size; i++) out[a * apart + places[i]] = mapped[(a - from) * map.size + i];
    }
  }
  return out;
}
