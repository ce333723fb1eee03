import type { Hash } from "./core/contracts.js";
import type { JoinFamilyRequest } from "./engine/options.js";
import { MinHash } from "./hashes/min-hash.js";
import { RandomBinaryProjections } from "./hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "./hashes/random-discretized-projections.js";
import { binCollision, planeCollision } from "./numeric/collision.js";

/** One way to make keys: so many independent parts, each of which two vectors share with the probability of the law. */
interface Candidate {
  /** With what probability two vectors so far apart share one part of a key. */
  readonly law: (distance: number) => number;
  readonly mostParts: number;
  /** What one part of a key takes. */
  readonly nanos: number;
  readonly make: (parts: number, tables: number) => Hash;
}

/** Tables at most: beyond, comparing all is hardly dearer. */
const mostTables = 512;
/** What an entry of a bucket takes to be looked at, and to be found seen already. */
const entryNanos = 8;

/**
 * The hash that brings pairs `within` a distance together with the probability asked for, at the least cost: for each number of parts of a key as many tables
 * as that takes; the cost is of making keys and of what the sampled distances say that buckets hold. Null where no family serves the distance.
 */
export function joinFamily(request: JoinFamilyRequest): Hash | null {
  let best: { readonly cost: number; readonly make: () => Hash } | null = null;
  for (const candidate of candidatesFor(request)) {
    for (let parts = 1; parts <= candidate.mostParts; parts++) {
      const near = candidate.law(request.within) ** parts;
      const tables = near >= 1 ? 1 : Math.ceil(Math.log1p(-request.recall) / Math.log1p(-near));
      if (!(tables <= mostTables)) break;
      const cost = costOf(candidate, parts, tables, request);
      if (best === null || cost < best.cost) best = { cost, make: () => candidate.make(parts, tables) };
    }
  }
  return best?.make() ?? null;
}

/** Nanoseconds a vector. */
function costOf(
  { law, nanos }: Candidate,
  parts: number,
  tables: number,
  { size, distances, within, measureNanos }: JoinFamilyRequest,
): number {
  let [read, measured] = [0, 0];
  const count = (distance: number) => {
    const share = law(distance) ** parts;
    read += tables * share;
    measured += 1 - (1 - share) ** tables;
  };
  for (const distance of distances) count(distance);
  // No sample has seen the pairs that are looked for: there may be as many as would just have escaped it.
  count(within);
  const others = size / 2 / (distances.length + 1);
  return tables * parts * nanos + others * (read * entryNanos + measured * measureNanos);
}

/** What a value of MinHash takes, of a set of some hundred members. */
const valueNanos = 25;

const name = "join";
const seed = "join";

function candidatesFor({ distance, shape, within, distances }: JoinFamilyRequest): Candidate[] {
  const { kind, dim } = shape;
  // A projection is a product with a direction.
  const nanos = kind === "dense" ? 5 + dim / 8 : 200;
  if (distance === "jaccard") {
    const make = (rows: number, tables: number) => new MinHash({ name, rows, tables, seed });
    return [{ law: (d) => 1 - d, mostParts: 64, nanos: valueNanos, make }];
  }
  if (kind !== "dense" && kind !== "sparse") return [];
  if (distance === "cosine" || distance === "angular") {
    const angle = distance === "angular" ? (d: number) => d : (d: number) => Math.acos(Math.max(-1, Math.min(1, 1 - d)));
    const make = (projections: number, tables: number) => new RandomBinaryProjections({ name, projections, tables, seed });
    return [{ law: (d) => planeCollision(angle(d)), mostParts: 64, nanos, make }];
  }
  if (distance !== "euclidean") return [];
  const usual = distances.length === 0 ? 1 : distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const unit = within > 0 ? within : Math.max(Number.MIN_VALUE, usual / 8);
  return [1, 2, 4, 8].map((times) => {
    const binWidth = unit * times;
    const make = (projections: number, tables: number) =>
      new RandomDiscretizedProjections({ name, projections, tables, binWidth, seed, offset: true });
    return { law: (d) => binCollision(d, binWidth), mostParts: 64, nanos, make };
  });
}
