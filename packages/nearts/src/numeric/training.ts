import { NearError, show } from "../core/errors.js";
import type { DenseRows, Rows, SparseRows } from "../core/rows.js";

/** A sample to learn from: rows, or dense vectors of one length. */
export type Training = Rows<"dense" | "sparse"> | readonly ArrayLike<number>[];

/** The sample as rows, checked: E_BAD_OPTION where it is none, E_BAD_VECTOR or E_BAD_SPARSE for a bad vector in it. */
export function sampleOf(training: Training): Rows<"dense" | "sparse"> {
  const sample = isList(training) ? rowsOf(training) : training;
  // Whoever writes JavaScript may give anything.
  if (sample?.kind === "dense") checkDense(sample);
  else if (sample?.kind === "sparse") checkSparse(sample);
  else {
    const message = `training is ${show(sample)}; it must be dense or sparse rows, or a list of vectors`;
    throw new NearError("E_BAD_OPTION", message, { option: "training", got: show(sample) });
  }
  return sample;
}

function isList(training: Training): training is readonly ArrayLike<number>[] {
  return Array.isArray(training);
}

function rowsOf(vectors: readonly ArrayLike<number>[]): DenseRows {
  const count = vectors.length;
  const dim = count === 0 ? 0 : vectors[0].length;
  const values = new Float32Array(count * dim);
  for (let r = 0; r < count; r++) {
    if (vectors[r].length !== dim) refuse(r, `has ${vectors[r].length} dimensions, the first has ${dim}`);
    values.set(vectors[r], r * dim);
  }
  return { kind: "dense", dim, count, values };
}

function checkDense({ dim, count, values }: DenseRows): void {
  if (values.length !== dim * count)
    refuse(0, `and the rest hold ${values.length} values, ${count} rows of ${dim} dimensions need ${dim * count}`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(Math.floor(bad / dim), `holds ${values[bad]} at ${bad % dim}, expected a finite float32`);
}

function checkSparse({ dim, count, offsets, indices, values }: SparseRows): void {
  if (offsets.length !== count + 1 || indices.length < offsets[count] || values.length < offsets[count]) {
    const message = `training of ${count} sparse rows has ${offsets.length} offsets, ${indices.length} indices and ${values.length} values`;
    throw new NearError("E_BAD_SPARSE", `${message}, expected ${count + 1} offsets and as many of the others as the last offset says`);
  }
  for (let r = 0; r < count; r++) {
    if (offsets[r + 1] < offsets[r]) refuse(r, `ends at entry ${offsets[r + 1]}, before it begins at ${offsets[r]}`, "E_BAD_SPARSE");
    for (let e = offsets[r]; e < offsets[r + 1]; e++) {
      if (!Number.isFinite(values[e])) refuse(r, `holds ${values[e]} at ${indices[e]}, expected a finite float32`);
      const ascending = e === offsets[r] || indices[e] > indices[e - 1];
      if (!ascending || indices[e] >= dim)
        refuse(r, `has index ${indices[e]}, expected strictly ascending indices below ${dim}`, "E_BAD_SPARSE");
    }
  }
}

function refuse(row: number, problem: string, code: "E_BAD_VECTOR" | "E_BAD_SPARSE" = "E_BAD_VECTOR"): never {
  throw new NearError(code, `training vector ${row} ${problem}`, { row });
}
