import type { DenseRows } from "../core/rows.js";
import type { CodeBooks } from "./code-books.js";
import { runSteps, type Steps } from "./steps.js";
import type { VectorMap } from "./vector-map.js";

/** Rows mapped at once, as many as have so many values. */
const mostRows = 64;
const blockValues = 2 ** 16;

/** Anchors mapped, each in the places of the books, width·groups apart; without anchors one at the origin. What lies outside the span of the map counts for nothing. */
export function mappedAnchors(
  map: VectorMap,
  { places, groups, width }: Pick<CodeBooks, "places" | "groups" | "width">,
  anchors: DenseRows | undefined,
): Float32Array {
  return runSteps(mappedAnchorSteps(map, { places, groups, width }, anchors));
}

/** {@link mappedAnchors} in pieces of a few milliseconds. */
export function* mappedAnchorSteps(
  map: VectorMap,
  { places, groups, width }: Pick<CodeBooks, "places" | "groups" | "width">,
  anchors: DenseRows | undefined,
): Steps<Float32Array> {
  const apart = groups * width;
  const out = new Float32Array((anchors?.count ?? 1) * apart);
  const block = Math.max(4, Math.min(mostRows, Math.floor(blockValues / map.dim)));
  for (let from = 0; anchors !== undefined && from < anchors.count; from += block) {
    const to = Math.min(anchors.count, from + block);
    const mapped = map.map(anchors, from, to);
    for (let a = from; a < to; a++) {
      for (let i = 0; i < map.size; i++) out[a * apart + places[i]] = mapped[(a - from) * map.size + i];
    }
    yield;
  }
  return out;
}
