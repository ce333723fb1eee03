// Ranks of sparse rows, in float64 (sums of few terms: there is nothing to gain from lanes, and a gather is scalar anyway).
// A row's record is its indices (u32) followed by its values (f32); starts[c] is the record's byte offset, lengths[c] its number of entries.
// The rank is a sum over the row's own entries of a term that vanishes where the row is 0, so it needs a constant of the query added:
// metric 0: −Σ q·x (nothing to add); 1: Σ (q−x)² − q² (add Σ q²); 2: Σ |q−x| − |q| (add Σ |q|).

// @ts-ignore: decorator
@inline
function term(metric: u32, q: f64, x: f64): f64 {
  if (metric == 0) return -q * x;
  const d = q - x;
  if (metric == 1) return d * d - q * q;
  return abs(d) - abs(q);
}

/** out[c] (f64) for a query spread out as a dense row at `q`. */
export function sparseRank(metric: u32, q: usize, starts: usize, lengths: usize, count: u32, out: usize): void {
  for (let c: u32 = 0; c < count; c++) {
    const n = <usize>load<u32>(lengths + ((<usize>c) << 2)) << 2;
    const indices = <usize>load<u32>(starts + ((<usize>c) << 2));
    const values = indices + n;
    let sum: f64 = 0;
    for (let e: usize = 0; e < n; e += 4) {
      sum += term(metric, <f64>f32.load(q + ((<usize>load<u32>(indices + e)) << 2)), <f64>f32.load(values + e));
    }
    f64.store(out + ((<usize>c) << 3), sum);
  }
}

/** out[c] (f64) for a sparse query of `qCount` entries (indices u32 at `qIndices`, values f32 at `qValues`): two sorted lists merged. */
export function mergeRank(metric: u32, qIndices: usize, qValues: usize, qCount: u32, starts: usize, lengths: usize, count: u32, out: usize): void {
  const qEnd = (<usize>qCount) << 2;
  for (let c: u32 = 0; c < count; c++) {
    const n = <usize>load<u32>(lengths + ((<usize>c) << 2)) << 2;
    const indices = <usize>load<u32>(starts + ((<usize>c) << 2));
    const values = indices + n;
    let sum: f64 = 0;
    let p: usize = 0;
    for (let e: usize = 0; e < n; e += 4) {
      const index = load<u32>(indices + e);
      while (p < qEnd && load<u32>(qIndices + p) < index) p += 4;
      const q: f64 = p < qEnd && load<u32>(qIndices + p) == index ? <f64>f32.load(qValues + p) : 0;
      sum += term(metric, q, <f64>f32.load(values + e));
    }
    f64.store(out + ((<usize>c) << 3), sum);
  }
}
