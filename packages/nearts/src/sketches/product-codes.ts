import type { Codes, Estimate } from "../core/codes.js";
import type { Keys, Probes } from "../core/columns.js";
import type { HashConfig, Shape, Sketch } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { DenseRows, Rows } from "../core/rows.js";
import { balancedPlaces, learnedBooks, type Width } from "../numeric/code-books.js";
import { CodeEstimates } from "../numeric/code-estimates.js";
import { type CodedMetric, GroupedCodes } from "../numeric/grouped-codes.js";
import { type ConfigValues, fromValues } from "../numeric/hash-config.js";
import { type CodeSample, type LearnedCodes, learnCodes } from "../numeric/learn-codes.js";
import { mappedAnchors } from "../numeric/mapped-anchors.js";
import { codedMetricOf, denseSlice, SketchShape } from "../numeric/sketch-shape.js";
import { runSteps, type Steps } from "../numeric/steps.js";
import { type Tail, TailedHead } from "../numeric/tailed-head.js";
import type { VectorMap } from "../numeric/vector-map.js";

/** Options of {@link ProductCodes}. */
export interface ProductCodesOptions {
  /** The metric whose ranks are estimated; for "cosine" they are ‖x/‖x‖ − y/‖y‖‖². */
  readonly metric: CodedMetric;
  /** Mapped values that share 4 bits: 1, 2 (the default) or 4. */
  readonly width?: Width;
  /** The values that codes are of, by falling variance; one that makes unit vectors for "cosine", and only for that. */
  readonly head: VectorMap;
  /** How long what the head leaves out is, and how alike for near vectors: its length is then in the codes as one value more. Not for "dot". */
  readonly tail?: Tail;
  /** What the head is made from, where the configuration of the codes is to have it: that of a hash with the same head has it already. */
  readonly headConfig?: HashConfig | undefined;
  /** Where the vectors of each bucket lie, as {@link Hash.anchors}; codes are then of the differences from them. */
  readonly anchors?: DenseRows | undefined;
  /** Rows like those to be stored, with the number of each row's anchor where there are anchors; without them `fit` must be called before the first use. */
  readonly training?: CodeSample;
  /** Which rows it learns from where the training has over 4,096. */
  readonly seed?: number | string;
}

/**
 * Learned codes (product quantisation, Jégou et al. 2011; 4 bits a part as in FAISS): 16 entries for each group of 1, 2 or 4 values of a map of the vectors.
 * What the map leaves out is in the codes as a length, of no direction; see {@link TailedHead} for what lengths tell. Dense vectors only.
 */
export class ProductCodes implements Sketch {
  static readonly type = "ProductCodes";
  readonly name: string;
  readonly metric: CodedMetric;
  readonly width: Width;
  readonly groups: number;
  readonly #seed: number | string;
  /** The head, with the length of the tail where that is wanted. */
  readonly #map: VectorMap;
  readonly #tail: Tail | undefined;
  readonly #headConfig: HashConfig | undefined;
  readonly #anchored: boolean;
  readonly #places: Uint32Array;
  readonly #shape: SketchShape;
  /** Mapped, in the places of the books. */
  #anchors: Float32Array;
  #learned: LearnedCodes | undefined;
  #made: { readonly codes: GroupedCodes; readonly estimates: CodeEstimates } | undefined;

  /** E_BAD_OPTION for a bad value, E_CONFIG for anchors of another dimension than the head's, and all that `fit` refuses. */
  constructor({ metric, width = 2, head, tail, headConfig, anchors, training, seed = 0 }: ProductCodesOptions) {
    this.metric = codedMetricOf(metric);
    if (width !== 1 && width !== 2 && width !== 4) {
      throw new NearError("E_BAD_OPTION", `width is ${show(width)}; give 1, 2 or 4`, { option: "width", got: width });
    }
    if (head.unit !== (metric === "cosine")) {
      const message = `head ${head.unit ? "makes" : "does not make"} unit vectors, which ${metric} codes must ${head.unit ? "not have" : "have"}`;
      throw new NearError("E_BAD_OPTION", message, { option: "head", metric });
    }
    if (tail !== undefined) checkTail(tail, metric, head);
    this.#tail = tail;
    this.#map = tail === undefined ? head : new TailedHead(head, tail);
    this.width = width;
    this.name = `product codes, ${width} ${width === 1 ? "value" : "values"} a group`;
    this.groups = Math.ceil(this.#map.size / width);
    this.#seed = seed;
    this.#headConfig = headConfig;
    this.#shape = new SketchShape(this.name, ["dense"]);
    this.#shape.bind(head.dim);
    if (anchors !== undefined) this.#shape.bind(anchors.dim);
    this.#places = balancedPlaces(width, this.#map.size);
    this.#anchored = anchors !== undefined;
    this.#anchors = mappedAnchors(this.#map, { width, groups: this.groups, places: this.#places }, anchors);
    if (training !== undefined) this.fit(training);
  }

  /** The sketch described by `config`, on the same head; E_CONFIG where the version or a value is not understood, or the head is another. */
  static fromConfig(config: HashConfig, head: VectorMap): ProductCodes {
    return fromValues(config, ProductCodes.type, (values) => {
      const options = { metric: values.text("metric") as CodedMetric, width: values.number("width") as Width, head, seed: values.seed() }; // others are refused as options
      const count = values.number("anchorCount");
      const anchored = count > 0 ? { anchors: { kind: "dense" as const, dim: head.dim, count: 0, values: new Float32Array(0) } } : {};
      const own = values.has("head") ? { headConfig: values.configs("head")[0] } : {};
      const tailed = values.has("tail") ? { tail: { mean: values.number("tail"), likeness: values.number("likeness") } } : {};
      const sketch = new ProductCodes({ ...options, ...anchored, ...own, ...tailed });
      sketch.#take(values, count);
      return sketch;
    });
  }

  /** Learns, once: some 4,096 rows are a good sample. E_CONFIG if it has learned already, E_BAD_OPTION for an empty sample or anchors that do not fit it, E_BAD_VECTOR for a bad vector. */
  fit(training: CodeSample): void {
    runSteps(this.fitSteps(training));
  }

  /** As `fit`, in steps of a few milliseconds; it has learned when they are done. */
  *fitSteps(training: CodeSample): Steps<void> {
    if (this.#learned !== undefined) {
      throw new NearError(
        "E_CONFIG",
        `${this.name} have learned already, and other entries would make stored codes meaningless: make a new sketch`,
      );
    }
    const sample = this.#checked(training);
    const { metric, width } = this;
    const given = { metric, width, map: this.#map, anchors: this.#anchors, places: this.#places, seed: this.#seed };
    this.#learned = yield* learnCodes(given, sample);
  }

  get scale(): number {
    return this.#map.scale ** -2;
  }

  open(shape: Shape): void {
    this.#shape.open(shape);
  }

  /** E_NOT_FITTED before it has learned, E_CONFIG for a bucket without an anchor where there are anchors. */
  encode(rows: Rows, keys: Keys, out: Codes): void {
    this.#shape.check(rows);
    this.#making().codes.encode((from, to) => denseSlice(rows, from, to), rows.count, keys, this.#anchored, out);
  }

  /** E_NOT_FITTED before it has learned. */
  estimate(query: Rows, probes: Probes, hash: number, out: Estimate): void {
    this.#shape.checkOne(query);
    this.#making().estimates.fill(denseSlice(query, 0, 1), probes, hash, this.#anchored, out);
  }

  /** Without the head, which whoever made the sketch must keep. */
  config(): HashConfig {
    const { name, metric, width } = this;
    const anchorCount = this.#anchored ? this.#anchors.length / (this.groups * width) : 0;
    const values = {
      type: ProductCodes.type,
      version: 1,
      name,
      metric,
      width,
      seed: this.#seed,
      dim: this.#map.dim,
      size: this.#map.size,
      ...(this.#tail === undefined ? {} : { tail: this.#tail.mean, likeness: this.#tail.likeness }),
      anchorCount,
      ...(this.#headConfig === undefined ? {} : { head: [this.#headConfig] }),
    };
    const anchors = this.#anchored ? { anchors: this.#anchors.slice() } : {};
    if (this.#learned === undefined) return { ...values, ...anchors };
    const { entries, spread } = this.#learned;
    const { dimensions, scale, radii } = spread;
    return { ...values, ...anchors, entries: entries.slice(), dimensions, scale, radii: radii.slice() };
  }

  #take(values: ConfigValues, anchorCount: number): void {
    const { dim, size } = this.#map;
    const apart = this.groups * this.width;
    if (values.text("name") !== this.name || values.dim() !== dim || values.number("size") !== size) {
      const message = `${values.title}: it is for ${show(values.number("size"))} of ${show(values.dim())} values, expected ${this.name} for the ${size} of ${dim} of its head`;
      throw new NearError("E_CONFIG", message, { expected: [size, dim] });
    }
    if (anchorCount !== 0) this.#anchors = values.floats("anchors", anchorCount * apart);
    if (!values.has("entries")) return;
    const spread = {
      dimensions: values.number("dimensions"),
      scale: values.number("scale"),
      radii: values.floats("radii", this.metric === "dot" ? Math.max(1, anchorCount) : 0),
    };
    if (!(spread.dimensions > 0 && spread.scale >= 0)) {
      const message = `${values.title}: dimensions is ${show(spread.dimensions)} and scale ${show(spread.scale)}, expected numbers above 0`;
      throw new NearError("E_CONFIG", message, spread);
    }
    this.#learned = { entries: values.floats("entries", apart * 16), spread };
  }

  #checked({ rows, anchors }: CodeSample): CodeSample {
    this.#shape.bind(rows.dim);
    if (rows.count === 0 || rows.values.length < rows.count * rows.dim) {
      const message = `training has ${rows.count} rows and ${rows.values.length} values: give ${rows.dim} values for each of at least one row, better 4,096`;
      throw new NearError("E_BAD_OPTION", message, { option: "training", rows: rows.count });
    }
    const known = this.#anchors.length / (this.groups * this.width);
    const fits = anchors === undefined ? !this.#anchored : anchors.length === rows.count && anchors.every((anchor) => anchor < known);
    if (!fits) {
      const message = `training has ${rows.count} rows and ${anchors?.length ?? "no"} anchor numbers: give one below ${known} for each row, as there are so many anchors`;
      throw new NearError("E_BAD_OPTION", message, { option: "training", rows: rows.count, anchors: anchors?.length });
    }
    return { rows, anchors };
  }

  #making() {
    this.#shape.opened();
    this.#made ??= this.#make();
    return this.#made;
  }

  #make() {
    if (this.#learned === undefined) {
      throw new NearError("E_NOT_FITTED", `${this.name} have not learned their entries: give training, or call fit(sample) first`);
    }
    const { metric, width } = this;
    const { entries, spread } = this.#learned;
    const parts = { metric, map: this.#map, books: learnedBooks(width, this.#map.size, entries), anchors: this.#anchors, noise: 0 };
    return { codes: new GroupedCodes(parts), estimates: new CodeEstimates(parts, spread) };
  }
}

/** E_BAD_OPTION where there can be no value for the tail, or the figures are none of tails. */
function checkTail({ mean, likeness }: Tail, metric: CodedMetric, { size, dim }: VectorMap): void {
  const known = mean >= 0 && mean < Number.POSITIVE_INFINITY && likeness >= 0 && likeness <= 1;
  if (known && metric !== "dot" && size + 1 < dim) return;
  const message = known
    ? `tail is given for ${metric} codes of ${size} of ${dim} values: it is for squared Euclidean and cosine codes that leave out 2 values at least`
    : `tail has the mean ${show(mean)} and the likeness ${show(likeness)}; give a length and a cosine from 0 to 1`;
  throw new NearError("E_BAD_OPTION", message, { option: "tail", mean, likeness, size, dim });
}
