import { type BitRows, type DenseRows, type Kind, NearError, type Rows, type SetRows, type SparseRows } from "nearts";

/** Largest dimension of dense rows made of sparse ones: what an engine takes. */
const mostDense = 16_384;

/**
 * Rows as another kind: dense as bits (0 and 1 only) or as sparse (the values that are not 0), sparse as dense or as sets of their indices.
 * E_BAD_OPTION where rows of the one kind are none of the other, E_BAD_DATA where a value is no bit.
 */
export function asKind(rows: Rows, kind: Kind, name: string): Rows {
  if (rows.kind === kind) return rows;
  if (rows.kind === "dense" && kind === "bits") return toBits(rows, name);
  if (rows.kind === "dense" && kind === "sparse") return toSparse(rows);
  if (rows.kind === "sparse" && kind === "dense") return toDense(rows, name);
  if (rows.kind === "sparse" && kind === "set") return toSets(rows);
  const message = `${name} has ${rows.kind} rows, which cannot be taken as ${kind}: leave out kind, or write them so`;
  throw new NearError("E_BAD_OPTION", message, { got: rows.kind, expected: kind });
}

function toBits({ dim, count, values }: DenseRows, name: string): BitRows {
  const width = Math.ceil(dim / 32);
  const words = new Uint32Array(count * width);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < dim; i++) {
      const value = values[row * dim + i];
      if (value === 1) words[row * width + (i >>> 5)] |= 1 << (i & 31);
      else if (value !== 0)
        throw new NearError("E_BAD_DATA", `row ${row} of ${name} has ${value} at ${i}, bits are 0 or 1`, { row, position: i, got: value });
    }
  return { kind: "bits", dim, count, words };
}

function toSparse({ dim, count, values }: DenseRows): SparseRows {
  const offsets = new Uint32Array(count + 1);
  let entries = 0;
  for (let row = 0; row < count; row++) {
    for (let i = row * dim; i < (row + 1) * dim; i++) if (values[i] !== 0) entries++;
    offsets[row + 1] = entries;
  }
  const [indices, kept] = [new Uint32Array(entries), new Float32Array(entries)];
  for (let i = 0, at = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    indices[at] = i % dim;
    kept[at++] = values[i];
  }
  return { kind: "sparse", dim, count, offsets, indices, values: kept };
}

function toDense({ dim, count, offsets, indices, values }: SparseRows, name: string): DenseRows {
  if (dim > mostDense)
    throw new NearError("E_LIMIT", `${name} has ${dim} dimensions, dense rows have at most ${mostDense}: leave it sparse`, {
      got: dim,
      most: mostDense,
    });
  const dense = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) for (let e = offsets[row]; e < offsets[row + 1]; e++) dense[row * dim + indices[e]] = values[e];
  return { kind: "dense", dim, count, values: dense };
}

/** Sets of the indices that are given, whatever their values. */
function toSets({ dim, count, offsets, indices }: SparseRows): SetRows {
  return { kind: "set", dim, count, offsets, members: indices };
}
