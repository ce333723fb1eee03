import { Estimate } from "../../core/codes.js";
import { Probes } from "../../core/columns.js";
import { asDense } from "../../core/convert.js";
import type { Random } from "../../core/random.js";
import { type Rows, slice } from "../../core/rows.js";
import { expectClose, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { codesOf, estimated, estimateOf, keysOf, normalRows, opened, type SketchSubject, trueRank } from "./subject.js";

/** What estimating promises. */
export const sketchEstimateLaws: readonly Law<SketchSubject>[] = [
  { name: "estimates are right on average: within 4 standard errors over many pairs", check: unbiased },
  { name: "at 1.9 deviations at most 6 % of the lower bounds exceed the true rank, and the deviations are not made up", check: bounds },
  { name: "the same holds for vectors of lengths over three decades", check: decades },
  { name: "a query equal to a stored vector is estimated within 4 deviations of its own rank", check: findsItself },
  {
    name: "a vector that is its anchor is estimated as exactly as the anchor",
    applies: ({ anchors }) => anchors !== undefined,
    check: anchorItself,
  },
  { name: "it estimates at every dimension", check: everyDimension },
  { name: "only the places of the probes of the hash asked for are written", check: ownProbes },
  { name: "a zero query, and a very short or long one, has estimates that are numbers", check: oddQueries },
];

/** Errors in deviations, for each of `queries` against all rows. */
function errors(subject: SketchSubject, rows: Rows, queries: Rows): number[][] {
  const sketch = opened(subject, rows.dim);
  const keys = keysOf(subject, rows);
  const codes = codesOf(subject, sketch, rows, keys);
  const [dense, denseQueries] = [asDense(rows), asDense(queries)];
  return Array.from({ length: queries.count }, (_, q) => {
    const estimate = estimateOf(subject, sketch, slice(queries, q, q + 1));
    return Array.from({ length: rows.count }, (_row, e) => {
      const { rank, deviation } = estimated(codes, estimate, e, keys.lo[e]);
      const truth = trueRank(sketch.metric, dense, e, denseQueries, q);
      // What rounding to float32 adds is no error of the code.
      return (rank - truth) / (deviation + 1e-5 * (1 + Math.abs(truth)));
    });
  });
}

function unbiased(subject: SketchSubject): void {
  // Errors of one row, or of one query, have much in common: each is used once.
  const count = 400;
  const [rows, queries] = [normalRows(subject, count, 11), normalRows(subject, count, 12)];
  const sketch = opened(subject);
  const keys = keysOf(subject, rows);
  const codes = codesOf(subject, sketch, rows, keys);
  const [dense, denseQueries] = [asDense(rows), asDense(queries)];
  const off = Array.from({ length: count }, (_, i) => {
    const estimate = estimateOf(subject, sketch, slice(queries, i, i + 1));
    return estimated(codes, estimate, i, keys.lo[i]).rank - trueRank(sketch.metric, dense, i, denseQueries, i);
  });
  const mean = off.reduce((sum, each) => sum + each, 0) / count;
  const variance = off.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  expectClose(mean, 0, 4 * Math.sqrt(variance / count), "mean error of estimates");
}

function bounds(subject: SketchSubject): void {
  checkRate(errors(subject, normalRows(subject, 100, 13), normalRows(subject, 60, 14)), "of vectors of about one length");
}

function decades(subject: SketchSubject): void {
  const scale = (random: Random) => 0.03 * 10 ** (3 * random.uniform());
  const rows = normalRows(subject, 100, 15, subject.dim, scale);
  checkRate(errors(subject, rows, normalRows(subject, 60, 16, subject.dim, scale)), "of vectors of many lengths");
}

function checkRate(off: readonly number[][], what: string): void {
  const all = off.flat();
  const rate = all.filter((each) => each > 1.9).length / all.length;
  const usual = Math.sqrt(all.reduce((sum, each) => sum + each * each, 0) / all.length);
  expectThat(rate <= 0.06, `share of lower bounds over the truth, ${what}`, rate, "at most 0.06");
  expectThat(usual > 0.2 && usual < 2, `root mean square error in deviations, ${what}`, usual, "between 0.2 and 2");
}

function findsItself(subject: SketchSubject): void {
  const rows = normalRows(subject, 40, 17);
  const off = errors(subject, rows, rows);
  for (let r = 0; r < rows.count; r++)
    expectThat(Math.abs(off[r][r]) <= 4, `error in deviations of vector ${r} against itself`, off[r][r], "at most 4");
}

function anchorItself(subject: SketchSubject): void {
  const anchors = subject.anchors?.(subject.dim);
  if (anchors === undefined) return;
  const sketch = opened(subject);
  const keys = keysOf(subject, anchors);
  const codes = codesOf(subject, sketch, anchors, keys);
  const queries = normalRows(subject, 5, 18);
  for (let q = 0; q < queries.count; q++) {
    const estimate = estimateOf(subject, sketch, slice(queries, q, q + 1));
    for (let a = 0; a < anchors.count; a++) {
      const truth = trueRank(sketch.metric, anchors, a, asDense(queries), q);
      expectClose(estimated(codes, estimate, a, a).rank, truth, 1e-2 * (1 + Math.abs(truth)), `rank of anchor ${a} for query ${q}`);
    }
  }
}

function everyDimension(subject: SketchSubject): void {
  for (const dim of subject.dims) {
    const off = errors(subject, normalRows(subject, 12, 19, dim), normalRows(subject, 4, 20, dim));
    const worst = off.flat().reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    // In few dimensions errors are not normally distributed; a wrong factor is off by far more.
    expectThat(worst < 12, `largest error in deviations at ${dim} dimensions`, worst, "under 12");
  }
}

function ownProbes(subject: SketchSubject): void {
  const sketch = opened(subject);
  const probes = new Probes();
  for (const hash of [3, 5, 3]) {
    probes.hash = hash;
    probes.add(0, 0, hash === 3 ? 0 : 0xffffffff, 0);
  }
  const out = new Estimate(sketch.groups);
  for (const column of [out.centres, out.spreads, out.orders]) column.fill(-77);
  sketch.estimate(normalRows(subject, 1, 21), probes, 3, out);
  for (const [name, column] of Object.entries({ centres: out.centres, spreads: out.spreads, orders: out.orders })) {
    expectThat(column[1] === -77, `${name} of a probe of another hash`, column[1], "what it was");
    expectThat(column[0] !== -77 && column[0] === column[2], `${name} of two equal probes`, column[2], column[0]);
  }
}

function oddQueries(subject: SketchSubject): void {
  const sketch = opened(subject);
  const rows = normalRows(subject, 6, 22);
  const keys = keysOf(subject, rows);
  const codes = codesOf(subject, sketch, rows, keys);
  for (const length of [0, 1e-30, 1e30]) {
    const estimate = estimateOf(
      subject,
      sketch,
      normalRows(subject, 1, 23, subject.dim, () => length),
    );
    for (let e = 0; e < rows.count; e++) {
      const { rank, deviation } = estimated(codes, estimate, e, keys.lo[e]);
      expectThat(Number.isFinite(rank) && Number.isFinite(deviation), `estimate for a query of scale ${length}`, rank, "finite numbers");
    }
  }
}
