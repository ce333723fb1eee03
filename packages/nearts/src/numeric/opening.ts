import type { Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Kind, Rows } from "../core/rows.js";

const mostDimensions = 2 ** 32; // of sets; the other kinds end one below

/** What a hash was opened for, and the checks that follow from it. */
export class Opening {
  /** Kinds of vector that may be opened. */
  readonly kinds: readonly Kind[];
  readonly #owner: string;
  #dim: number | undefined;
  #kind: Kind | undefined;

  /** `owner` is the hash's name, for messages. */
  constructor(owner: string, kinds: readonly Kind[]) {
    this.#owner = owner;
    this.kinds = kinds;
  }

  /** Its part of a configuration. */
  get config(): { readonly dim?: number } {
    return this.#dim === undefined ? {} : { dim: this.#dim };
  }

  /** Binds it to a dimension, if one is given, before it is opened: as a configuration or training does. E_CONFIG as `expect`. */
  bind(dim: number | undefined): void {
    if (dim === undefined) return;
    this.expect(dim);
    this.#dim = dim;
  }

  /** E_CONFIG for a number that is no dimension, or another than it is bound to. */
  expect(dim: number): void {
    if (!Number.isInteger(dim) || dim < 1 || dim > mostDimensions) {
      const message = `${this.#named} cannot have ${show(dim)} dimensions, it takes 1 to ${mostDimensions}`;
      throw new NearError("E_CONFIG", message, { got: dim, limit: mostDimensions });
    }
    if (this.#dim === undefined || this.#dim === dim) return;
    const message = `${this.#named} was made for ${this.#dim} dimensions and cannot take ${dim}: make a new hash, or give it vectors of ${this.#dim}`;
    throw new NearError("E_CONFIG", message, { expected: this.#dim, got: dim });
  }

  /** Opens it, or again. Says whether that changed anything. E_CONFIG for a kind it cannot hash or another dimension. */
  open({ kind, dim }: Shape): boolean {
    if (!this.kinds.includes(kind)) {
      const message = `${this.#named} hashes ${this.kinds.join(", ")} vectors, not ${show(kind)}: choose another hash for these`;
      throw new NearError("E_CONFIG", message, { expected: this.kinds, got: kind });
    }
    this.bind(dim);
    const changed = kind !== this.#kind;
    this.#kind = kind;
    return changed;
  }

  /** The shape it was opened for. E_CONFIG before `open`. */
  shape(): Shape {
    if (this.#kind !== undefined && this.#dim !== undefined) return { kind: this.#kind, dim: this.#dim };
    throw new NearError("E_CONFIG", `${this.#named} is not open: call open({ kind, dim }) first, or give it to an engine`, {
      hash: this.#owner,
    });
  }

  /** E_CONFIG before `open`, E_DIM_MISMATCH for rows of another dimension. */
  check(rows: Rows): void {
    const { dim } = this.shape();
    if (rows.dim === dim) return;
    throw new NearError("E_DIM_MISMATCH", `rows have ${rows.dim} dimensions, ${this.#named} was opened for ${dim}`, {
      expected: dim,
      got: rows.dim,
    });
  }

  /** As `check`, and E_BAD_VECTOR unless it is one row. */
  checkOne(rows: Rows): void {
    this.check(rows);
    if (rows.count === 1) return;
    throw new NearError("E_BAD_VECTOR", `${this.#named} takes one vector here, not ${rows.count} rows`, { expected: 1, got: rows.count });
  }

  get #named(): string {
    return `hash ${show(this.#owner)}`;
  }
}
