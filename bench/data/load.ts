import { basename, resolve } from "node:path";
import { NearError } from "nearts";
import { readAll, readIntegers } from "nearts/readers";
import { choice, count, type Option, text } from "../options.js";
import { dataFolder, findFiles } from "./folder.js";
import { type DataSet, limited, type SetDistance, setDistances } from "./set.js";

/** What is asked of a data set; what is undefined is all of it. */
export interface Wanted {
  readonly distance: SetDistance;
  readonly rows: number | undefined;
  readonly queries: number | undefined;
}

/** Held out as queries where a folder has none. */
const heldOut = 1000;

/** The options by which benchmarks let data be chosen. */
export function dataOptions(queries: number): DataOptions {
  return {
    data: text("<folder>", "base, query and, if there, neighbours files, in any known format; NEARTS_DATA/<a usual set> when not given"),
    distance: choice("how far apart two vectors are", setDistances, "euclidean"),
    rows: count<number | undefined>("only the first n vectors", undefined),
    queries: count("only the first n queries", queries),
  };
}

/** Those of {@link dataOptions}. */
export type DataOptions = {
  readonly data: Option<string | undefined>;
  readonly distance: Option<SetDistance>;
  readonly rows: Option<number | undefined>;
  readonly queries: Option<number>;
};

/** The set of a folder, or a usual one for its distance under NEARTS_DATA. */
export async function loadWanted(data: string | undefined, wanted: Wanted): Promise<DataSet> {
  return loadSet(dataFolder(data, wanted.distance === "euclidean" ? "fashion-mnist-784" : "word2vec-classics-100"), wanted);
}

/**
 * Reads a folder with dense base and query files. Where there are no queries, vectors spread over the base are held out; where the distance is of
 * directions, vectors without one are left out. Both are said. Rejects with what the readers reject with, E_BAD_DATA for sparse vectors,
 * E_DIM_MISMATCH.
 */
export async function loadSet(folder: string, { distance, rows, queries }: Wanted): Promise<DataSet> {
  const files = findFiles(folder);
  const base = await dense(files.base);
  const asked = files.queries === null ? null : await dense(files.queries);
  if (asked !== null && base.dim !== asked.dim)
    throw new NearError("E_DIM_MISMATCH", `vectors of ${files.base} have ${base.dim} dimensions, those of ${files.queries} ${asked.dim}`);
  const named = { name: basename(resolve(folder)), dim: base.dim, distance };
  const neighbours = files.neighbours === null || asked === null ? null : await readIntegers(files.neighbours);
  const set: DataSet =
    asked === null
      ? { ...named, ...holdOut(base.values, base.dim, queries) }
      : { ...named, base: base.values, queries: asked.values, ...(neighbours !== null && { neighbours }) };
  return limited(distance === "cosine" ? withoutZeros(set) : set, rows ?? Number.POSITIVE_INFINITY, queries ?? Number.POSITIVE_INFINITY);
}

async function dense(file: string): Promise<{ dim: number; values: Float32Array }> {
  const { rows } = await readAll(file);
  if (rows.kind === "dense") return { dim: rows.dim, values: rows.values };
  throw new NearError("E_BAD_DATA", `${file} holds ${rows.kind} vectors; this benchmark takes dense ones, as its peers take no others`, {
    file,
  });
}

function holdOut(values: Float32Array, dim: number, most: number | undefined): Pick<DataSet, "base" | "queries"> {
  const total = values.length / dim;
  const count = Math.min(most ?? heldOut, heldOut, Math.floor(total / 10));
  const step = count === 0 ? total + 1 : Math.floor(total / count);
  const isQuery = (row: number) => row % step === 0 && row / step < count;
  console.error(`no query file: ${count} vectors spread over the base are held out as queries`);
  return { base: filtered(values, dim, (row) => !isQuery(row)), queries: filtered(values, dim, isQuery) };
}

function withoutZeros(set: DataSet): DataSet {
  const { dim } = set;
  const some = (values: Float32Array) => (row: number) => values.subarray(row * dim, (row + 1) * dim).some((x) => x !== 0);
  const [base, queries] = [filtered(set.base, dim, some(set.base)), filtered(set.queries, dim, some(set.queries))];
  const gone = (set.base.length + set.queries.length - base.length - queries.length) / dim;
  if (gone === 0) return set;
  console.error(`left out, as they are all zeros and have no direction: ${gone} vectors`);
  return { name: set.name, dim, distance: set.distance, base, queries }; // without neighbours: rows have other numbers now
}

function filtered(values: Float32Array, dim: number, keep: (row: number) => boolean): Float32Array {
  const kept = new Float32Array(values.length);
  let to = 0;
  for (let row = 0; row < values.length / dim; row++) {
    if (!keep(row)) continue;
    kept.set(values.subarray(row * dim, (row + 1) * dim), to);
    to += dim;
  }
  return kept.subarray(0, to);
}
