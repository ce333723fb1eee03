import type { Keys, Probes } from "../core/columns.js";
import type { Hash, HashConfig, KeyDirectory, Shape } from "../core/contracts.js";
import type { Kind, Rows } from "../core/rows.js";
import { fromValues } from "../numeric/hash-config.js";
import { nameOf } from "../numeric/hash-options.js";
import { Opening } from "../numeric/opening.js";

/** Options of {@link UniBucket}. */
export interface UniBucketOptions {
  /** "all" where not given. */
  readonly name?: string;
}

/** One bucket for every vector of any kind: exact search, and the baseline that other hashes are measured against. */
export class UniBucket implements Hash {
  static readonly type = "UniBucket";
  readonly name: string;
  readonly kinds: readonly Kind[] = ["dense", "sparse", "bits", "set"];
  readonly asksDirectory = false;
  readonly tables = 1;
  readonly #opening: Opening;

  /** E_BAD_OPTION for a bad name. */
  constructor({ name = "all" }: UniBucketOptions = {}) {
    this.name = nameOf(name);
    this.#opening = new Opening(name, this.kinds);
  }

  static fromConfig(config: HashConfig): UniBucket {
    return fromValues(config, UniBucket.type, (values) => {
      const hash = new UniBucket({ name: values.text("name") });
      hash.#opening.bind(values.dim());
      return hash;
    });
  }

  open(shape: Shape): void {
    this.#opening.open(shape);
  }

  keys(rows: Rows, out: Keys): void {
    this.#opening.check(rows);
    out.reserve(rows.count);
    for (let r = 0; r < rows.count; r++) out.add(r, 0, 0, 0);
  }

  /** The one bucket. */
  probes(query: Rows, _directory: KeyDirectory, _budget: number, out: Probes): void {
    this.#opening.checkOne(query);
    out.add(0, 0, 0, 0);
  }

  /** The hash's own name. */
  bucketKeys(vector: Rows): string[] {
    this.#opening.checkOne(vector);
    return [this.name];
  }

  config(): HashConfig {
    return { type: UniBucket.type, version: 1, name: this.name, ...this.#opening.config };
  }
}
