import type { StoredShape } from "./row-layout.js";

/** Fewer dimensions than this lie in a cache line or two anyway; of more than these, sums of squares might leave 32 bits. */
const leastDim = 32;
const mostDim = 32_768;

/** Whether vectors of this shape are kept as bytes while all of them are whole numbers from 0 to 255: images and counts take a quarter of the memory then. */
export function packable({ kind, dim, precision = "f32" }: StoredShape): boolean {
  return kind === "dense" && precision === "f32" && dim >= leastDim && dim <= mostDim;
}
