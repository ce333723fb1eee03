import { basename } from "node:path";
import { type DistanceName, type Kind, NearError, type Rows } from "nearts";
import type { DataSet } from "../data.js";
import { type FileRows, type ReadingOptions, readRows } from "../formats/read-rows.js";
import { unknownName } from "../names.js";
import { asKind } from "./as-kind.js";
import { checkFiles } from "./check-files.js";
import { checkSpec } from "./check-spec.js";
import { contentHash } from "./content-hash.js";
import { holdOut } from "./hold-out.js";
import { first } from "./pick.js";
import type { DataSpec, FileSpec, SyntheticSpec } from "./spec.js";
import { synthesise } from "./synthetic.js";
import { withoutZeros } from "./zeros.js";

/** How far the opening of a data set has come. */
export interface DataProgress {
  /** What is being done: "reading base.fvecs". */
  readonly step: string;
  readonly rows: number;
  /** Of the file, where that is known. */
  readonly bytes?: number;
  readonly totalBytes?: number;
}

/** Options of {@link openDataSet}. */
export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
}

/** Rows and queries on their way to become a data set. */
interface Parts {
  readonly base: Rows;
  readonly queries: Rows;
  readonly distance: DistanceName | undefined;
}

/** Which distances are between vectors of each kind; the first is taken where nothing else is said. */
const distancesOf: Readonly<Record<Kind, readonly DistanceName[]>> = {
  dense: ["euclidean", "cosine", "angular", "inner-product", "manhattan"],
  sparse: ["euclidean", "cosine", "angular", "inner-product", "manhattan"],
  bits: ["hamming"],
  set: ["jaccard", "containment"],
};

/**
 * Reads or generates a data set, whole in memory. Rejects before long work with E_BAD_OPTION for what cannot be asked; then with what reading the files
 * rejects with, E_DIM_MISMATCH where rows and queries are of different dimension or kind, E_ZERO_VECTOR.
 */
export async function openDataSet(spec: DataSpec, options: OpenOptions = {}): Promise<DataSet> {
  checkDistance(spec);
  const { base, queries, distance: told } = "generate" in spec ? generated(spec) : await fromFiles(spec, options);
  const distance = distanceFor(base.kind, spec.distance ?? told);
  const drop = "base" in spec && spec.zeros === "drop";
  const parts = { base: withoutZeros(base, distance, drop, "the base"), queries: withoutZeros(queries, distance, drop, "the queries") };
  checkNotEmpty(parts);
  return { name: spec.name ?? nameOf(spec), distance, ...parts, hash: await contentHash(parts.base, parts.queries, options.signal) };
}

function generated(spec: SyntheticSpec): Parts {
  return { ...synthesise(spec), distance: undefined };
}

async function fromFiles(spec: FileSpec, options: OpenOptions): Promise<Parts> {
  checkSpec(spec);
  await checkFiles(spec);
  const file = await read(spec.base, spec.column, options, spec.limit);
  const base = spec.kind === undefined ? file.rows : asKind(file.rows, spec.kind, spec.base);
  if (spec.holdOut !== undefined) {
    const { base: stored, queries } = holdOut(base, spec.holdOut);
    return { base: stored, queries: first(queries, spec.queryLimit ?? Number.POSITIVE_INFINITY), distance: file.distance };
  }
  const asked = await queriesOf(spec, file, options);
  const queries = spec.kind === undefined ? asked : asKind(asked, spec.kind, spec.queries ?? spec.base);
  return { ...alike(base, queries, spec), distance: file.distance };
}

async function queriesOf(spec: FileSpec, file: FileRows, options: OpenOptions): Promise<Rows> {
  if (spec.queries !== undefined) return (await read(spec.queries, spec.queryColumn ?? spec.column, options, spec.queryLimit)).rows;
  if (file.queries !== undefined) return first(file.queries, spec.queryLimit ?? Number.POSITIVE_INFINITY);
  const message = `${JSON.stringify(spec.base)} brings no queries: name a file of them as queries, or take some of its rows with holdOut: { count } or { share }`;
  throw new NearError("E_BAD_OPTION", message, { file: spec.base });
}

function read(path: string, column: string | undefined, { signal, onProgress }: OpenOptions, limit: number | undefined): Promise<FileRows> {
  const step = `reading ${basename(path)}`;
  const reading: ReadingOptions = { column, signal, limit, onProgress: (progress) => onProgress?.({ step, ...progress }) };
  return readRows(path, reading);
}

/** Both with one dimension: sparse rows and sets may merely end earlier than others. */
function alike(base: Rows, queries: Rows, spec: FileSpec): { readonly base: Rows; readonly queries: Rows } {
  const names = `${JSON.stringify(spec.base)} and ${JSON.stringify(spec.queries ?? spec.base)}`;
  if (base.kind !== queries.kind)
    throw new NearError("E_DIM_MISMATCH", `${names} hold ${base.kind} and ${queries.kind} rows: give kind, or files of one kind`, {
      base: base.kind,
      queries: queries.kind,
    });
  if (base.dim === queries.dim) return { base, queries };
  if (base.kind === "sparse" || base.kind === "set") {
    const dim = Math.max(base.dim, queries.dim);
    return { base: { ...base, dim }, queries: { ...queries, dim } };
  }
  throw new NearError("E_DIM_MISMATCH", `rows of ${names} have ${base.dim} and ${queries.dim} dimensions: they must have the same`, {
    base: base.dim,
    queries: queries.dim,
  });
}

function distanceFor(kind: Kind, wanted: DistanceName | undefined): DistanceName {
  const known = distancesOf[kind];
  const distance = wanted ?? known[0];
  if (known.includes(distance)) return distance;
  const message = `distance is ${JSON.stringify(distance)}, between ${kind} vectors there are ${known.join(", ")}`;
  throw new NearError("E_BAD_OPTION", message, { got: distance, expected: known });
}

function checkDistance({ distance }: DataSpec): void {
  const known = [...new Set(Object.values(distancesOf).flat())];
  if (distance !== undefined && !known.includes(distance)) throw unknownName("a distance", String(distance), known);
}

function checkNotEmpty({ base, queries }: Pick<Parts, "base" | "queries">): void {
  if (base.count > 0 && queries.count > 0) return;
  const message = `the data set has ${base.count} rows and ${queries.count} queries: there must be at least one of each`;
  throw new NearError("E_BAD_DATA", message, { rows: base.count, queries: queries.count });
}

function nameOf(spec: DataSpec): string {
  if ("generate" in spec) return `${spec.generate}-${spec.rows}x${spec.dim}`;
  return basename(spec.base).replace(/(\.gz)?$/i, "");
}
