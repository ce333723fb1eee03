import { test } from "vitest";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { kMeans } from "../../src/numeric/k-means.js";
import { learnHead } from "../../src/numeric/learn-head.js";
import { runSteps } from "../../src/numeric/steps.js";
import type { VectorMap } from "../../src/numeric/vector-map.js";
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

function headOf(dim: number, unit: boolean): VectorMap {
  return once(`head ${dim} ${unit}`, () => runSteps(learnHead(sampleOf(dim, unit), unit)).head);
}

function trained(dim: number, metric: (typeof metrics)[number], width: 1 | 2 | 4) {
  return once(`trained ${dim} ${metric} ${width}`, () => {
    const unit = metric === "cosine";
    const rows = sampleOf(dim, unit);
    const anchors = anchorsOf(dim, unit);
    const numbers = Uint32Array.from({ length: rows.count }, (_, r) => nearest(anchors, rows.values.subarray(r * dim, (r + 1) * dim)));
    return new ProductCodes({ metric, width, head: headOf(dim, unit), anchors, training: { rows, anchors: numbers } }).config();
  });
}

function nearest({ count, dim, values }: DenseRows, x: Float32Array): number {
  const gaps = Array.from({ length: count }, (_, a) => x.reduce((sum, value, i) => sum + (value - values[a * dim + i]) ** 2, 0));
  return gaps.indexOf(Math.min(...gaps));
}
