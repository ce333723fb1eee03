import type { Collision, Distance, Hash, Shape, Storage } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { type Rows, rowAt } from "../../core/rows.js";
import { valuesOf, vectorNanos } from "../cost.js";
import { inTermsOf } from "../law.js";
import type { Registry } from "../options.js";
import type { Stages } from "../stages.js";
import type { PairCursor } from "./options.js";
import { sampleOf } from "./stored.js";

/** Vectors between which distances are sampled, all with all. */
const sampled = 128;
/** Up to so many vectors, comparing all with all is done before keys are made. */
const few = 512;

/** How the candidates of a join are found. */
export interface JoinPlan {
  readonly way: PairCursor["way"];
  /** Rows with equal keys in some table of these are candidates; none: all rows are. */
  readonly hashes: readonly Hash[];
  /** The share of pairs exactly `within` apart that is expected to be found; of nearer ones more is. */
  readonly recall: number;
}

/** What a plan is made from. */
export interface JoinParts {
  readonly storage: Storage;
  readonly stages: Stages;
  readonly shape: Shape;
  readonly distance: Distance;
  readonly registry: Pick<Registry, "joinFamily" | "revive" | "storage">;
}

const exact: JoinPlan = { way: "exact", hashes: [], recall: 1 };

/**
 * How to find a share `recall` of the pairs within a distance: by the engine's own hashes, where theory says that these bring enough of them together and the
 * sampled distances that they keep others apart; else by a family made for this distance and what it costs on these vectors; else all with all.
 */
export async function planJoin(parts: JoinParts, within: number, recall: number): Promise<JoinPlan> {
  const { storage, shape, distance, registry } = parts;
  const size = await storage.size();
  if (recall === 1 || size <= few) return exact;
  const sample = await sampleOf(storage, shape.kind, shape.dim, sampled);
  const distances = distancesIn(sample, distance);
  const own = ownHashes(parts.stages);
  const found = boundOf(own, distance.name, within);
  if (found >= recall && readShare(own, distance.name, distances) < mostRead) return { way: "hashes", hashes: own, recall: found };
  const about = { shape, distance: distance.name, within, recall, size, distances };
  const family = registry.joinFamily({ ...about, ...costOf(sample, distance) });
  if (family === null) return exact;
  family.open(shape);
  return { way: { family: family.config() }, hashes: [family], recall: boundOf([family], distance.name, within) };
}

/** The plan of a join that goes on. E_CONFIG or E_UNKNOWN_PLUGIN where its family is none, E_BAD_OPTION where the engine has no hashes any more. */
export function planAgain({ stages, shape, distance, registry }: JoinParts, { way, within }: PairCursor): JoinPlan {
  const limit = within ?? Number.POSITIVE_INFINITY;
  if (way === "exact") return exact;
  const hashes = way === "hashes" ? ownHashes(stages) : [registry.revive.hash(way.family)];
  if (hashes.length === 0)
    throw new NearError("E_BAD_OPTION", "the cursor is of a join by the engine's hashes, and it has none now: leave it out", {});
  for (const hash of hashes) hash.open(shape);
  return { way, hashes, recall: boundOf(hashes, distance.name, limit) };
}

/** What measuring two sets takes, and each of their members; and an entry of two vectors, by a distance that no kernel measures. */
const setNanos = 200;
const memberNanos = 2;
const betweenNanos = 150;

/** Own hashes that read more than this share of all rows are no help. */
const mostRead = 0.25;

/** Hashes whose law is known and of which a row has one key a table. */
function ownHashes({ active }: Stages): readonly Hash[] {
  return active.map(({ hash }) => hash).filter((hash) => hash.collision !== undefined && (hash.keysPerTable ?? 1) === 1);
}

/** With what probability two vectors so far apart share a key of some table. */
function boundOf(hashes: readonly Hash[], distance: string, within: number): number {
  let missed = 1;
  for (const { collision, tables } of hashes) missed *= (1 - probabilityOf(collision, distance, within)) ** tables;
  return 1 - missed;
}

/** Entries that a row meets in its buckets, as a share of all rows. */
function readShare(hashes: readonly Hash[], distance: string, distances: Float64Array): number {
  let share = 0;
  for (const { collision, tables } of hashes) {
    for (const value of distances) share += (tables * probabilityOf(collision, distance, value)) / distances.length;
  }
  return share;
}

/** With what probability two vectors share a key of one table; 0 where the law is of another distance. */
function probabilityOf(collision: Collision | undefined, distance: string, value: number): number {
  if (collision === undefined) return 0;
  const known = inTermsOf(collision, distance, value);
  return known === undefined ? 0 : collision.probability(known);
}

/** Distances between all rows of a sample. */
function distancesIn(rows: Rows, distance: Distance): Float64Array {
  const distances = new Float64Array((rows.count * (rows.count - 1)) / 2);
  let at = 0;
  for (let i = 0; i < rows.count; i++) for (let j = 0; j < i; j++) distances[at++] = distance.between(rowAt(rows, i), rowAt(rows, j));
  return distances;
}

/** What measuring a pair takes, and how many members sets have, or entries other vectors. */
function costOf(sample: Rows, { metric }: Distance): { measureNanos: number; members: number; entries: number } {
  if (sample.kind !== "set") {
    const entries = sample.kind === "sparse" ? sample.values.length / Math.max(1, sample.count) : valuesOf(sample);
    return { measureNanos: metric === undefined ? betweenNanos * entries : vectorNanos(valuesOf(sample)), members: 0, entries };
  }
  const sizes = Uint32Array.from({ length: sample.count }, (_, i) => sample.offsets[i + 1] - sample.offsets[i]).sort();
  const mean = sample.members.length / Math.max(1, sample.count);
  return { measureNanos: setNanos + memberNanos * mean, members: sizes[Math.floor(sizes.length / 10)] ?? 0, entries: 0 };
}
