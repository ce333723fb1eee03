import { NearError } from "./errors.js";
import { type DenseRows, gather, type Rows, rowAt, type SparseRows } from "./rows.js";

/** Sparse rows as they are, dense rows without their zeros; E_UNSUPPORTED for other kinds. */
export function asSparse(rows: Rows): SparseRows {
  if (rows.kind === "sparse") return rows;
  if (rows.kind !== "dense")
    throw new NearError("E_UNSUPPORTED", `${rows.kind} vectors cannot be compared with sparse ones`, { kind: rows.kind });
  const { dim, count, values } = rows;
  const offsets = new Uint32Array(count + 1);
  for (let r = 0; r < count; r++) {
    offsets[r + 1] = offsets[r];
    for (let i = r * dim; i < (r + 1) * dim; i++) if (values[i] !== 0) offsets[r + 1]++;
  }
  const indices = new Uint32Array(offsets[count]);
  const kept = new Float32Array(offsets[count]);
  for (let i = 0, e = 0; i < count * dim; i++) {
    if (values[i] === 0) continue;
    indices[e] = i % dim;
    kept[e++] = values[i];
  }
  return { kind: "sparse", dim, count, offsets, indices, values: kept };
}

/** Dense rows as they are, sparse rows with their zeros; E_UNSUPPORTED for other kinds. */
export function asDense(rows: Rows): DenseRows {
  if (rows.kind === "dense") return rows;
  if (rows.kind !== "sparse")
    throw new NearError("E_UNSUPPORTED", `${rows.kind} vectors cannot be compared with dense ones`, { kind: rows.kind });
  const { dim, count, offsets, indices } = rows;
  const values = new Float32Array(count * dim);
  for (let r = 0; r < count; r++) for (let e = offsets[r]; e < offsets[r + 1]; e++) values[r * dim + indices[e]] = rows.values[e];
  return { kind: "dense", dim, count, values };
}

/** Single rows of one kind as one set of columns. */
export function concatenate(rows: readonly Rows[], kind: Rows["kind"], dim: number): Rows {
  return gather(kind, dim, rows.length, (i) => rowAt(rows[i], 0));
}
