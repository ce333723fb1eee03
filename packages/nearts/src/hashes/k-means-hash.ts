import { Candidates, type Keys, type Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { asDense } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { countOf, nameOf } from "../numeric/hash-options.js";
import { kMeans } from "../numeric/k-means.js";
import { explicitPlanes } from "../numeric/plane-source.js";
import { Projector, projectedAtOnce } from "../numeric/projector.js";
import { keepNearest } from "../numeric/select.js";
import { sampleOf, type Training } from "../numeric/training.js";

/** Options of {@link KMeansHash}. */
export interface KMeansHashOptions {
  readonly name: string;
  /** Buckets, 1 to 16,384, each never empty in the sample: between √n and 4√n for n vectors is usual. */
  readonly lists: number;
  /** Measure by which vectors near a query are wanted: "cosine" divides directions, "euclidean" (the default) places. */
  readonly distance?: "cosine" | "euclidean";
  /** Buckets that a vector is entered into: its nearest, or its two nearest, which finds more for the same probes at twice the entries. */
  readonly assignments?: 1 | 2;
  readonly seed?: number | string;
  /** At least as many vectors as lists, like those to be stored; without them `fit` must be called before the first use. */
  readonly training?: Training;
}

/**
 * A partition learned by k-means: a vector's bucket is its nearest centroid, a query reads those of the centroids nearest to it, as many as it has probes.
 * Following the data, it needs far fewer candidates for the same recall than planes drawn at random (inverted file, Jégou et al. 2011, section V).
 */
export class KMeansHash implements Hash {
  static readonly type = "KMeansHash";
  readonly name: string;
  readonly kinds: readonly "dense"[] = ["dense"];
  readonly tables = 1;
  readonly keysPerTable: number;
  readonly lists: number;
  readonly #spherical: boolean;
  readonly #seed: number | string;
  readonly #projector: Projector;
  #centroids: Float32Array | undefined;
  /** ‖c‖² of each centroid. */
  readonly #squares: Float64Array;
  readonly #ranked = new Candidates();

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 16,384 lists; and for the training all that `fit` refuses. */
  constructor({ name, lists, distance = "euclidean", assignments = 1, seed = 0, training }: KMeansHashOptions) {
    this.name = nameOf(name);
    this.lists = countOf("lists", lists, 16_384, "every stored vector is compared with every centroid");
    this.keysPerTable = countOf("assignments", assignments, 2, "more entries of a vector find hardly more");
    if (distance !== "cosine" && distance !== "euclidean") {
      throw new NearError("E_BAD_OPTION", `distance is ${show(distance)}; give cosine or euclidean`, { option: "distance", got: distance });
    }
    this.#spherical = distance === "cosine";
    this.#seed = seed;
    this.#squares = new Float64Array(this.lists);
    this.#projector = new Projector({ owner: name, planes: this.lists, source: (dim) => explicitPlanes(this.#known(), dim) });
    if (training !== undefined) this.fit(training);
  }

  static fromConfig(config: HashConfig): KMeansHash {
    return fromValues(config, KMeansHash.type, (values) => {
      const hash = new KMeansHash({
        name: values.text("name"),
        lists: values.number("lists"),
        distance: values.text("distance") as "cosine" | "euclidean", // another text is refused as an option
        assignments: values.number("assignments") as 1 | 2, // likewise
        seed: values.seed(),
      });
      const dim = values.dim();
      hash.#projector.opening.bind(dim);
      if (dim !== undefined && values.has("centroids")) hash.#take(values.floats("centroids", hash.lists * dim));
      return hash;
    });
  }

  /**
   * Learns the centroids, once: 64 to 256 vectors a list are a good sample. E_CONFIG if it has learned already or was opened for another dimension,
   * E_BAD_OPTION for fewer vectors than lists, E_BAD_VECTOR or E_BAD_SPARSE for a bad vector.
   */
  fit(training: Training): void {
    if (this.#centroids !== undefined) {
      throw new NearError(
        "E_CONFIG",
        `hash ${show(this.name)} is fitted already, and other centroids would give stored vectors other keys: make a new hash`,
        { hash: this.name },
      );
    }
    const sample = asDense(sampleOf(training));
    this.#projector.opening.expect(sample.dim);
    if (sample.count < this.lists) {
      const message = `training has ${sample.count} vectors for ${this.lists} lists: give at least one a list, better 64, or ask for fewer lists`;
      throw new NearError("E_BAD_OPTION", message, { got: sample.count, lists: this.lists });
    }
    const rows = this.#spherical ? unitRows(sample) : sample;
    const centroids = kMeans(rows, { lists: this.lists, spherical: this.#spherical, seed: this.#seed });
    this.#projector.opening.bind(sample.dim);
    this.#take(centroids);
  }

  open(shape: Shape): void {
    if (shape.kind !== "dense") {
      throw new NearError(
        "E_CONFIG",
        `hash ${show(this.name)} hashes dense vectors, not ${show(shape.kind)}: choose another hash for these`,
        { expected: this.kinds, got: shape.kind },
      );
    }
    this.#projector.open(shape);
  }

  /** E_NOT_FITTED before it has learned. */
  keys(rows: Rows, out: Keys): void {
    this.#projector.opening.check(rows);
    for (let from = 0; from < rows.count; from += projectedAtOnce) {
      const to = Math.min(rows.count, from + projectedAtOnce);
      const products = this.#projector.project(rows, from, to);
      for (let r = from; r < to; r++) this.#addNearest(products, (r - from) * this.lists, r, out);
    }
  }

  /** The lists of the nearest centroids that hold anything, nearest first; the promise is by how much ‖q − c‖² exceeds the nearest centroid's. E_NOT_FITTED before it has learned. */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void {
    this.#projector.opening.checkOne(query);
    const products = this.#projector.project(query, 0, 1);
    const ranked = this.#ranked;
    ranked.clear();
    for (let list = 0; list < this.lists; list++) {
      const entry = directory.find(0, 0, list);
      if (entry >= 0 && directory.countAt(0, entry) > 0) ranked.add(list, this.#gapOf(products, list));
    }
    keepNearest(ranked, budget);
    const nearest = this.#gapOf(products, this.#nearestOf(products, 0, -1));
    for (let i = 0; i < ranked.count; i++) out.add(0, 0, ranked.rows[i], ranked.distances[i] - nearest);
  }

  bucketKeys(vector: Rows): string[] {
    this.#projector.opening.checkOne(vector);
    return [String(this.#nearestOf(this.#projector.project(vector, 0, 1), 0, -1))];
  }

  config(): HashConfig {
    const { name, lists, keysPerTable: assignments } = this;
    const distance = this.#spherical ? "cosine" : "euclidean";
    const shape = this.#projector.opening.config;
    const values = { type: KMeansHash.type, version: 1, name, lists, assignments, distance, seed: this.#seed, ...shape };
    return this.#centroids === undefined ? values : { ...values, centroids: this.#centroids.slice() };
  }

  #addNearest(products: Float32Array, from: number, row: number, out: Keys): void {
    const first = this.#nearestOf(products, from, -1);
    out.add(row, 0, 0, first);
    if (this.keysPerTable === 2 && this.lists > 1) out.add(row, 0, 0, this.#nearestOf(products, from, first));
  }

  /** ‖c‖² − 2q·c: ‖q − c‖² but for what is the same for all centroids. */
  #gapOf(products: Float32Array, list: number): number {
    return this.#squares[list] - 2 * products[list];
  }

  /** The list whose centroid is nearest, `except` left out; ties to the smaller number. */
  #nearestOf(products: Float32Array, from: number, except: number): number {
    let [best, smallest] = [-1, Number.POSITIVE_INFINITY];
    for (let list = 0; list < this.lists; list++) {
      const gap = this.#squares[list] - 2 * products[from + list];
      if (gap >= smallest || list === except) continue;
      smallest = gap;
      best = list;
    }
    return best;
  }

  #take(centroids: Float32Array): void {
    this.#centroids = centroids;
    const dim = centroids.length / this.lists;
    for (let list = 0; list < this.lists; list++) this.#squares[list] = sumOfSquares(centroids, list * dim, (list + 1) * dim);
  }

  #known(): Float32Array {
    if (this.#centroids !== undefined) return this.#centroids;
    throw new NearError(
      "E_NOT_FITTED",
      `hash ${show(this.name)} has not learned its centroids: give it training, or call fit(sample) first`,
      { hash: this.name },
    );
  }
}

function unitRows(sample: Rows<"dense">): Rows<"dense"> {
  const { dim, count } = sample;
  const values = sample.values.slice();
  for (let r = 0; r < count; r++) {
    const length = Math.sqrt(sumOfSquares(values, r * dim, (r + 1) * dim)) || 1;
    for (let i = r * dim; i < (r + 1) * dim; i++) values[i] /= length;
  }
  return { ...sample, values };
}

function sumOfSquares(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] * values[i];
  return sum;
}
