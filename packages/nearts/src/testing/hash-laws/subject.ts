import { Keys, Probes } from "../../core/columns.js";
import type { Hash, HashClass, HashConfig, Id, KeyDirectory } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { type Kind, type Rows, slice } from "../../core/rows.js";
import { type DistanceName, Engine, MemoryStorage } from "../../index.js";
import { arbitraryRows } from "../arbitraries.js";

/** A hash under test, for vectors of one kind. */
export interface HashSubject {
  readonly kind: Kind;
  readonly dim: number;
  /** A new instance, made the same way each time, not opened. */
  readonly create: () => Hash;
  readonly hashClass: HashClass;
  /** A new instance of any known class made from a configuration, not opened. */
  readonly revive: (config: HashConfig) => Hash;
}

/** A hash of the subject, opened for its shape; a new one when not given. */
export function opened(subject: HashSubject, hash: Hash = subject.create()): Hash {
  hash.open({ kind: subject.kind, dim: subject.dim });
  return hash;
}

/** Vectors of the subject's shape, the same for the same seed: more than hashes project at once, zero vectors among them. */
export function sample({ kind, dim, create }: HashSubject, count = 70, seed = 1): Rows {
  const positive = create().serves?.includes("weighted-jaccard") === true;
  return arbitraryRows(new Random(seed), kind, { count, dim, zeros: true, positive });
}

/** The keys of rows, as new columns. */
export function keysOf(hash: Hash, rows: Rows): Keys {
  const keys = new Keys();
  hash.keys(rows, keys);
  return keys;
}

/** Entries of key columns as plain text "row table key", in their order, rows counted from `first`. */
export function listKeys(keys: Keys, first = 0): string[] {
  return Array.from({ length: keys.count }, (_, e) => `${keys.rows[e] + first} ${keys.tables[e]} ${keyText(keys.hi[e], keys.lo[e])}`);
}

/** The probes of one query, as new columns. */
export function probesOf(hash: Hash, query: Rows, directory: KeyDirectory, budget: number): Probes {
  const probes = new Probes();
  hash.probes(query, directory, budget, probes);
  return probes;
}

/** Probes as plain text "table key/prefix", in their order. */
export function listProbes(probes: Probes): string[] {
  return Array.from(
    { length: probes.count },
    (_, p) => `${probes.tables[p]} ${keyText(probes.hi[p], probes.lo[p])}/${probes.prefixBits[p]}`,
  );
}

/** A key as 16 hexadecimal digits. */
export function keyText(hi: number, lo: number): string {
  return hi.toString(16).padStart(8, "0") + lo.toString(16).padStart(8, "0");
}

const distances = { dense: "euclidean", sparse: "euclidean", bits: "hamming", set: "jaccard" } as const satisfies Record<Kind, string>;

/** An engine over a fresh memory storage with this one hash, and the storage; ids of stored rows are their numbers. */
export function engineOf(subject: HashSubject, hash: Hash): { readonly engine: Engine<unknown, Kind>; readonly storage: MemoryStorage } {
  const storage = new MemoryStorage();
  const { dim, kind } = subject;
  const engine = new Engine<unknown, Kind>({ dim, kind, hashes: [hash], storage, distance: distanceFor(hash, kind) });
  return { engine, storage };
}

/** A distance for vectors of this kind that the hash serves. */
function distanceFor({ serves }: Hash, kind: Kind): DistanceName {
  const usual = distances[kind];
  return serves === undefined || serves.includes(usual) ? usual : (serves[0] as DistanceName); // an engine refuses any other name
}

/** Stores rows under the given ids, or 0, 1, 2 … */
export async function store(
  engine: Engine<unknown, Kind>,
  rows: Rows,
  ids: readonly Id[] = Array.from({ length: rows.count }, (_, i) => i),
): Promise<void> {
  await engine.storeManyVectors(rows, { ids });
}

/** Ids of all candidates of each query, as often as buckets proposed them, in ascending order; ids are the numbers of stored rows. */
export async function candidatesOf(engine: Engine<unknown, Kind>, queries: Rows, probes = 1): Promise<Id[][]> {
  const lists = await engine.neighboursOfMany(queries, { distance: false, filters: false, probes });
  return lists.map((found) => found.map(({ id }) => id).sort((a, b) => Number(a) - Number(b)));
}

/** Calls `each` with every row by itself. */
export async function forEachRow(rows: Rows, each: (row: Rows, i: number) => unknown): Promise<void> {
  for (let i = 0; i < rows.count; i++) await each(slice(rows, i, i + 1), i);
}
