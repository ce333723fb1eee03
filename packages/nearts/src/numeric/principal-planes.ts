import type { ConfigValue } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { covariance } from "./covariance.js";
import { symmetricEigen } from "./eigen.js";
import type { ConfigValues } from "./hash-config.js";
import { explicitPlanes } from "./plane-source.js";
import { Projector } from "./projector.js";
import { sampleOf, type Training } from "./training.js";

/** What becomes of the leading components of a sample. */
export interface Turning {
  /** How many components. */
  readonly components: number;
  /** The planes, row-major, in the span of the components: all of the wanted number. */
  turn(components: Float32Array, sample: Rows<"dense" | "sparse">, mean: Float64Array): Float32Array;
}

/**
 * Planes along the principal components of a sample, the axes along which it varies most, through its mean (Jolliffe 2002, "Principal Component
 * Analysis", chapter 1). Rows are not centred, so that sparse ones stay sparse: a projection is compared with the mean's.
 */
export class PrincipalPlanes {
  readonly projector: Projector;
  /** The mean's projection on each plane, in float32: 0 until `fit` or `restore` writes them here. */
  readonly offsets: Float64Array;
  readonly #owner: string;
  readonly #turning: Turning | undefined;
  #components: Float32Array | undefined;

  /** `owner` is the hash's name, for messages; with `turning` planes are made from the components, else they are these. */
  constructor(owner: string, planes: number, turning?: Turning) {
    this.#owner = owner;
    this.#turning = turning;
    this.offsets = new Float64Array(planes);
    this.projector = new Projector({ owner, planes, source: (dim) => explicitPlanes(this.#known(), dim) });
  }

  /**
   * Learns the planes from at least 2 rows: the same bits from the same rows on every runtime. E_CONFIG where they are known already or the sample has
   * another dimension than the hash, E_LIMIT for fewer dimensions than planes or more than 4,096, E_BAD_OPTION, E_BAD_VECTOR or E_BAD_SPARSE for a bad sample.
   */
  fit(training: Training): void {
    this.#refuseFitted();
    const sample = sampleOf(training);
    const { opening } = this.projector;
    const count = this.#turning?.components ?? this.offsets.length;
    refuseDimensions(sample.dim, count, mostAnalysed);
    opening.expect(sample.dim);
    const { mean, matrix } = covariance(sample);
    const components = Float32Array.from(symmetricEigen(matrix, sample.dim, count).vectors);
    const planes = this.#turning?.turn(components, sample, mean) ?? components;
    this.#take(sample.dim, planes, offsetsOf(planes, mean));
  }

  /** Takes the planes from a configuration, where it has them; E_CONFIG or E_LIMIT where they do not fit. */
  restore(values: ConfigValues): void {
    const dim = values.dim();
    if (dim !== undefined) refuseDimensions(dim, this.#turning?.components ?? this.offsets.length, Number.POSITIVE_INFINITY);
    this.projector.opening.bind(dim);
    if (dim === undefined || !values.has("components")) return;
    this.#take(dim, values.floats("components", this.offsets.length * dim), values.floats("offsets", this.offsets.length));
  }

  /** The dimension and the planes, as far as they are known: copies. */
  get config(): Readonly<Record<string, ConfigValue>> {
    const { config } = this.projector.opening;
    if (this.#components === undefined) return config;
    return { ...config, components: this.#components.slice(), offsets: Float32Array.from(this.offsets) };
  }

  #take(dim: number, components: Float32Array, offsets: Float32Array): void {
    this.projector.opening.bind(dim);
    this.#components = components;
    this.offsets.set(offsets);
  }

  #known(): Float32Array {
    if (this.#components !== undefined) return this.#components;
    const message = `hash ${show(this.#owner)} has not learned its components: give it training, or call fit(sample) first`;
    throw new NearError("E_NOT_FITTED", message, { hash: this.#owner });
  }

  #refuseFitted(): void {
    if (this.#components === undefined) return;
    const message = `hash ${show(this.#owner)} is fitted already, and other components would give stored vectors other keys: make a new hash`;
    throw new NearError("E_CONFIG", message, { hash: this.#owner });
  }
}

/** Beyond this the covariance matrix would take over 128 MiB and minutes. */
const mostAnalysed = 4096;

function refuseDimensions(dim: number, planes: number, most: number): void {
  if (dim >= planes && dim <= most) return;
  const remedy = dim < planes ? `give at most as many components, not ${planes}` : `at most ${most} are analysed: use random projections`;
  throw new NearError("E_LIMIT", `vectors of ${dim} dimensions: ${remedy}`, { dim, projections: planes, limit: most });
}

/** c·mean of each component, summed in float64 over ascending dimensions, as float32. */
function offsetsOf(components: Float32Array, mean: Float64Array): Float32Array {
  return Float32Array.from({ length: components.length / mean.length }, (_, p) => {
    let sum = 0;
    for (let i = 0; i < mean.length; i++) sum += components[p * mean.length + i] * mean[i];
    return sum;
  });
}
