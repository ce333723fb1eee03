import type { Candidates } from "../core/columns.js";

/** Keeps the `limit` candidates of smallest distance ≤ `within`, smallest first, ties by row. NaN is never kept. */
export function keepNearest(candidates: Candidates, limit: number, within: number = Number.POSITIVE_INFINITY): void {
  if (candidates.count <= few) return keepNearestOfFew(candidates, limit, within);
  const heap = new Uint32Array(Math.min(limit, candidates.count));
  let held = 0;
  for (let i = 0; i < candidates.count; i++) {
    if (!(candidates.distances[i] <= within)) continue;
    if (held < heap.length) {
      heap[held++] = i;
      siftUp(candidates, heap, held - 1);
    } else if (held > 0 && worse(candidates, heap[0], i)) {
      heap[0] = i;
      siftDown(candidates, heap, held);
    }
  }
  candidates.select(
    heap.subarray(0, held).sort((a, b) => (worse(candidates, a, b) ? 1 : -1)),
    held,
  );
}

/** Up to so many candidates are sorted in place. */
const few = 32;

/** By insertion: what a query comes to in the end are a few candidates that are sorted by rank already. */
function keepNearestOfFew(candidates: Candidates, limit: number, within: number): void {
  const { rows, distances, count } = candidates;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const [row, distance] = [rows[i], distances[i]];
    if (!(distance <= within)) continue;
    let at = kept++;
    for (; at > 0 && (distances[at - 1] > distance || (distances[at - 1] === distance && rows[at - 1] > row)); at--) {
      rows[at] = rows[at - 1];
      distances[at] = distances[at - 1];
    }
    rows[at] = row;
    distances[at] = distance;
  }
  candidates.count = Math.min(kept, limit);
  candidates.bounded = false;
}

/** The k-th smallest (from 1) of the first `count` values, or the largest where there are fewer. O(count + k log k) when they come in no particular order. */
export function kthSmallest(values: Float32Array, count: number, k: number): number {
  const heap = values.slice(0, Math.min(k, count)).sort().reverse();
  for (let i = heap.length; i < count; i++) {
    if (!(values[i] < heap[0])) continue;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1] > heap[child]) child++;
      if (!(heap[child] > values[i])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = values[i];
  }
  return heap.length === 0 ? Number.NEGATIVE_INFINITY : heap[0];
}

/** Whether candidate `a` comes after candidate `b`. */
function worse(candidates: Candidates, a: number, b: number): boolean {
  const { distances, rows } = candidates;
  return distances[a] > distances[b] || (distances[a] === distances[b] && (rows[a] > rows[b] || (rows[a] === rows[b] && a > b)));
}

function siftUp(candidates: Candidates, heap: Uint32Array, start: number): void {
  const moving = heap[start];
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!worse(candidates, moving, heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = moving;
}

function siftDown(candidates: Candidates, heap: Uint32Array, count: number): void {
  const moving = heap[0];
  let at = 0;
  for (let child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && worse(candidates, heap[child + 1], heap[child])) child++;
    if (!worse(candidates, heap[child], moving)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}
