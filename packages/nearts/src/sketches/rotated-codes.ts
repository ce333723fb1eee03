import type { Codes, Estimate } from "../core/codes.js";
import type { Keys, Probes } from "../core/columns.js";
import type { HashConfig, Shape, Sketch } from "../core/contracts.js";
import { asSparse } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import type { DenseRows, Rows } from "../core/rows.js";
import { fixedBooks } from "../numeric/code-books.js";
import { CodeEstimates } from "../numeric/code-estimates.js";
import { FeatureHashing } from "../numeric/feature-hashing.js";
import { type CodedMetric, GroupedCodes } from "../numeric/grouped-codes.js";
import { fromValues } from "../numeric/hash-config.js";
import { mappedAnchorSteps } from "../numeric/mapped-anchors.js";
import { Rotation, rotatedSize } from "../numeric/rotation.js";
import { codedMetricOf, denseSlice, SketchShape } from "../numeric/sketch-shape.js";
import { runSteps, type Steps } from "../numeric/steps.js";

/** What feature hashing adds to the variance, in units of ‖x‖²‖q‖²/1,024: (1 − cos²)², which is 1 for most and less for near ones. */
const hashingNoise = 1;

/** Options of {@link RotatedCodes}. */
export interface RotatedCodesOptions {
  /** The metric whose ranks are estimated; for "cosine" they are ‖x/‖x‖ − y/‖y‖‖². */
  readonly metric: CodedMetric;
  /** Bits kept of each dimension: 1 (the default) from some 200 dimensions on, 2 or 4 for fewer. */
  readonly bits?: 1 | 2 | 4;
  readonly seed?: number | string;
  /** Where the vectors of each bucket lie, as {@link Hash.anchors}; codes are then of the differences from them. Dense vectors only. */
  readonly anchors?: DenseRows | undefined;
  /** What is subtracted from every vector, best the mean of all; zero when not given. Dense vectors only. */
  readonly origin?: Float32Array | undefined;
  /** What vectors are multiplied by before anything else, best a power of two by which most get lengths about 1, so that float32 holds their squares; 1 when not given. Of no account for "cosine". */
  readonly scale?: number | undefined;
}

/**
 * A few bits of each value of a randomly rotated vector, with unbiased estimates and known errors; needs no training (RaBitQ, Gao & Long 2024; more than
 * one bit as in Gao et al. 2025, with the least mean square levels of the normal distribution instead of the best of a grid).
 * Sparse vectors of over 1,024 dimensions are hashed to these first.
 */
export class RotatedCodes implements Sketch {
  static readonly type = "RotatedCodes";
  readonly name: string;
  readonly metric: CodedMetric;
  readonly bits: 1 | 2 | 4;
  readonly #seed: number | string;
  readonly #anchors: DenseRows | undefined;
  readonly #origin: Float32Array | undefined;
  readonly #scale: number;
  readonly #shape: SketchShape;
  #features: FeatureHashing | undefined;
  #made: { readonly codes: GroupedCodes; readonly estimates: CodeEstimates } | undefined;

  /** E_BAD_OPTION for a bad value. Anchors and origin are copied. */
  constructor({ metric, bits = 1, seed = 0, anchors, origin, scale = 1 }: RotatedCodesOptions) {
    this.metric = codedMetricOf(metric);
    if (bits !== 1 && bits !== 2 && bits !== 4) {
      throw new NearError("E_BAD_OPTION", `bits is ${show(bits)}; give 1, 2 or 4`, { option: "bits", got: bits });
    }
    if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
      throw new NearError("E_BAD_OPTION", `scale is ${show(scale)}; give a number above 0`, { option: "scale", got: scale });
    }
    this.bits = bits;
    this.#scale = metric === "cosine" ? 1 : scale;
    this.name = `sign codes, ${bits} ${bits === 1 ? "bit" : "bits"}`;
    this.#seed = seed;
    this.#shape = new SketchShape(this.name, anchors === undefined && origin === undefined ? ["dense", "sparse"] : ["dense"]);
    if (anchors !== undefined) {
      this.#shape.bind(anchors.dim);
      this.#anchors = { ...anchors, values: anchors.values.slice(0, anchors.count * anchors.dim) };
    }
    if (origin !== undefined) {
      this.#shape.bind(origin.length);
      this.#origin = origin.slice();
    }
  }

  /** The sketch described by `config`; E_CONFIG where the version or a value is not understood. */
  static fromConfig(config: HashConfig): RotatedCodes {
    return fromValues(config, RotatedCodes.type, (values) => {
      const dim = values.dim();
      const count = values.has("anchorCount") ? values.number("anchorCount") : 0;
      const sketch = new RotatedCodes({
        metric: values.text("metric") as CodedMetric, // another text is refused as an option
        bits: values.number("bits") as 1 | 2 | 4, // likewise
        seed: values.seed(),
        anchors:
          dim === undefined || count === 0 ? undefined : { kind: "dense", dim, count, values: values.floats("anchors", count * dim) },
        origin: dim !== undefined && values.has("origin") ? values.floats("origin", dim) : undefined,
        scale: values.scale(),
      });
      if (values.text("name") !== sketch.name) {
        throw new NearError(
          "E_CONFIG",
          `configuration of ${sketch.name}: name is ${show(values.text("name"))}, expected ${show(sketch.name)}`,
        );
      }
      if (dim !== undefined) sketch.#shape.bind(dim);
      return sketch;
    });
  }

  /** E_CONFIG before `open`. */
  get groups(): number {
    return (rotatedSize(this.#mappedDim()) * this.bits) / 4;
  }

  get scale(): number {
    return this.#scale ** -2;
  }

  open(shape: Shape): void {
    if (!this.#shape.open(shape)) return;
    this.#made = undefined;
    this.#features = shape.kind === "sparse" ? new FeatureHashing(shape.dim, this.#seed) : undefined;
  }

  /** As `open`, and makes what codes and estimates need at once, in pieces of a few milliseconds, instead of when first needed. */
  *openSteps(shape: Shape): Steps<void> {
    this.open(shape);
    this.#made ??= yield* this.#make();
  }

  /** E_CONFIG for a bucket without an anchor where there are anchors. */
  encode(rows: Rows, keys: Keys, out: Codes): void {
    this.#shape.check(rows);
    const { codes } = this.#making();
    codes.encode((from, to) => this.#dense(rows, from, to), rows.count, keys, this.#anchors !== undefined, out);
  }

  estimate(query: Rows, probes: Probes, hash: number, out: Estimate): void {
    this.#shape.checkOne(query);
    const { estimates } = this.#making();
    estimates.fill(this.#dense(query, 0, 1), probes, hash, this.#anchors !== undefined, out);
  }

  config(): HashConfig {
    const { name, metric, bits } = this;
    const { dim } = this.#shape;
    return {
      type: RotatedCodes.type,
      version: 1,
      name,
      metric,
      bits,
      seed: this.#seed,
      ...(dim === undefined ? {} : { dim }),
      ...(this.#anchors === undefined ? {} : { anchorCount: this.#anchors.count, anchors: this.#anchors.values.slice() }),
      ...(this.#origin === undefined ? {} : { origin: this.#origin.slice() }),
      ...(this.#scale === 1 ? {} : { scale: this.#scale }),
    };
  }

  #mappedDim(): number {
    return this.#features?.dim ?? this.#shape.opened().dim;
  }

  #dense(rows: Rows, from: number, to: number): DenseRows {
    return this.#features === undefined ? denseSlice(rows, from, to) : this.#features.hashed(asSparse(rows), from, to);
  }

  #making() {
    this.#made ??= runSteps(this.#make());
    return this.#made;
  }

  *#make(): Steps<{ readonly codes: GroupedCodes; readonly estimates: CodeEstimates }> {
    const { metric } = this;
    const map = new Rotation({
      dim: this.#mappedDim(),
      seed: this.#seed,
      origin: this.#origin,
      unit: metric === "cosine",
      scale: this.#scale,
    });
    const books = fixedBooks(this.bits, map.size);
    const anchors = yield* mappedAnchorSteps(map, books, this.#anchors);
    const parts = { metric, map, books, anchors, noise: this.#features?.lossy === true ? hashingNoise : 0 };
    // A rotated error is in a random direction across the difference: one dimension less than there are.
    yield;
    const estimates = new CodeEstimates(parts, { dimensions: map.size - 1, scale: 1, radii: new Float32Array(0) });
    return { codes: new GroupedCodes(parts), estimates };
  }
}
