import { NearError } from "./core/errors.js";
import type { DenseRows, SetRows } from "./core/rows.js";
import type { Learn, Learned, LearnOptions } from "./engine/options.js";
import { KMeansHash } from "./hashes/k-means-hash.js";
import { learnSets } from "./learned-sets.js";
import type { CodedMetric } from "./numeric/grouped-codes.js";
import { learnHead } from "./numeric/learn-head.js";
import { learnTail } from "./numeric/learn-tail.js";
import { type MappedRows, mapSteps } from "./numeric/map-rows.js";
import type { PrincipalHead } from "./numeric/principal-head.js";
import { scaleOf } from "./numeric/sample-scale.js";
import { scaledRows } from "./numeric/scaled-rows.js";
import type { Steps } from "./numeric/steps.js";
import { ProductCodes } from "./sketches/product-codes.js";
import { RotatedCodes } from "./sketches/rotated-codes.js";

/** Rows that the head is learned from, how alike tails are, and the codes. */
const headRows = 2048;
const tailRows = 4096;
const codeRows = 2048;
/**
 * Rows of the sample for each list: of fewer, centroids are a matter of chance. With the most, lists are more alike and a query reads 5 % fewer codes for the same recall
 * (word2vec, 100 dimensions), which is worth it as long as the sample has no more than so many values; with 64, 9 % fewer, for a tenth more of the build.
 */
const fewestPerList = 36;
const mostPerList = 48;
const fewValues = 5_000_000;
/** Share of the variance that a head may leave out before signs of all dimensions tell more than its codes. */
const mostTail = 0.16;
/** Up to so many dimensions one bit each is too noisy, whatever the head leaves out. */
const fewDimensions = 192;

/** Lists for so many vectors: about twice the root, so that comparing centroids and reading lists cost alike. */
function listsFor(size: number): number {
  return Math.max(8, Math.min(65_536, Math.round(2 * Math.sqrt(size)), Math.floor(size / 24)));
}

/** Rows of the sample for so many lists of vectors of `dim` values. */
function rowsFor(lists: number, dim: number): number {
  return lists * Math.max(fewestPerList, Math.min(mostPerList, Math.floor(fewValues / (lists * dim))));
}

/** Learns what the default engine searches by: a partition in principal coordinates, and the codes that suit the vectors. */
function learnFrom(given: DenseRows, options: LearnOptions): Steps<Learned>;
function learnFrom(given: DenseRows | SetRows, options: LearnOptions): Steps<Learned | null>;
function learnFrom(given: DenseRows | SetRows, options: LearnOptions): Steps<Learned | null> {
  return given.kind === "set" ? learnSets(given, options) : learnDense(given, options);
}

function* learnDense(given: DenseRows, { metric, size }: LearnOptions): Steps<Learned> {
  if (metric !== "squaredEuclidean" && metric !== "cosine" && metric !== "dot") {
    throw new NearError("E_UNSUPPORTED", `codes estimate squared Euclidean distances, cosines and products, not ${String(metric)}`, {
      metric,
    });
  }
  const unit = metric === "cosine";
  const { scale, rows: sample } = unit ? { scale: 1, rows: given } : yield* scaleOf(given);
  const { head, energies } = yield* learnHead(yield* scaledRows(first(sample, headRows), unit, scale), unit, scale);
  const lists = Math.min(listsFor(size), sample.count);
  const hash = new KMeansHash({ name: "learned", lists, distance: unit ? "cosine" : "euclidean", head, seed: 1 });
  hash.open({ kind: "dense", dim: sample.dim });
  const fitted = rowsFor(lists, sample.dim);
  const mapped = yield* mapSteps(head, first(sample, Math.max(fitted, tailRows)));
  yield* hash.fitSteps(first(sample, fitted), first(mapped, fitted));
  yield;
  const anchors = yield* hash.anchorSteps();
  yield;
  const tail = 1 - energies.reduce((sum, energy) => sum + energy, 0);
  const sketch =
    sample.dim > fewDimensions && tail > mostTail
      ? yield* signCodes(metric, head, anchors)
      : yield* productCodes(metric, head, anchors, { sample, mapped }, hash);
  return { hash, sketch, lists };
}

function* signCodes(metric: CodedMetric, { dim, scale, parts }: PrincipalHead, anchors: DenseRows): Steps<RotatedCodes> {
  const origin = parts.origin.map((value) => value / scale);
  const sketch = new RotatedCodes({ metric, bits: 1, seed: 1, anchors, scale, origin });
  yield* sketch.openSteps({ kind: "dense", dim });
  return sketch;
}

function* productCodes(
  metric: CodedMetric,
  head: PrincipalHead,
  anchors: DenseRows,
  { sample, mapped }: { readonly sample: DenseRows; readonly mapped: MappedRows },
  hash: KMeansHash,
): Steps<ProductCodes> {
  const rows = first(sample, codeRows);
  const tail = metric === "dot" || head.size === head.dim ? null : yield* learnTail(head, first(sample, tailRows), first(mapped, tailRows));
  const sketch = new ProductCodes({ metric, width: 2, head, anchors, seed: 1, ...(tail === null ? {} : { tail }) });
  sketch.open({ kind: "dense", dim: rows.dim });
  yield* sketch.fitSteps({ rows, anchors: yield* hash.listSteps(rows, first(mapped, codeRows)) });
  return sketch;
}

/** The first rows of a sample, which is in no order. */
function first<R extends DenseRows>(sample: R, count: number): R {
  const some = Math.min(count, sample.count);
  return { ...sample, count: some, values: sample.values.subarray(0, some * sample.dim) };
}

/** What the default engine learns from a sample of its vectors. */
export const learn: Learn = Object.assign(learnFrom, {
  sampleFor: (size: number, dim: number) => Math.max(codeRows, rowsFor(listsFor(size), dim)),
});
