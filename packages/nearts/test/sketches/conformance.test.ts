import { test } from "vitest";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { kMeans } from "../../src/numeric/k-means.js";
import { learnHead } from "../../src/numeric/learn-head.js";
import { PrincipalHead } from "../../src/numeric/principal-head.js";
import { runSteps } from "../../src/numeric/steps.js";
import { ProductCodes } from "../../src/sketches/product-codes.js";
import { RotatedCodes } from "../../src/sketches/rotated-codes.js";
import { sketchSuite } from "../../src/testing/index.js";

const metrics = ["squaredEuclidean", "dot", "cosine"] as const;

const learned = [
  {
    law: "estimates are right on average: within 4 standard errors over many pairs",
    reason: "errors of learned codes have no random direction: they are orthogonal to the coded difference, and else as the data is",
  },
];

for (const metric of metrics) {
  for (const bits of [1, 2, 4] as const) {
    sketchSuite({
      test,
      title: `RotatedCodes, ${metric}, ${bits} bits`,
      type: "RotatedCodes",
      ...(metric === "squaredEuclidean" ? {} : { dims: [1, 65] }),
      create: () => new RotatedCodes({ metric, bits, seed: 5 }),
      fromConfig: (config) => RotatedCodes.fromConfig(config),
    });
  }
  sketchSuite({
    test,
    title: `RotatedCodes at anchors, ${metric}`,
    type: "RotatedCodes",
    dims: [1, 200],
    anchors: (dim) => anchorsOf(dim, metric === "cosine"),
    create: (dim) => new RotatedCodes({ metric, bits: 2, seed: 5, anchors: anchorsOf(dim, metric === "cosine") }),
    fromConfig: (config) => RotatedCodes.fromConfig(config),
  });
  sketchSuite({
    test,
    title: `RotatedCodes of hashed sparse vectors, ${metric}`,
    type: "RotatedCodes",
    kind: "sparse",
    dim: 2000,
    dims: [1, 1024, 1025],
    create: () => new RotatedCodes({ metric, bits: 1, seed: 5 }),
    fromConfig: (config) => RotatedCodes.fromConfig(config),
  });
  for (const width of [1, 2, 4] as const) {
    sketchSuite({
      test,
      title: `ProductCodes, ${metric}, ${width} values a group`,
      type: "ProductCodes",
      dim: 60,
      dims: [3, 40],
      skip: learned,
      anchors: (dim) => anchorsOf(dim, metric === "cosine"),
      create: (dim) => ProductCodes.fromConfig(trained(dim, metric, width), headOf(dim, metric === "cosine")),
      fromConfig: (config, dim) => ProductCodes.fromConfig(config, headOf(dim, metric === "cosine")),
    });
  }
}

const withoutTails = [
  "a vector that is its anchor is estimated as exactly as the anchor",
  "a query equal to a stored vector is estimated within 4 deviations of its own rank",
].map((law) => ({
  law,
  reason:
    "of what the head leaves out, here half of each vector, only a length is told, so that equal tails look like those of any near vectors",
}));

for (const metric of ["squaredEuclidean", "cosine"] as const) {
  const unit = metric === "cosine";
  sketchSuite({
    test,
    title: `ProductCodes with the length of the tail, ${metric}`,
    type: "ProductCodes",
    dim: 60,
    dims: [4, 40],
    skip: [...learned, ...withoutTails],
    anchors: (dim) => anchorsOf(dim, unit),
    create: (dim) => ProductCodes.fromConfig(trainedWithTail(dim, metric), halfHeadOf(dim, unit)),
    fromConfig: (config, dim) => ProductCodes.fromConfig(config, halfHeadOf(dim, unit)),
  });
}

/** Made once each: the suites ask for them in every law. */
const known = new Map<string, unknown>();

function once<T>(name: string, make: () => T): T {
  if (!known.has(name)) known.set(name, make());
  return known.get(name) as T; // what is kept under a name was made for it
}

/** Vectors as the laws use: of about normally distributed components, and some of many lengths. */
function sampleOf(dim: number, unit: boolean): DenseRows {
  return once(`sample ${dim} ${unit}`, () => {
    const random = new Random(7);
    const values = new Float32Array(1200 * dim);
    for (let r = 0; r < 1200; r++) {
      const length = r % 2 === 0 ? 1 : 0.03 * 10 ** (3 * random.uniform());
      for (let i = r * dim; i < (r + 1) * dim; i++) values[i] = 2 * length * (random.uniform() + random.uniform() + random.uniform() - 1.5);
      const norm = Math.sqrt(values.subarray(r * dim, (r + 1) * dim).reduce((sum, x) => sum + x * x, 0)) || 1;
      for (let i = r * dim; unit && i < (r + 1) * dim; i++) values[i] /= norm;
    }
    return { kind: "dense", dim, count: 1200, values };
  });
}

function anchorsOf(dim: number, unit: boolean): DenseRows {
  return once(`anchors ${dim} ${unit}`, () => {
    const values = kMeans(sampleOf(dim, unit), { lists: 5, spherical: unit, seed: 1 });
    return { kind: "dense", dim, count: 5, values };
  });
}

function headOf(dim: number, unit: boolean): PrincipalHead {
  return once(`head ${dim} ${unit}`, () => runSteps(learnHead(sampleOf(dim, unit), unit)).head);
}

/** The leading half of the directions. */
function halfHeadOf(dim: number, unit: boolean): PrincipalHead {
  return once(`half a head ${dim} ${unit}`, () => {
    const { parts } = headOf(dim, unit);
    return new PrincipalHead({ ...parts, directions: parts.directions.slice(0, Math.floor(dim / 2) * dim) });
  });
}

function trainedWithTail(dim: number, metric: "squaredEuclidean" | "cosine") {
  return once(`trained with a tail ${dim} ${metric}`, () => {
    const rows = sampleOf(dim, metric === "cosine");
    const anchors = anchorsOf(dim, metric === "cosine");
    const training = { rows, anchors: nearestAnchors(rows, anchors) };
    const tail = { mean: 0.5, likeness: 0.2 };
    return new ProductCodes({ metric, head: halfHeadOf(dim, metric === "cosine"), tail, anchors, training }).config();
  });
}

function trained(dim: number, metric: (typeof metrics)[number], width: 1 | 2 | 4) {
  return once(`trained ${dim} ${metric} ${width}`, () => {
    const unit = metric === "cosine";
    const rows = sampleOf(dim, unit);
    const anchors = anchorsOf(dim, unit);
    const training = { rows, anchors: nearestAnchors(rows, anchors) };
    return new ProductCodes({ metric, width, head: headOf(dim, unit), anchors, training }).config();
  });
}

function nearestAnchors({ count, dim, values }: DenseRows, anchors: DenseRows): Uint32Array {
  return Uint32Array.from({ length: count }, (_, r) => nearest(anchors, values.subarray(r * dim, (r + 1) * dim)));
}

function nearest({ count, dim, values }: DenseRows, x: Float32Array): number {
  const gaps = Array.from({ length: count }, (_, a) => x.reduce((sum, value, i) => sum + (value - values[a * dim + i]) ** 2, 0));
  return gaps.indexOf(Math.min(...gaps));
}
