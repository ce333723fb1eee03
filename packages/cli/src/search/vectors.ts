import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type DenseRows, type DenseVector, gather, type Id, rowAt, type SparseRows, type SparseVector } from "nearts";
import { collect } from "nearts/readers";
import type { FileFormatName } from "nearts-lab";
import { count, plural, span } from "../terminal/format.js";
import { Progress } from "../terminal/progress.js";
import { readFile } from "./read-file.js";

/** Vectors as files hold them. */
export type RealRows = DenseRows | SparseRows;

/** Vectors of a file. */
export interface Vectors {
  /** The file's name without its folder. */
  readonly name: string;
  readonly rows: RealRows;
  /** What the file calls each row; absent where it names none of them, or not all. */
  readonly ids?: readonly Id[];
  readonly seconds: number;
}

/** How to read a file of vectors. */
export interface LoadOptions {
  readonly limit?: number | undefined;
  readonly format?: FileFormatName | undefined;
  readonly column?: string | undefined;
  readonly zeroBased?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** All vectors of a file, with reports on standard error while it is read. */
export async function load(path: string, options: LoadOptions): Promise<Vectors> {
  const name = basename(path);
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => Number.NaN,
  ); // what is wrong with the file, the reader says better
  const progress = new Progress({ label: `reading ${name}`, unit: "rows" });
  try {
    const { format, column, zeroBased, limit, signal } = options;
    const onProgress = (read: { rows: number; bytes: number }) => progress.update(read.rows, read.bytes / bytes);
    const chunks = readFile(path, { format, column, zeroBased, limit, signal, borrowed: true, onProgress });
    const { rows, ids = [] } = await collect(chunks, path, undefined, true);
    const named = ids.filter((id) => id !== undefined);
    return { name, rows, ...(named.length === rows.count && { ids: named }), seconds: progress.end() };
  } finally {
    progress.end();
  }
}

/** The rows with the dimension that the others have, where sparse ones merely end earlier. */
export function widen(rows: RealRows, dim: number): RealRows {
  return rows.kind === "sparse" && rows.dim < dim ? { ...rows, dim } : rows;
}

/** Row `i` as a vector: a view. */
export function vectorAt(rows: RealRows, i: number): DenseVector | SparseVector {
  return rows.kind === "dense" ? rowAt<"dense">(rows, i) : rowAt<"sparse">(rows, i);
}

/** At most `most` rows, evenly spread over all. */
export function sampleOf(rows: RealRows, most: number): RealRows {
  return rows.count <= most ? rows : pick(rows, spread(rows.count, most));
}

/** The rows with these numbers, in this order. */
export function pick(rows: RealRows, numbers: ArrayLike<number>): RealRows {
  return rows.kind === "dense"
    ? gather("dense", rows.dim, numbers.length, (i) => rowAt<"dense">(rows, numbers[i]))
    : gather("sparse", rows.dim, numbers.length, (i) => rowAt<"sparse">(rows, numbers[i]));
}

/** Rows to store, and `most` others (but no more than a fifth), evenly spread over all, to ask with: queries that are not stored themselves. */
export function holdOut(rows: RealRows, most: number): { stored: RealRows; queries: RealRows } {
  const held = spread(rows.count, Math.min(most, Math.ceil(rows.count / 5)));
  const out = new Set(held);
  const others = Array.from({ length: rows.count }, (_, i) => i).filter((i) => !out.has(i));
  return { stored: pick(rows, others), queries: pick(rows, held) };
}

/** One line about what was read. */
export function describe({ name, rows, seconds }: Vectors): string {
  const kind = rows.kind === "sparse" ? `sparse with ${(rows.offsets[rows.count] / rows.count).toFixed(1)} entries a row` : "dense";
  return `${name}: ${plural(rows.count, "row")} of ${plural(rows.dim, "dimension")}, ${kind}, read in ${span(seconds)} (${count(rows.count / seconds)} rows/s)`;
}

/** `count` of the numbers below `total`, evenly spread and ascending. */
function spread(total: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * total) / count));
}
