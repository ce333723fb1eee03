import type { Arena } from "../kernels/contract.js";

/** Rows compared with all centroids by one kernel call. */
export const blockRows = 64;

/** Where in an arena rows lie, centroids, and what is found of each row: byte offsets. Rows and centroids are `stride` values apart. */
export interface NearestLayout {
  readonly count: number;
  readonly lists: number;
  readonly stride: number;
  readonly centroids: number;
  /** Squared lengths of the centroids. */
  readonly squares: number;
  /** By row the number of the nearest centroid (u32), and ‖x − c‖² − ‖x‖² of it (f32). */
  readonly nearest: number;
  readonly gaps: number;
  /** Products of a block with all centroids: room for each thread, behind everything else. */
  readonly products: number;
}

/** Such an arena as other threads see it. */
export interface SharedNearest {
  readonly memory: WebAssembly.Memory;
  readonly at: NearestLayout;
}

/** Finds the nearest centroid of the rows of a block, ties to the smaller number, in thread number `thread`. */
export function assignBlock(arena: Arena, at: NearestLayout, which: number, thread: number): void {
  const { count, lists, stride } = at;
  const from = which * blockRows;
  const rows = Math.min(blockRows, count - from);
  const products = at.products + thread * blockRows * lists * 4;
  arena.kernels.project(from * stride * 4, rows, at.centroids, lists, stride, products);
  arena.kernels.nearest(products, rows, at.squares, lists, at.nearest + from * 4, at.gaps + from * 4);
  // Rows beyond what float32 holds are as near to one as to another.
  const first = at.nearest >>> 2;
  const numbers = arena.views().u32.subarray(first + from, first + from + rows);
  for (let r = 0; r < rows; r++) if (numbers[r] === lists) numbers[r] = 0;
}
