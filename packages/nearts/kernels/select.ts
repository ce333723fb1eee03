// The `limit` best (rank, row) pairs seen so far, as a binary max-heap of two columns: ranks f32 at `heap`, rows u32 at `heap + 4·limit`.
// Order: by rank, ties by row; so the answer does not depend on the order of the candidates.

// @ts-ignore: decorator
@inline
function worse(rank: f32, row: u32, otherRank: f32, otherRow: u32): bool {
  return rank > otherRank || (rank == otherRank && row > otherRow);
}

/** Offers `count` candidates (ranks f32, rows u32) of rank ≤ `within` to a heap that holds `held` of at most `limit`; returns how many it holds now. */
export function offer(ranks: usize, rows: usize, count: u32, heap: usize, held: u32, limit: u32, within: f32): u32 {
  const heapRows = heap + ((<usize>limit) << 2);
  let i: u32 = 0;
  for (; i < count && held < limit; i++) {
    const rank = f32.load(ranks + ((<usize>i) << 2));
    if (rank <= within) siftUp(heap, heapRows, held++, rank, load<u32>(rows + ((<usize>i) << 2)));
  }
  if (held < limit) return held;
  let worst = f32.load(heap);
  let worstRow = load<u32>(heapRows);
  for (; i < count; i++) {
    const rank = f32.load(ranks + ((<usize>i) << 2));
    if (!(rank <= worst) || !(rank <= within)) continue;
    const row = load<u32>(rows + ((<usize>i) << 2));
    if (rank == worst && row > worstRow) continue;
    siftDown(heap, heapRows, limit, rank, row);
    worst = f32.load(heap);
    worstRow = load<u32>(heapRows);
  }
  return held;
}

/** Sorts the `held` pairs of a heap in place, best first. */
export function drain(heap: usize, held: u32, limit: u32): void {
  const heapRows = heap + ((<usize>limit) << 2);
  for (let n = held; n > 1; n--) {
    const last = (<usize>(n - 1)) << 2;
    const rank = f32.load(heap + last);
    const row = load<u32>(heapRows + last);
    f32.store(heap + last, f32.load(heap));
    store<u32>(heapRows + last, load<u32>(heapRows));
    siftDown(heap, heapRows, n - 1, rank, row);
  }
}

function siftUp(heap: usize, heapRows: usize, start: u32, rank: f32, row: u32): void {
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const p = (<usize>parent) << 2;
    if (!worse(rank, row, f32.load(heap + p), load<u32>(heapRows + p))) break;
    const a = (<usize>at) << 2;
    f32.store(heap + a, f32.load(heap + p));
    store<u32>(heapRows + a, load<u32>(heapRows + p));
    at = parent;
  }
  f32.store(heap + ((<usize>at) << 2), rank);
  store<u32>(heapRows + ((<usize>at) << 2), row);
}

function siftDown(heap: usize, heapRows: usize, count: u32, rank: f32, row: u32): void {
  let at: u32 = 0;
  while (true) {
    let child: u32 = 2 * at + 1;
    if (child >= count) break;
    let c = (<usize>child) << 2;
    if (child + 1 < count && worse(f32.load(heap + c, 4), load<u32>(heapRows + c, 4), f32.load(heap + c), load<u32>(heapRows + c))) {
      child++;
      c += 4;
    }
    const childRank = f32.load(heap + c);
    const childRow = load<u32>(heapRows + c);
    if (!worse(childRank, childRow, rank, row)) break;
    const a = (<usize>at) << 2;
    f32.store(heap + a, childRank);
    store<u32>(heapRows + a, childRow);
    at = child;
  }
  f32.store(heap + ((<usize>at) << 2), rank);
  store<u32>(heapRows + ((<usize>at) << 2), row);
}
