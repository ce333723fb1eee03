import type { Keys, Probes } from "../core/columns.js";
import type { Collision, Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { derive, Random, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { BitKeys } from "../numeric/bit-keys.js";
import { sampledCollision } from "../numeric/collision.js";
import { fromValues } from "../numeric/hash-config.js";
import { bitsOf, nameOf, tablesOf } from "../numeric/hash-options.js";
import { Opening } from "../numeric/opening.js";

/** Options of {@link BitSampling}. */
export interface BitSamplingOptions {
  readonly name: string;
  /** Bits of a key, 1 to 64 and no more than the vectors have: different places, drawn at random. */
  readonly projections: number;
  /** Independent keys of a vector (1): each adds candidates and memory. */
  readonly tables?: number;
  /** Hashes of the same seed have the same places (0): give each hash of an engine its own. */
  readonly seed?: number | string;
}

/**
 * Some bits of a bit vector, at random places: for Hamming distance (Indyk & Motwani 1998, "Approximate Nearest Neighbors", section 4.2). Queries go on in the buckets
 * that differ in one bit, then in two, and so on.
 */
export class BitSampling implements Hash {
  static readonly type = "BitSampling";
  static readonly serves: readonly string[] = ["hamming"];
  readonly name: string;
  readonly kinds: readonly "bits"[] = ["bits"];
  readonly serves: readonly string[] = BitSampling.serves;
  readonly asksDirectory = false;
  readonly tables: number;
  /** Bits of a key. */
  readonly bits: number;
  readonly #seed: number | string;
  readonly #opening: Opening;
  readonly #radius: Uint8Array;
  #made: BitKeys | undefined;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 64 projections or 1,024 tables. */
  constructor({ name, projections, tables = 1, seed = 0 }: BitSamplingOptions) {
    this.name = nameOf(name);
    this.bits = bitsOf(projections);
    this.tables = tablesOf(tables);
    seedFrom(seed);
    this.#seed = seed;
    this.#radius = new Uint8Array(tables);
    this.#opening = new Opening(name, this.kinds);
  }

  static fromConfig(config: HashConfig): BitSampling {
    return fromValues(config, BitSampling.type, (values) => {
      const hash = new BitSampling({
        name: values.text("name"),
        projections: values.number("projections"),
        tables: values.number("tables"),
        seed: values.seed(),
      });
      hash.#opening.bind(values.dim());
      return hash;
    });
  }

  /** E_CONFIG for vectors of fewer bits than a key has. */
  open(shape: Shape): void {
    if (shape.kind === "bits" && shape.dim < this.bits) {
      const message = `hash ${show(this.name)} takes ${this.bits} bits of a vector, these have ${shape.dim}: use fewer projections`;
      throw new NearError("E_CONFIG", message, { projections: this.bits, dim: shape.dim });
    }
    if (this.#opening.open(shape)) this.#made = undefined;
  }

  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    this.#keys().keys(rows, out);
  }

  /** Each table's own bucket, then those one bit away, then two. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    this.#keys().probes(query, this.#radius, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    return this.#keys().strings(vector);
  }

  /** The probability that none of the places is one in which they differ. Known after `open`. */
  get collision(): Collision | undefined {
    const { dim } = this.#opening.config;
    if (dim === undefined) return undefined;
    return { distance: "hamming", probability: (distance) => sampledCollision(distance, dim, this.bits) };
  }

  config(): HashConfig {
    return {
      type: BitSampling.type,
      version: 1,
      name: this.name,
      ...this.#opening.config,
      projections: this.bits,
      tables: this.tables,
      seed: this.#seed,
    };
  }

  #keys(): BitKeys {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make(): BitKeys {
    const { dim } = this.#opening.shape();
    const seed = derive(seedFrom(this.#seed), "places");
    const places = new Uint32Array(this.bits * this.tables);
    for (let t = 0; t < this.tables; t++) places.set(new Random(derive(seed, t)).choose(dim, this.bits), t * this.bits);
    return new BitKeys(
      places,
      Uint32Array.from({ length: this.tables + 1 }, (_, t) => t * this.bits),
    );
  }
}
