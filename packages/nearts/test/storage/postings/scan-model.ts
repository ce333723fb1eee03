import type { Estimate } from "../../../src/core/codes.js";
import { Candidates, type Probes } from "../../../src/core/columns.js";
import type { Estimation, RowSet } from "../../../src/core/contracts.js";
import type { CodedPostings } from "../../../src/storage/postings/coded-postings.js";
import type { BucketModel, Code } from "./bucket-model.js";

const { fround } = Math;

/** What a scan by codes should give, evaluated entry by entry in plain TypeScript with every operation rounded to float32. */
export interface Expected {
  readonly rows: number[];
  readonly lower: number[];
  readonly raw: number;
  readonly trace: number[];
  /** Probes at which it stopped or which come after; 0 where it did not stop. */
  readonly untouched: number;
}

interface Found {
  readonly row: number;
  readonly lower: number;
}

/** Evaluates a scan over the buckets of `postings`, whose order of entries it takes, and the codes of `model`. Prefix probes are of one table. */
export function evaluate(
  postings: CodedPostings,
  model: BucketModel,
  groups: number,
  probes: Probes,
  hash: number,
  estimate: Estimate,
  { unique, estimation, allowed }: { unique: boolean; estimation: Estimation; allowed: RowSet | undefined },
): Expected {
  const { nearest, within, stop } = estimation;
  const smallest: number[] = [];
  const threshold = () => (nearest > 0 && smallest.length >= nearest ? smallest[nearest - 1] : Number.POSITIVE_INFINITY);
  const slack = fround(estimation.deviations * estimate.rounding);
  const bound = () => fround(Math.min(threshold(), fround(within)) + slack);
  const found: Found[] = [];
  const seen = new Set<number>();
  const trace: number[] = [];
  let [raw, untouched] = [0, 0];
  for (let p = 0; p < probes.count; p++) {
    if (probes.hashes[p] !== hash) {
      trace.push(Number.NaN);
      continue;
    }
    trace.push(threshold());
    const entries = entriesOf(postings, model, probes, p);
    if (entries.length === 0) continue;
    if (untouched === 0 && stop !== null && threshold() < Number.POSITIVE_INFINITY) {
      if (estimate.orders[p] > fround(fround(fround(stop.factor) * threshold()) + fround(stop.offset))) untouched = probes.count - p;
    }
    if (untouched > 0) continue;
    raw += entries.length;
    for (const { row, code } of entries) {
      const value = estimated(code, groups, estimate, p);
      const width = fround(fround(estimation.deviations) * estimate.spreads[p]);
      const lower = fround(value - fround(width * code.error));
      if (!(lower <= bound())) continue;
      if (allowed !== undefined && !isIn(allowed, row)) continue;
      if (unique && seen.has(row)) continue;
      seen.add(row);
      found.push({ row, lower });
      smallest.push(value);
      smallest.sort((a, b) => a - b);
    }
  }
  const kept = found.filter(({ lower }) => lower <= bound());
  const { scale, offset } = estimation.toRank;
  return {
    rows: kept.map(({ row }) => row),
    lower: kept.map(({ lower }) => fround(scale * (lower - slack) + offset)),
    raw,
    trace,
    untouched,
  };
}

export function isIn({ words }: RowSet, row: number): boolean {
  return row >>> 5 < words.length && ((words[row >>> 5] >>> (row & 31)) & 1) === 1;
}

function entriesOf(postings: CodedPostings, model: BucketModel, probes: Probes, p: number): { row: number; code: Code }[] {
  const out = new Candidates();
  postings.scan(probes, p, out, null, 0);
  const table = probes.tables[p];
  const bits = probes.prefixBits[p];
  const buckets =
    bits >= 64
      ? [model.bucket(table, probes.hi[p], probes.lo[p])]
      : model.filled(table).filter(({ hi }) => (hi ^ probes.hi[p]) >>> (32 - bits) === 0 || bits === 0);
  // A row that is in several of the buckets comes once for each, in the order of their keys.
  const queues = new Map<number, Code[]>();
  buckets.sort((a, b) => a.hi - b.hi || a.lo - b.lo);
  for (const { rows } of buckets) for (const [row, code] of rows) queues.set(row, [...(queues.get(row) ?? []), code]);
  return Array.from(out.rows.subarray(0, out.count), (row) => {
    const code = queues.get(row)?.shift();
    if (code === undefined) throw new Error(`row ${row} is in a bucket where the model has none`);
    return { row, code };
  });
}

function estimated(code: Code, groups: number, estimate: Estimate, p: number): number {
  let sum = 0;
  for (let g = 0; g < groups; g++) sum += estimate.table[16 * g + ((code.bytes[g >>> 1] >>> ((g & 1) * 4)) & 15)];
  const u = fround(fround(fround(estimate.step) * sum) + fround(estimate.bias));
  return fround(fround(code.add + fround(code.scale * u)) + estimate.centres[p]);
}
