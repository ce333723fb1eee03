import { basename } from "node:path";
import { type DistanceName, Engine, type FieldTypes, type Id, NearError, type Storage } from "nearts";
import type { VectorChunk } from "nearts/readers";
import type { FileFormatName } from "nearts-lab";
import { readFile } from "../search/read-file.js";
import type { Index } from "../search/trial.js";
import { Progress } from "../terminal/progress.js";
import { Checkpoint } from "./checkpoint.js";
import type { Rejects } from "./rejects.js";

/** What is put into an index, and how. */
export interface Import {
  readonly path: string;
  readonly storage: Storage;
  /** For a new index; one that is there keeps its own. */
  readonly distance: DistanceName | undefined;
  readonly recall: number | undefined;
  readonly fields: FieldTypes | undefined;
  readonly format: FileFormatName | undefined;
  readonly column: string | undefined;
  readonly zeroBased: boolean | undefined;
  readonly limit: number | undefined;
  /** Before the row number, for rows that the file gives no id. */
  readonly idPrefix: string | undefined;
  /** Receives bad lines; without it the first of them ends the import. */
  readonly rejects: Rejects | undefined;
  readonly signal: AbortSignal;
}

/** What an import did. */
export interface Imported {
  readonly engine: Index;
  /** Whether the index was there before. */
  readonly existed: boolean;
  /** Rows of the file that were stored before, by an earlier run. */
  readonly before: number;
  readonly stored: number;
  readonly seconds: number;
}

/** A chunk whose rows all have ids. */
type Named = VectorChunk & { readonly ids: readonly Id[] };

/** Stores the vectors of a file; an import that was interrupted goes on where it was. The caller closes the engine, or the storage where this rejects. */
export async function importFile(options: Import): Promise<Imported> {
  const { path, storage, signal } = options;
  const existing = await storage.schema();
  const checkpoint = await Checkpoint.of(storage, path);
  let engine = existing === null ? undefined : await reopened(options);
  // Before it is open, a storage of ours may not know its configurations.
  const before = engine === undefined ? 0 : await checkpoint.rows();
  const progress = new Progress({ label: `indexing ${basename(path)}`, unit: "rows" });
  const reading = { ...readingOptions(options), ...(existing === null ? {} : { dim: existing.fields[0].dim }) };
  let done = 0;
  let stored = 0;
  /** Chunk after chunk: when the next is asked for, the one before is stored. */
  const chunks = async function* (first: VectorChunk, more: AsyncIterator<VectorChunk>): AsyncGenerator<Named> {
    for (let chunk: VectorChunk | undefined = first; chunk !== undefined; ) {
      const begun = done;
      done += chunk.rows.count;
      if (done > before) {
        yield { ...chunk, ids: idsOf(chunk, begun, options.idPrefix) };
        stored += done - Math.max(begun, before);
        await checkpoint.note(done);
      }
      progress.update(done);
      const next: IteratorResult<VectorChunk, void> = await more.next();
      chunk = next.done === true ? undefined : next.value;
    }
  };
  const iterator = readFile(path, reading);
  try {
    const { value: first } = await iterator.next();
    if (first === undefined)
      throw new NearError("E_BAD_FILE", `${JSON.stringify(path)} has no rows: there is nothing to index`, { file: path });
    engine ??= created(options, first);
    await engine.storeManyVectors(chunks(first, iterator), { signal });
  } finally {
    progress.end();
    await iterator.return();
  }
  return { engine, existed: existing !== null, before, stored, seconds: progress.end() };
}

/** The index that is there; E_SCHEMA_MISMATCH where it was made for something else than what is asked for. */
async function reopened({ storage, distance, recall }: Import): Promise<Index> {
  const engine = await Engine.open<unknown, "dense" | "sparse">({ storage });
  const schema = await storage.schema();
  const asked = { distance, recall };
  const there = { distance: schema?.distance, recall: schema?.recall };
  for (const option of ["distance", "recall"] as const) {
    if (asked[option] === undefined || asked[option] === there[option]) continue;
    const message = `the index has ${option} ${there[option] ?? "none"}, and --${option} is ${asked[option]}: leave it out, or name another place`;
    throw new NearError("E_SCHEMA_MISMATCH", message, { there: there[option], wanted: asked[option] });
  }
  return engine;
}

const DEFAULT_RECALL = 0.95;

function created({ storage, distance = "cosine", recall = DEFAULT_RECALL, fields }: Import, { rows }: VectorChunk): Index {
  const learns = rows.kind === "dense" && learnable.includes(distance);
  return new Engine<unknown, "dense" | "sparse">({
    dim: rows.dim,
    kind: rows.kind,
    distance,
    storage,
    ...(learns ? { recall } : {}),
    ...(fields === undefined ? {} : { fields }),
  });
}

/** Distances that an engine learns to search by. */
const learnable: readonly DistanceName[] = ["cosine", "euclidean", "inner-product"];

function readingOptions({ format, column, zeroBased, limit, rejects, signal }: Import) {
  return {
    format,
    column,
    data: true,
    zeroBased,
    limit,
    signal,
    onReject: rejects === undefined ? undefined : (reject: Parameters<Rejects["add"]>[0]) => rejects.add(reject),
  };
}

/** The ids of a chunk: the file's own, else the row's number in the file, so that a second run stores the same again. */
function idsOf({ rows, ids }: VectorChunk, first: number, prefix: string | undefined): Id[] {
  return Array.from({ length: rows.count }, (_, i) => ids?.[i] ?? (prefix === undefined ? first + i : `${prefix}${first + i}`));
}
