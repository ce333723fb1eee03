import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { NearError } from "nearts";
import { readAll } from "nearts/readers";

/** Vectors to index and to ask with, as flat float32. */
export interface DataSet {
  readonly name: string;
  readonly dim: number;
  readonly distance: "cosine" | "euclidean";
  readonly base: Float32Array;
  readonly queries: Float32Array;
}

const basePattern = /^(base|train-images[^.]*|train)\.|^train-images/;
const queryPattern = /^(query|queries|test|t10k-images[^.]*)\.|^t10k-images/;

/** The folder meant by --data, or by NEARTS_DATA when none is given. */
export function dataFolder(given: string | undefined, set: string): string {
  const folder = given ?? (process.env.NEARTS_DATA === undefined ? undefined : join(process.env.NEARTS_DATA, set));
  if (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new NearError(
    "E_NOT_FOUND",
    `there is no data folder at ${folder ?? "NEARTS_DATA (unset)"}: pass --data <folder with base and query files>`,
  );
}

/** Reads a folder with dense base and query files in any of the known formats. */
export async function loadFolder(folder: string): Promise<DataSet> {
  const files = readdirSync(folder);
  const find = (pattern: RegExp, what: string) => {
    const file = files.find((name) => pattern.test(name) && !name.endsWith(".txt.gz") && !name.endsWith(".txt"));
    if (file === undefined)
      throw new NearError(
        "E_NOT_FOUND",
        `${folder} has no ${what} file (looked for ${pattern}); it begins with ${files.slice(0, 8).join(", ") || "nothing"}`,
      );
    return join(folder, file);
  };
  const [base, queries] = [await dense(find(basePattern, "base")), await dense(find(queryPattern, "query"))];
  if (base.dim !== queries.dim) throw new NearError("E_DIM_MISMATCH", `base vectors have ${base.dim} dimensions, queries ${queries.dim}`);
  return { name: basename(folder), dim: base.dim, distance: "cosine", base: base.values, queries: queries.values };
}

async function dense(file: string): Promise<{ dim: number; values: Float32Array }> {
  const { rows } = await readAll(file);
  if (rows.kind !== "dense") throw new NearError("E_BAD_DATA", `${file} holds ${rows.kind} vectors, this benchmark takes dense ones`);
  return { dim: rows.dim, values: rows.values };
}

/** The set with the mean of its base vectors subtracted from all. */
export function centred(set: DataSet): DataSet {
  const { dim, base } = set;
  const mean = new Float64Array(dim);
  for (let i = 0; i < base.length; i++) mean[i % dim] += base[i];
  for (let j = 0; j < dim; j++) mean[j] /= base.length / dim;
  const shift = (values: Float32Array) => values.map((x, i) => x - mean[i % dim]);
  return { ...set, name: `${set.name} (centred)`, base: shift(base), queries: shift(set.queries) };
}

/** The first vectors of a set. */
export function limited(set: DataSet, rows: number, queries: number): DataSet {
  const first = (values: Float32Array, count: number) => values.subarray(0, Math.min(values.length, count * set.dim));
  return { ...set, base: first(set.base, rows), queries: first(set.queries, queries) };
}

/** One query of a set; borrowed, not copied. */
export function queryOf({ queries, dim }: DataSet, q: number): Float32Array {
  return queries.subarray(q * dim, (q + 1) * dim);
}
