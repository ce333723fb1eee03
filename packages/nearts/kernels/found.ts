// What a scan has found so far, in module variables while it runs: the few entries that pass are handled out of line, away from the loops' registers.

let plan: usize = 0;
let found: usize = 0;
let count: u32 = 0;
let held: u32 = 0;
/** The nearest-th smallest estimate so far. */
export let threshold: f32 = Infinity;
/** The smaller of that and the plan's `within`, and its slack. */
export let bound: f32 = Infinity;

/** Before the first entry of a scan. */
export function begin(planAt: usize, foundAt: usize): void {
  plan = planAt;
  found = foundAt;
  count = 0;
  held = 0;
  threshold = Infinity;
  bound = f32.load(planAt, 24) + f32.load(planAt, 76);
}

/** An entry whose lower bound passed: kept if its row is allowed and new. */
export function find(row: u32, lower: f32, estimate: f32): void {
  const allowed = <usize>load<u32>(plan, 44);
  if (allowed != 0) {
    if (row >= load<u32>(plan, 48)) return;
    if (((load<u32>(allowed + ((<usize>(row >> 5)) << 2)) >> (row & 31)) & 1) == 0) return;
  }
  const capacity = load<u32>(plan, 60);
  if (count == capacity) return;
  const stamps = <usize>load<u32>(plan, 52);
  if (stamps != 0) {
    const at = stamps + ((<usize>row) << 2);
    const stamp = load<u32>(plan, 56);
    if (load<u32>(at) == stamp) return;
    store<u32>(at, stamp);
  }
  const at = found + ((<usize>count) << 2);
  store<u32>(at, row);
  f32.store(at + ((<usize>capacity) << 2), lower);
  count++;
  hold(estimate);
}

/** Offers an estimate to the max-heap of the `nearest` smallest. */
function hold(estimate: f32): void {
  const nearest = load<u32>(plan, 20);
  const heap = <usize>load<u32>(plan, 40);
  if (held < nearest) {
    let at = held++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = f32.load(heap + ((<usize>parent) << 2));
      if (!(estimate > above)) break;
      f32.store(heap + ((<usize>at) << 2), above);
      at = parent;
    }
    f32.store(heap + ((<usize>at) << 2), estimate);
  } else {
    if (nearest == 0 || !(estimate < threshold)) return;
    let at: u32 = 0;
    while (true) {
      let child: u32 = 2 * at + 1;
      if (child >= nearest) break;
      let below = f32.load(heap + ((<usize>child) << 2));
      if (child + 1 < nearest) {
        const other = f32.load(heap + ((<usize>child) << 2), 4);
        if (other > below) {
          below = other;
          child++;
        }
      }
      if (!(below > estimate)) break;
      f32.store(heap + ((<usize>at) << 2), below);
      at = child;
    }
    f32.store(heap + ((<usize>at) << 2), estimate);
  }
  if (held == nearest) {
    threshold = f32.load(heap);
    bound = min(threshold, f32.load(plan, 24)) + f32.load(plan, 76);
  }
}

/** Drops what was found before the bound fell under it, keeping the order. */
export function compacted(): u32 {
  const limit = bound;
  const column = (<usize>load<u32>(plan, 60)) << 2;
  const end = found + ((<usize>count) << 2);
  let to = found;
  for (let from = found; from < end; from += 4) {
    const lower = f32.load(from + column);
    if (lower > limit) continue;
    store<u32>(to, load<u32>(from));
    f32.store(to + column, lower);
    to += 4;
  }
  return <u32>((to - found) >> 2);
}
