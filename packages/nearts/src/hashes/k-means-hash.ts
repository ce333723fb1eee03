import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { asDense } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import type { DenseRows, Rows } from "../core/rows.js";
import { Centroids } from "../numeric/centroids.js";
import { type ConfigValues, fromValues } from "../numeric/hash-config.js";
import { countOf, nameOf } from "../numeric/hash-options.js";
import { headConfig, headFromConfig } from "../numeric/head-config.js";
import { kMeansSteps } from "../numeric/k-means.js";
import { type MappedRows, mapSteps } from "../numeric/map-rows.js";
import { Opening } from "../numeric/opening.js";
import type { PrincipalHead } from "../numeric/principal-head.js";
import { runSteps, type Steps } from "../numeric/steps.js";
import { sampleOf, type Training } from "../numeric/training.js";

/** Options of {@link KMeansHash}. */
export interface KMeansHashOptions {
  readonly name: string;
  /** Buckets, 1 to 65,536, each never empty in the sample: between √n and 4√n for n vectors is usual. */
  readonly lists: number;
  /** Measure by which vectors near a query are wanted: "cosine" divides directions, "euclidean" (the default) places. */
  readonly distance?: "cosine" | "euclidean";
  /** Buckets that a vector is entered into: its nearest, or its two nearest, which finds more for the same probes at twice the entries. */
  readonly assignments?: 1 | 2;
  /** Divide by a few principal coordinates of the vectors instead of all: cheaper, and hardly worse where these hold most of the variance. */
  readonly head?: PrincipalHead;
  readonly seed?: number | string;
  /** At least as many vectors as lists, like those to be stored; without them `fit` must be called before the first use. */
  readonly training?: Training;
}

/**
 * A partition learned by k-means: a vector's bucket is its nearest centroid, a query reads those of the centroids nearest to it, as many as it has probes.
 * Following the data, it needs far fewer candidates for the same recall than planes drawn at random (inverted file, Jégou et al. 2011, section V).
 * Vectors far outside of the sample (with a head), or too long for float32 sums, are in one bucket more, number `lists`, which every query reads.
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
  readonly #head: PrincipalHead | undefined;
  readonly #opening: Opening;
  #centroids: Centroids | undefined;
  /** The largest ‖x − origin‖² of the vectors that have nearest lists. */
  #reach = Number.POSITIVE_INFINITY;
  #nearest: Uint32Array = new Uint32Array(assignedAtOnce);
  #second: Uint32Array = new Uint32Array(assignedAtOnce);

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 65,536 lists; and for the training all that `fit` refuses. */
  constructor({ name, lists, distance = "euclidean", assignments = 1, head, seed = 0, training }: KMeansHashOptions) {
    this.name = nameOf(name);
    this.lists = countOf("lists", lists, 65_536, "every stored vector is compared with every centroid");
    this.keysPerTable = countOf("assignments", assignments, 2, "more entries of a vector find hardly more");
    if (distance !== "cosine" && distance !== "euclidean") {
      throw new NearError("E_BAD_OPTION", `distance is ${show(distance)}; give cosine or euclidean`, { option: "distance", got: distance });
    }
    this.#spherical = distance === "cosine";
    this.#seed = seed;
    this.#head = head;
    this.#opening = new Opening(this.name, this.kinds);
    this.#opening.bind(head?.dim);
    if (training !== undefined) this.fit(training);
  }

  static fromConfig(config: HashConfig): KMeansHash {
    return fromValues(config, KMeansHash.type, (values) => {
      const head = values.has("head") ? headFromConfig(values.configs("head")[0]) : undefined;
      const hash = new KMeansHash({
        name: values.text("name"),
        lists: values.number("lists"),
        distance: values.text("distance") as "cosine" | "euclidean", // another text is refused as an option
        assignments: values.number("assignments") as 1 | 2, // likewise
        seed: values.seed(),
        ...(head === undefined ? {} : { head }),
      });
      const dim = values.dim();
      hash.#opening.bind(dim);
      const width = head?.size ?? dim;
      if (width !== undefined && values.has("centroids")) {
        hash.#centroids = new Centroids(values.floats("centroids", hash.lists * width), width, head !== undefined);
      }
      if (values.has("reach")) hash.#reach = reachOf(values, head);
      return hash;
    });
  }

  /**
   * Learns the centroids, once: 64 to 256 vectors a list are a good sample. E_CONFIG if it has learned already or was opened for another dimension,
   * E_BAD_OPTION for fewer vectors than lists, E_BAD_VECTOR or E_BAD_SPARSE for a bad vector.
   */
  fit(training: Training): void {
    runSteps(this.fitSteps(asDense(sampleOf(training))));
  }

  /** {@link KMeansHash.fit} in pieces of a few milliseconds, on vectors that are known to be good; `mapped` by the head, where that was done. */
  *fitSteps(sample: DenseRows, mapped?: MappedRows): Steps<void> {
    if (this.#centroids !== undefined) {
      throw new NearError(
        "E_CONFIG",
        `hash ${show(this.name)} is fitted already, and other centroids would give stored vectors other keys: make a new hash`,
        { hash: this.name },
      );
    }
    this.#opening.expect(sample.dim);
    if (sample.count < this.lists) {
      const message = `training has ${sample.count} vectors for ${this.lists} lists: give at least one a list, better 64, or ask for fewer lists`;
      throw new NearError("E_BAD_OPTION", message, { got: sample.count, lists: this.lists });
    }
    const rows = yield* this.#comparable(sample, mapped);
    const spherical = this.#spherical && this.#head === undefined;
    const centroids = yield* kMeansSteps(rows, { lists: this.lists, spherical, seed: this.#seed });
    if ("squares" in rows) this.#reach = Math.min(Number.MAX_VALUE, farther * farther * largestOf(rows));
    this.#opening.bind(sample.dim);
    this.#centroids = new Centroids(centroids, rows.dim, this.#head !== undefined);
  }

  open(shape: Shape): void {
    this.#opening.open(shape);
  }

  /** E_NOT_FITTED before it has learned. */
  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    const centroids = this.#known();
    const dense = rows as DenseRows; // the opening lets no other kind through
    const twice = this.keysPerTable === 2 && this.lists > 1;
    for (let from = 0; from < dense.count; from += assignedAtOnce) {
      const count = Math.min(assignedAtOnce, dense.count - from);
      this.#assign(centroids, dense, from, count, twice);
      for (let r = 0; r < count; r++) {
        out.add(from + r, 0, 0, this.#nearest[r]);
        if (twice && this.#nearest[r] < this.lists && this.#second[r] < this.lists) out.add(from + r, 0, 0, this.#second[r]);
      }
    }
  }

  /** The bucket of vectors far outside, if it holds anything, and the lists of the nearest centroids that do, `budget` at most, nearest first; the promise is by how much ‖q − c‖² exceeds the nearest centroid's. E_NOT_FITTED before it has learned. */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    const centroids = this.#known();
    const values = this.#valuesOf(query as DenseRows); // as above
    const outside = directory.find(0, 0, this.lists);
    if (outside >= 0 && directory.countAt(0, outside) > 0) out.add(0, 0, this.lists, 0);
    const added = this.#addProbes(centroids, centroids.rank(values, budget), directory, budget, out);
    // Some of the nearest were empty: others stand in for them.
    if (added < budget && budget < this.lists) {
      out.count -= added;
      this.#addProbes(centroids, centroids.rank(values, this.lists), directory, budget, out);
    }
  }

  ahead(queries: Rows | null): void {
    if (queries !== null) this.#opening.check(queries);
    this.#head?.ahead(queries as DenseRows | null); // as above
  }

  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    this.#assign(this.#known(), vector as DenseRows, 0, 1, false); // as above
    return [String(this.#nearest[0])];
  }

  /** The nearest list of each row, in pieces of a few milliseconds; `mapped` as for `fitSteps`. E_NOT_FITTED before it has learned. */
  *listSteps(rows: DenseRows, mapped?: MappedRows): Steps<Uint32Array> {
    const centroids = this.#known();
    const { values } = yield* this.#comparable(rows, mapped);
    const lists = new Uint32Array(rows.count);
    for (let from = 0; from < rows.count; from += assignedAtOnce) {
      const to = Math.min(rows.count, from + assignedAtOnce);
      centroids.assign(values, from, to - from, lists.subarray(from, to));
      yield;
    }
    return lists;
  }

  /** The centroids, and for the vectors far outside the origin. */
  anchors(): DenseRows {
    return runSteps(this.anchorSteps());
  }

  /** {@link KMeansHash.anchors} in pieces of a few milliseconds. */
  *anchorSteps(): Steps<DenseRows> {
    const { dim, values: centroids } = this.#known();
    const head = this.#head;
    const values = new Float32Array((this.lists + 1) * dim);
    values.set(centroids);
    const rows = { kind: "dense", dim, count: this.lists + 1, values } as const;
    return head === undefined ? rows : yield* head.unmapSteps(rows);
  }

  config(): HashConfig {
    const { name, lists, keysPerTable: assignments } = this;
    const distance = this.#spherical ? "cosine" : "euclidean";
    const head = this.#head === undefined ? {} : { head: [headConfig(this.#head)] };
    const values = {
      type: KMeansHash.type,
      version: 1,
      name,
      lists,
      assignments,
      distance,
      seed: this.#seed,
      ...head,
      ...this.#opening.config,
    };
    if (this.#centroids === undefined) return values;
    const reach = this.#reach === Number.POSITIVE_INFINITY ? {} : { reach: this.#reach };
    return { ...values, centroids: this.#centroids.values.slice(), ...reach };
  }

  /** Writes the list of each of up to {@link assignedAtOnce} rows to `#nearest`, and the second nearest to `#second` where that is wanted. */
  #assign(centroids: Centroids, rows: DenseRows, from: number, count: number, twice: boolean): void {
    const head = this.#head;
    const [values, first] = head === undefined ? [rows.values, from] : [head.map(rows, from, from + count), 0];
    centroids.assign(values, first, count, this.#nearest, twice ? this.#second : undefined);
    // NaN is outside too.
    for (let r = 0; head !== undefined && r < count; r++) if (!(head.squares[r] <= this.#reach)) this.#nearest[r] = this.lists;
  }

  #addProbes(centroids: Centroids, ranked: number, directory: KeyDirectory, budget: number, out: Probes): number {
    let added = 0;
    for (let i = 0; i < ranked && added < budget; i++) {
      const entry = directory.find(0, 0, centroids.ranked[i]);
      if (entry < 0 || directory.countAt(0, entry) === 0) continue;
      out.add(0, 0, centroids.ranked[i], centroids.gaps[i]);
      added++;
    }
    return added;
  }

  /** The values of a query that are compared with centroids. */
  #valuesOf(row: DenseRows): Float32Array {
    return this.#head === undefined ? row.values : this.#head.mapQuery(row);
  }

  /** What of a sample is compared with centroids. */
  *#comparable(sample: DenseRows, mapped?: MappedRows): Steps<DenseRows | MappedRows> {
    if (this.#head !== undefined) return mapped ?? (yield* mapSteps(this.#head, sample));
    return this.#spherical ? unitRows(sample) : sample;
  }

  #known(): Centroids {
    if (this.#centroids !== undefined) return this.#centroids;
    throw new NearError(
      "E_NOT_FITTED",
      `hash ${show(this.name)} has not learned its centroids: give it training, or call fit(sample) first`,
      { hash: this.name },
    );
  }
}

/** Rows assigned to centroids at once. */
const assignedAtOnce = 64;
/** Vectors that are so many times as far out as any of the sample are not of its kind. */
const farther = 4;

/** The reach that a configuration states: E_CONFIG where it is none, or the head that it belongs to is missing. */
function reachOf(values: ConfigValues, head: PrincipalHead | undefined): number {
  const reach = values.number("reach");
  if (head !== undefined && reach >= 0) return reach;
  const message =
    head === undefined
      ? "head is missing, and the centroids are of the coordinates that it makes: give the whole of what config() returned"
      : `reach is ${show(reach)}, expected a number of at least 0`;
  throw new NearError("E_CONFIG", `${values.title}: ${message}`, { reach });
}

/** The largest of the squares; those that are no numbers are none. */
function largestOf({ squares, count }: MappedRows): number {
  let largest = 0;
  for (let r = 0; r < count; r++) if (squares[r] > largest) largest = squares[r];
  return largest;
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
