import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { BitKeys } from "../numeric/bit-keys.js";
import { fromValues } from "../numeric/hash-config.js";
import { keyBits, nameOf, tablesOf } from "../numeric/hash-options.js";
import { Opening } from "../numeric/opening.js";

/** Options of {@link MultiIndexHashing}. */
export interface MultiIndexHashingOptions {
  readonly name: string;
  /** Parts that vectors are cut into, a table each; none of over 64 bits. Parts of about log₂ of the number of vectors are quickest. */
  readonly chunks: number;
  /** Every vector in at most so many different bits is read (0): a search within this distance is exact. */
  readonly radius?: number;
}

/**
 * Bit vectors cut into parts, each part the key of a table. Vectors that differ in few bits differ in fewer in some part: with m parts and radius m·a + b, at most a
 * in one of the first b + 1, or a − 1 in one of the others. Queries read all keys so near, hence every vector within the radius (Norouzi, Punjani & Fleet
 * 2012, "Fast Search in Hamming Space with Multi-Index Hashing", proposition 2); with more probes further ones.
 */
export class MultiIndexHashing implements Hash {
  static readonly type = "MultiIndexHashing";
  static readonly serves: readonly string[] = ["hamming"];
  readonly name: string;
  readonly kinds: readonly "bits"[] = ["bits"];
  readonly serves: readonly string[] = MultiIndexHashing.serves;
  readonly asksDirectory = false;
  readonly tables: number;
  readonly #radius: number;
  readonly #opening: Opening;
  #made: { readonly keys: BitKeys; readonly radius: Int32Array } | undefined;

  /** E_BAD_OPTION for a bad value, E_LIMIT for more than 1,024 chunks. */
  constructor({ name, chunks, radius = 0 }: MultiIndexHashingOptions) {
    this.name = nameOf(name);
    this.tables = tablesOf(chunks);
    if (!Number.isSafeInteger(radius) || radius < 0) {
      throw new NearError("E_BAD_OPTION", `radius is ${show(radius)}; it must be an integer of at least 0`, {
        option: "radius",
        got: radius,
      });
    }
    this.#radius = radius;
    this.#opening = new Opening(name, this.kinds);
  }

  static fromConfig(config: HashConfig): MultiIndexHashing {
    return fromValues(config, MultiIndexHashing.type, (values) => {
      const hash = new MultiIndexHashing({
        name: values.text("name"),
        chunks: values.number("chunks"),
        radius: values.number("radius"),
      });
      const dim = values.dim();
      hash.#opening.bind(dim);
      if (dim !== undefined) hash.#check(dim);
      return hash;
    });
  }

  /** E_CONFIG for vectors that cannot be cut so, E_LIMIT where the radius asks for over a million probes. */
  open(shape: Shape): void {
    if (shape.kind === "bits") this.#check(shape.dim);
    if (this.#opening.open(shape)) this.#made = undefined;
  }

  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    this.#make().keys.keys(rows, out);
  }

  /** The keys near enough for the radius, whatever the budget, by the bits in which they differ; then further ones within the budget. */
  probes(query: Rows, _directory: KeyDirectory, budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    const { keys, radius } = this.#make();
    keys.probes(query, radius, budget, out);
  }

  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    return this.#make().keys.strings(vector);
  }

  config(): HashConfig {
    return {
      type: MultiIndexHashing.type,
      version: 1,
      name: this.name,
      ...this.#opening.config,
      chunks: this.tables,
      radius: this.#radius,
    };
  }

  #make() {
    this.#made ??= cut(this.#opening.shape().dim, this.tables, this.#radius);
    return this.#made;
  }

  #check(dim: number): void {
    const widest = Math.ceil(dim / this.tables);
    if (dim < this.tables || widest > keyBits) {
      const message = `hash ${show(this.name)} cuts ${dim} bits into ${this.tables} chunks: give from ${Math.ceil(dim / keyBits)} to ${dim} chunks`;
      throw new NearError("E_CONFIG", message, { chunks: this.tables, dim });
    }
    const probes = probesWithin(dim, this.tables, this.#radius);
    if (probes <= mostProbes) return;
    const message = `a radius of ${this.#radius} in ${this.tables} chunks of ${widest} bits takes ${probes} probes, at most ${mostProbes} are made: use more chunks`;
    throw new NearError("E_LIMIT", message, { radius: this.#radius, chunks: this.tables, probes, limit: mostProbes });
  }
}

const mostProbes = 2 ** 20;

/** Chunks of equal widths, or one bit more for the last ones, where fewer bits may differ. */
function cut(dim: number, chunks: number, radius: number) {
  const starts = Uint32Array.from({ length: chunks + 1 }, (_, t) => firstBit(dim, chunks, t));
  const keys = new BitKeys(
    Uint32Array.from({ length: dim }, (_, i) => i),
    starts,
  );
  return { keys, radius: Int32Array.from({ length: chunks }, (_, t) => radiusOf(radius, chunks, t)) };
}

function firstBit(dim: number, chunks: number, t: number): number {
  const wide = dim % chunks;
  return t * Math.floor(dim / chunks) + Math.max(0, t - (chunks - wide));
}

/** Bits in which chunk t may differ, so that some chunk is near enough for every vector within the radius; −1: its own bucket need not be read. */
function radiusOf(radius: number, chunks: number, t: number): number {
  return Math.floor(radius / chunks) - (t <= radius % chunks ? 0 : 1);
}

function probesWithin(dim: number, chunks: number, radius: number): number {
  let probes = 0;
  for (let t = 0; t < chunks; t++) {
    const bits = firstBit(dim, chunks, t + 1) - firstBit(dim, chunks, t);
    let ways = 1;
    for (let away = 0; away <= Math.min(bits, radiusOf(radius, chunks, t)); away++) {
      probes += ways;
      ways *= (bits - away) / (away + 1);
    }
  }
  return probes;
}
