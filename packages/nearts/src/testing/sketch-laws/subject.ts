import { Codes, Estimate } from "../../core/codes.js";
import { Keys, Probes } from "../../core/columns.js";
import type { HashConfig, Metric, Sketch } from "../../core/contracts.js";
import { asDense } from "../../core/convert.js";
import { Random } from "../../core/random.js";
import { type DenseRows, gather, type Rows, rowAt, type SparseVector } from "../../core/rows.js";

/** A sketch under test, for vectors of one kind. */
export interface SketchSubject {
  readonly kind: "dense" | "sparse";
  readonly dim: number;
  readonly dims: readonly number[];
  readonly type: string;
  readonly create: (dim: number) => Sketch;
  readonly fromConfig: (config: HashConfig, dim: number) => Sketch;
  readonly anchors: ((dim: number) => DenseRows) | undefined;
}

/** A sketch of the subject, opened for its kind; a new one when not given. */
export function opened(subject: SketchSubject, dim: number = subject.dim, sketch: Sketch = subject.create(dim)): Sketch {
  sketch.open({ kind: subject.kind, dim });
  return sketch;
}

/** Vectors of about normally distributed components; of sparse ones some 24 are not 0. The same for the same seed. `scale` makes the length of each other. */
export function normalRows(
  subject: SketchSubject,
  count: number,
  seed: number,
  dim: number = subject.dim,
  scale: (random: Random) => number = () => 1,
): Rows {
  const random = new Random(seed);
  if (subject.kind === "dense") {
    return gather("dense", dim, count, () => {
      const length = scale(random);
      return Float32Array.from({ length: dim }, () => length * bell(random));
    });
  }
  const vectors = Array.from({ length: count }, (): SparseVector => {
    const indices = Uint32Array.from(new Set(Array.from({ length: Math.min(24, dim) }, () => random.below(dim)))).sort();
    const length = scale(random);
    return { dim, indices, values: Float32Array.from(indices, () => length * bell(random)) };
  });
  return gather("sparse", dim, count, (i) => vectors[i]);
}

/** Keys that put each row at its nearest anchor, or all at none. */
export function keysOf(subject: SketchSubject, rows: Rows): Keys {
  const anchors = subject.anchors?.(rows.dim);
  const dense = anchors === undefined ? undefined : asDense(rows);
  const keys = new Keys();
  for (let r = 0; r < rows.count; r++) {
    keys.add(r, 0, 0, anchors === undefined || dense === undefined ? 0 : nearestOf(anchors, rowAt<"dense">(dense, r)));
  }
  return keys;
}

/** The codes of rows at their nearest anchors, as new columns. */
export function codesOf(subject: SketchSubject, sketch: Sketch, rows: Rows, keys: Keys = keysOf(subject, rows)): Codes {
  const codes = new Codes(sketch.groups);
  sketch.encode(rows, keys, codes);
  return codes;
}

/** Codes as plain text, in their order. */
export function listCodes(codes: Codes): string[] {
  return Array.from({ length: codes.count }, (_, e) => {
    const bytes = codes.bytes.subarray(e * codes.bytesPerCode, (e + 1) * codes.bytesPerCode);
    return `${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")} ${codes.add[e]} ${codes.scale[e]} ${codes.error[e]}`;
  });
}

/** The estimate of one query for all anchors in order, or for the only bucket there is. */
export function estimateOf(subject: SketchSubject, sketch: Sketch, query: Rows): Estimate {
  const probes = new Probes();
  for (let a = 0; a < (subject.anchors?.(query.dim).count ?? 1); a++) probes.add(0, 0, a, 0);
  const out = new Estimate(sketch.groups);
  sketch.estimate(query, probes, 0, out);
  return out;
}

/** The rank of entry e as its code, the table and probe p say, and the standard deviation it is said to have. */
export function estimated(codes: Codes, estimate: Estimate, e: number, p: number): { readonly rank: number; readonly deviation: number } {
  let levels = 0;
  for (let g = 0; g < codes.groups; g++) {
    levels += estimate.table[g * 16 + ((codes.bytes[e * codes.bytesPerCode + (g >>> 1)] >>> ((g & 1) * 4)) & 15)];
  }
  const rank = codes.add[e] + codes.scale[e] * (estimate.step * levels + estimate.bias) + estimate.centres[p];
  return { rank, deviation: Math.hypot(codes.error[e] * estimate.spreads[p], estimate.rounding) };
}

/** The rank that is estimated, of dense rows. */
export function trueRank(metric: Metric, rows: DenseRows, r: number, queries: DenseRows, q: number): number {
  const x = rowAt<"dense">(rows, r);
  const y = rowAt<"dense">(queries, q);
  let [product, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    product += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  if (metric === "dot") return -product;
  if (metric === "squaredEuclidean") return xx + yy - 2 * product;
  const [a, b] = [1 / (Math.sqrt(xx) || 1), 1 / (Math.sqrt(yy) || 1)];
  return xx * a * a + yy * b * b - 2 * product * a * b;
}

function nearestOf({ count, dim, values }: DenseRows, x: Float32Array): number {
  let [best, smallest] = [0, Number.POSITIVE_INFINITY];
  for (let a = 0; a < count; a++) {
    let gap = 0;
    for (let i = 0; i < dim; i++) gap += (x[i] - values[a * dim + i]) ** 2;
    if (gap < smallest) [best, smallest] = [a, gap];
  }
  return best;
}

/** About standard normal: the sum of three uniforms (Irwin and Hall), stretched. */
function bell(random: Random): number {
  return 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
}
