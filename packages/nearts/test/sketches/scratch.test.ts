import { test } from "vitest";
import { Codes, Estimate } from "../../src/core/codes.js";
import { Keys, Probes } from "../../src/core/columns.js";
import { rowAt, slice, type DenseRows } from "../../src/core/rows.js";
import { RotatedCodes } from "../../src/sketches/rotated-codes.js";
import { ProductCodes } from "../../src/sketches/product-codes.js";
import { kMeans } from "../../src/numeric/k-means.js";
import { readAll } from "../../src/readers/index.js";
import { join } from "node:path";
import { learnHead } from "../../src/numeric/learn-head.js";
import * as LH from "../../src/numeric/learn-head.js";

function est(c: Codes, e: Estimate, i: number, p = 0) {
  let l = 0;
  for (let g = 0; g < c.groups; g++) l += e.table[g * 16 + ((c.bytes[i * c.bytesPerCode + (g >>> 1)] >>> ((g & 1) * 4)) & 15)];
  return c.add[i] + c.scale[i] * (e.step * l + e.bias) + e.centres[p];
}
test("measure", { timeout: 300000 }, async () => {
  console.log(Object.keys(LH));
  const D = process.env.NEARTS_DATA as string;
  const { rows } = await readAll(join(D, process.env.SET === "w" ? "word2vec-classics-100/base.fvecs.gz" : "fashion-mnist-784/train-images-idx3-ubyte.gz"));
  const { rows: queries } = await readAll(join(D, process.env.SET === "w" ? "word2vec-classics-100/query.fvecs.gz" : "fashion-mnist-784/t10k-images-idx3-ubyte.gz"));
  const base = rows as DenseRows;
  const lists = 64;
  const metrics = ["squaredEuclidean", "cosine", "dot"] as const;
  for (const metric of metrics) {
    let sample = slice<"dense">(base, 0, 4000);
    const unit = metric === "cosine";
    const norm = (v: Float32Array) => { let s = 0; for (const x of v) s += x * x; return Math.sqrt(s) || 1; };
    if (unit) { const values = sample.values.slice(); for (let r = 0; r < sample.count; r++) { const n = norm(rowAt<"dense">(sample, r)); for (let i = 0; i < sample.dim; i++) values[r * sample.dim + i] /= n; } sample = { ...sample, values }; }
    const centroids = kMeans(sample, { lists, spherical: unit, seed: 1 });
    const anchors: DenseRows = { kind: "dense", dim: base.dim, count: lists, values: centroids };
    const assign = (rows: DenseRows) => Uint32Array.from({ length: rows.count }, (_, r) => { const x = rowAt<"dense">(rows, r); const n = unit ? norm(x) : 1; let b = 0, s = Infinity; for (let c = 0; c < lists; c++) { let d = 0; for (let i = 0; i < rows.dim; i++) d += (x[i] / n - centroids[c * rows.dim + i]) ** 2; if (d < s) { s = d; b = c; } } return b; });
    const N = 3000, Q = 100;
    const some = slice<"dense">(base, 5000, 5000 + N);
    const home = assign(some);
    const qs = slice<"dense">(queries as DenseRows, 0, Q);
    const qhome = assign(qs);
    const train = slice<"dense">(base, 8000, 8000 + 8192);
    const mean = new Float32Array(base.dim); for (let r = 0; r < 4000; r++) for (let i = 0; i < base.dim; i++) mean[i] += sample.values[r * base.dim + i] / 4000;
    const trainAnchors = assign(train);
    const subjects: [string, any][] = [];
    for (const bits of [1, 2, 4] as const) subjects.push([`rotated ${bits}`, new RotatedCodes({ metric, bits, seed: 3, anchors })], [`rotated ${bits} no anchors`, new RotatedCodes({ metric, bits, seed: 3, origin: mean })]);
    const { runSteps } = await import("../../src/numeric/steps.js");
    const head = runSteps(LH.learnHead(sample, unit) as any) as any;
    const h = head.head ?? head;
    for (const width of [1, 2, 4] as const) {
      const t = performance.now();
      const s = new ProductCodes({ metric, width, head: h, anchors, training: { rows: train, anchors: trainAnchors } });
      console.log("train", width, h.size, Math.round(performance.now() - t), "ms", JSON.stringify({ ...(s.config() as any), entries: 0, anchors: 0, radii: 0 }));
      subjects.push([`product ${width} (${h.size})`, s]);
    }
    for (const [name, sketch] of subjects) {
      sketch.open({ kind: "dense", dim: base.dim });
      const keys = new Keys();
      for (let r = 0; r < N; r++) keys.add(r, 0, 0, home[r]);
      const codes = new Codes(sketch.groups);
      sketch.encode(some, keys, codes); codes.clear();
      const t0 = performance.now();
      sketch.encode(some, keys, codes);
      const per = (performance.now() - t0) / N;
      const out = new Estimate(sketch.groups);
      const probes = new Probes();
      for (let a = 0; a < lists; a++) probes.add(0, 0, a, 0);
      const stats = (near: boolean) => {
        let n = 0, over = 0, sum = 0, sq = 0, rel=0;
        for (let q = 0; q < Q; q++) {
          sketch.estimate(slice<"dense">(qs, q, q + 1), probes, 0, out);
          const x = rowAt<"dense">(qs, q); const nx = unit ? norm(x) : 1;
          const all: [number, number, number][] = [];
          for (let r = 0; r < N; r++) {
            if (!near && r % 10) continue;
            const y = rowAt<"dense">(some, r); const ny = unit ? norm(y) : 1;
            let t = 0;
            if (metric === "dot") for (let i = 0; i < x.length; i++) t -= x[i] * y[i];
            else for (let i = 0; i < x.length; i++) t += (x[i] / nx - y[i] / ny) ** 2;
            all.push([t, r, 0]);
          }
          if (near) all.sort((a, b) => a[0] - b[0]);
          for (const [t, r] of near ? all.slice(0, 10) : all) {
            const e = est(codes, out, r, home[r]);
            const sd = Math.hypot(codes.error[r] * out.spreads[home[r]], out.rounding);
            const z = (e - t) / sd;
            n++; if (e - 1.9 * sd > t) over++; sum += z; sq += z * z; rel += Math.abs(e-t)/Math.abs(t);
          }
        }
        return `${near ? "near" : "all"} over ${(100 * over / n).toFixed(2)}% mean z ${(sum / n).toFixed(3)} var ${(sq / n).toFixed(3)} rel ${(100*rel/n).toFixed(2)}%`;
      };
      const one = slice<"dense">(qs, 0, 1);
      const t1 = performance.now();
      for (let i = 0; i < 500; i++) sketch.estimate({ ...one }, probes, 0, out);
      const us = (performance.now() - t1) * 2;
      console.log(metric, name, "groups", sketch.groups, `encode ${(per * 1000).toFixed(1)} µs`, `estimate ${us.toFixed(1)} µs`, stats(false), "|", stats(true));
    }
  }
});
