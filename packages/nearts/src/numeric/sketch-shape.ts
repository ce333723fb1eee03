import type { Metric, Shape } from "../core/contracts.js";
import { asDense } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import type { DenseRows, Kind, Rows } from "../core/rows.js";
import type { CodedMetric } from "./grouped-codes.js";

/** The vectors that a sketch was opened for, and the checks that follow from it. */
export class SketchShape {
  readonly #owner: string;
  readonly #kinds: readonly Kind[];
  #shape: Shape | undefined;
  #dim: number | undefined;

  /** `owner` is the sketch's name, for messages. */
  constructor(owner: string, kinds: readonly Kind[]) {
    this.#owner = owner;
    this.#kinds = kinds;
  }

  /** The dimension it is bound to, if it is. */
  get dim(): number | undefined {
    return this.#dim;
  }

  /** Binds it to a dimension before it is opened. E_CONFIG for a number that is no dimension, or another than it is bound to. */
  bind(dim: number): void {
    if (!Number.isInteger(dim) || dim < 1 || dim > 2 ** 32) {
      throw new NearError("E_CONFIG", `${this.#owner} cannot have ${show(dim)} dimensions, expected 1 to ${2 ** 32}`, { got: dim });
    }
    if (this.#dim !== undefined && this.#dim !== dim) {
      const message = `${this.#owner} was made for ${this.#dim} dimensions and cannot take ${dim}: make a new sketch`;
      throw new NearError("E_CONFIG", message, { expected: this.#dim, got: dim });
    }
    this.#dim = dim;
  }

  /** Opens it, or again. Says whether that changed anything. E_CONFIG for a kind it cannot take or another dimension. */
  open(shape: Shape): boolean {
    if (!this.#kinds.includes(shape.kind)) {
      const message = `${this.#owner} takes ${this.#kinds.join(" and ")} vectors, not ${show(shape.kind)}: use the hash without codes`;
      throw new NearError("E_CONFIG", message, { expected: this.#kinds, got: shape.kind });
    }
    this.bind(shape.dim);
    const changed = shape.kind !== this.#shape?.kind;
    this.#shape = { kind: shape.kind, dim: shape.dim };
    return changed;
  }

  /** The shape it was opened for. E_CONFIG before `open`. */
  opened(): Shape {
    if (this.#shape !== undefined) return this.#shape;
    throw new NearError("E_CONFIG", `${this.#owner} is not open: call open({ kind, dim }) first, or give it to an engine`, {
      sketch: this.#owner,
    });
  }

  /** E_CONFIG before `open`, E_DIM_MISMATCH for rows of another dimension. */
  check(rows: Rows): void {
    const { dim } = this.opened();
    if (rows.dim === dim) return;
    throw new NearError("E_DIM_MISMATCH", `rows have ${rows.dim} dimensions, ${this.#owner} was opened for ${dim}`, {
      expected: dim,
      got: rows.dim,
    });
  }

  /** As `check`, and E_BAD_VECTOR unless it is one row. */
  checkOne(rows: Rows): void {
    this.check(rows);
    if (rows.count === 1) return;
    throw new NearError("E_BAD_VECTOR", `${this.#owner} takes one query, not ${rows.count} rows`, { expected: 1, got: rows.count });
  }
}

/** A metric that codes can estimate. E_BAD_OPTION else. */
export function codedMetricOf(metric: unknown): CodedMetric {
  const known: readonly Metric[] = ["squaredEuclidean", "dot", "cosine"];
  const found = known.find((each) => each === metric);
  if (found !== undefined) return found as CodedMetric; // one of the three
  throw new NearError("E_BAD_OPTION", `metric is ${show(metric)}; codes estimate ${known.join(", ")}`, { option: "metric", got: metric });
}

/** Rows from … to − 1 as dense rows; the very same object where they are dense and all are wanted, by which a map knows a query again. */
export function denseSlice(rows: Rows, from: number, to: number): DenseRows {
  const dense = asDense(rows);
  if (from === 0 && to === dense.count) return dense;
  const { dim, values } = dense;
  return { kind: "dense", dim, count: to - from, values: values.subarray(from * dim, to * dim) };
}
