import { type Arena, padded } from "../kernels/contract.js";

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
  /** The centroids in 16 bits, and the length (f32) of the longest. */
  readonly narrowed: number;
  readonly longest: number;
  /** By row the number of the nearest centroid (u32), and ‖x − c‖² − ‖x‖² of it (f32). */
  readonly nearest: number;
  readonly gaps: number;
  /** Room for what is computed of a block: for each thread {@link scratchBytes}, behind everything else. */
  readonly scratch: number;
}

/** Such an arena as other threads see it. */
export interface SharedNearest {
  readonly kind: "nearest";
  readonly memory: WebAssembly.Memory;
  readonly at: NearestLayout;
}

/** Bytes of so many centroids in 16 bits. */
export function narrowedBytes(lists: number, stride: number): number {
  return lists * Math.ceil(stride / 8) * 16;
}

/** Bytes that a block takes in one thread. */
export function scratchBytes(lists: number, stride: number): number {
  return narrowedBytes(blockRows, stride) + (blockRows + padded(blockRows * lists)) * 4;
}

/** Writes centroids of `dim` values, row-major, where they are looked for. */
export function putCentroids(
  arena: Arena,
  at: Omit<NearestLayout, "count" | "nearest" | "gaps" | "scratch">,
  values: Float32Array,
  dim: number,
): void {
  const { lists, stride, squares, narrowed, longest } = at;
  const { f32 } = arena.views();
  let most = 0; // NaN once there is one
  for (let c = 0; c < lists; c++) {
    const centroid = values.subarray(c * dim, (c + 1) * dim);
    const to = (at.centroids >>> 2) + c * stride;
    f32.set(centroid, to);
    f32.fill(0, to + dim, to + stride);
    f32[(squares >>> 2) + c] = squaredLength(centroid);
    most = Math.max(most, f32[(squares >>> 2) + c]);
  }
  f32[longest >>> 2] = Math.sqrt(most);
  arena.kernels.narrowRows(at.centroids, lists, stride, f32[longest >>> 2], narrowed);
}

/** Finds the nearest centroid of the rows of a block, ties to the smaller number, in thread number `thread`. */
export function assignBlock(arena: Arena, at: NearestLayout, which: number, thread: number): void {
  const from = which * blockRows;
  const rows = Math.min(blockRows, at.count - from);
  nearestTo(arena, at, from, rows, thread);
  // Rows beyond what float32 holds are as near to one as to another.
  const first = at.nearest >>> 2;
  const numbers = arena.views().u32.subarray(first + from, first + from + rows);
  for (let r = 0; r < rows; r++) if (numbers[r] === at.lists) numbers[r] = 0;
}

/** Finds the nearest centroid of rows from … on, a block at most; of those beyond what float32 holds it is number `lists`. */
export function nearestTo(arena: Arena, at: NearestLayout, from: number, rows: number, thread: number): void {
  const { lists, stride, centroids, squares, narrowed, nearest, gaps } = at;
  const longest = arena.views().f32[at.longest >>> 2];
  const scratch = at.scratch + thread * scratchBytes(lists, stride);
  const [chosen, own] = [nearest + from * 4, gaps + from * 4];
  arena.kernels.nearestRows(from * stride * 4, rows, stride, centroids, squares, lists, narrowed, longest, scratch, chosen, own);
}

function squaredLength(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}
