import type { ConfigValue } from "../core/contracts.js";
import { type Rows, slice } from "../core/rows.js";
import { PCABinaryProjections } from "../hashes/pca-binary-projections.js";
import { dotProduct, type RealVector } from "../numeric/sums.js";
import { type Cells, farPairsOf, meetingOf, nearPairsOf, positive, rootMeanSquare } from "./hash-bins.js";
import type { HashSample } from "./hash-sample.js";

/** The principal components of a sample, analysed once for all hashes that are tried. */
export interface Components {
  /** The part of a hash's configuration that says its leading `projections` components. */
  first(projections: number): Readonly<Record<string, ConfigValue>>;
  /** How vectors lie in bins along each component. */
  cells(): Cells;
}

/** Rows that components are learned from: enough for the leading ones, and seconds less than all. */
const mostAnalysed = 4096;
/** Components whose differences tell how wide bins should be. */
const leading = 8;

/** Analyses a sample for `count` components. Errors as PCABinaryProjections.fit. */
export function fittedComponents(sample: HashSample & { readonly rows: Rows<"dense" | "sparse"> }, count: number): Components {
  const { rows, shape } = sample;
  const { dim } = shape;
  const training = slice<"dense" | "sparse">(rows, 0, Math.min(rows.count, mostAnalysed));
  const config = new PCABinaryProjections({ name: "components", projections: count, training }).config();
  const components = config["components"] as Float32Array; // both written by config() once it is fitted
  const offsets = config["offsets"] as Float32Array;
  /** Differences of two vectors along each component. */
  const along = (x: RealVector, y: RealVector) =>
    Float64Array.from({ length: count }, (_, c) => {
      const component = components.subarray(c * dim, (c + 1) * dim);
      return dotProduct(component, x) - dotProduct(component, y);
    });
  return {
    first: (projections) => ({
      dim,
      projections,
      components: components.slice(0, projections * dim),
      offsets: offsets.slice(0, projections),
    }),
    cells: () => {
      const far = turned(farPairsOf(sample, along), count);
      const near = turned(nearPairsOf(sample, along), count);
      const least = Math.min(leading, count);
      const common = (columns: readonly Float64Array[]) => rootMeanSquare(columns.slice(0, least).map(rootMeanSquare));
      return { slots: count, near: positive(common(near), common(far)), meeting: (slot, binWidth) => meetingOf(far[slot], binWidth) };
    },
  };
}

/** Columns of some rows. */
function turned(rows: readonly Float64Array[], columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, c) => Float64Array.from(rows, (row) => row[c]));
}
