import { asDense } from "./core/convert.js";
import { NearError, show } from "./core/errors.js";
import { headConfig } from "./numeric/head-config.js";
import { learnHead, mostDirections } from "./numeric/learn-head.js";
import { learnTail } from "./numeric/learn-tail.js";
import { PrincipalHead } from "./numeric/principal-head.js";
import { scaleOf } from "./numeric/sample-scale.js";
import { scaledRows } from "./numeric/scaled-rows.js";
import { runSteps } from "./numeric/steps.js";
import { sampleOf, type Training } from "./numeric/training.js";
import { ProductCodes } from "./sketches/product-codes.js";

/** Options of {@link productCodes}. */
export interface ProductCodesOfOptions {
  /** The distance of the engine. */
  readonly distance: "cosine" | "euclidean" | "inner-product";
  /** Vectors like those to be stored: some 4,096 are enough. */
  readonly training: Training;
  /** Principal directions that the codes are of, 1 to 160 and no more than there are dimensions: 96 when not given. */
  readonly directions?: number;
  /** Directions that share 4 bits: 1, 2 (when not given) or 4. */
  readonly width?: 1 | 2 | 4;
}

const metrics = { cosine: "cosine", euclidean: "squaredEuclidean", "inner-product": "dot" } as const;

/**
 * Codes learned from a sample, for the buckets of any hash of dense vectors: the option `codes` of an engine. Where vectors differ along few directions they say
 * more in fewer bytes than signs of all dimensions do, and the fewer bytes, the sooner buckets are read. E_BAD_OPTION for a bad value, E_BAD_VECTOR or
 * E_BAD_SPARSE for a bad vector.
 */
export function productCodes({ distance, training, directions = 96, width = 2 }: ProductCodesOfOptions): ProductCodes {
  if (!Object.hasOwn(metrics, distance)) {
    throw new NearError("E_BAD_OPTION", `distance is ${show(distance)}; give cosine, euclidean or inner-product`, { distance });
  }
  const given = asDense(sampleOf(training));
  const most = Math.min(mostDirections, given.dim);
  if (!(Number.isInteger(directions) && directions >= 1 && directions <= mostDirections)) {
    throw new NearError("E_BAD_OPTION", `directions is ${show(directions)}; give an integer from 1 to ${mostDirections}`, { directions });
  }
  const unit = distance === "cosine";
  const { scale, rows } = unit ? { scale: 1, rows: given } : runSteps(scaleOf(given));
  const learned = runSteps(learnHead(runSteps(scaledRows(rows, unit, scale)), unit, scale, directions)).head;
  const head = firstOf(learned, Math.min(directions, most));
  const tail = distance === "inner-product" || head.size + 1 >= head.dim ? null : runSteps(learnTail(head, rows));
  const tailed = tail === null ? {} : { tail };
  return new ProductCodes({ metric: metrics[distance], width, head, headConfig: headConfig(head), training: { rows }, seed: 1, ...tailed });
}

/** A head of the first directions of another. */
function firstOf({ parts, dim }: PrincipalHead, directions: number): PrincipalHead {
  return new PrincipalHead({ ...parts, directions: parts.directions.slice(0, directions * dim) });
}
