import type { Hash } from "./core/contracts.js";
import type { JoinFamilyRequest } from "./engine/options.js";
import { BitSampling } from "./hashes/bit-sampling.js";
import { MinHash } from "./hashes/min-hash.js";
import { PStableProjections } from "./hashes/p-stable-projections.js";
import { RandomBinaryProjections } from "./hashes/random-binary-projections.js";
import { WeightedMinHash } from "./hashes/weighted-min-hash.js";
import { binCollision, cauchyCollision, planeCollision, sampledCollision } from "./numeric/collision.js";
import { ValueKeys } from "./numeric/value-keys.js";

/** One way to make keys of several independent parts. */
interface Candidate {
  /** With what probability two vectors so far apart share a key of so many parts. */
  readonly law: (distance: number, parts: number) => number;
  readonly mostParts: number;
  /** Parts of all tables, at most, where that is less than usual. */
  readonly mostValues?: number;
  /** What the keys of a vector take, of so many parts in all tables. */
  readonly nanos: (parts: number) => number;
  readonly make: (parts: number, tables: number) => Hash;
}

/** Tables at most: beyond, comparing all is hardly dearer. */
const mostTables = 512;
/** Parts of all tables, at most. */
const mostValues = 8192;
/** What an entry of a bucket takes to be looked at, and to be found seen already. */
const entryNanos = 8;
/** Sets of at least so many members fill the 128 bins of one order well enough for their values to be as good as independent. */
const leastMembers = 128;

/**
 * The hash that brings pairs `within` a distance together with the probability asked for, at the least cost: for each number of parts of a key as many tables
 * as that takes; the cost is of making keys and of what the sampled distances say that buckets hold. Null where no family serves the distance.
 */
export function joinFamily(request: JoinFamilyRequest): Hash | null {
  let best: { readonly cost: number; readonly make: () => Hash } | null = null;
  for (const candidate of candidatesFor(request)) {
    for (let parts = 1; parts <= candidate.mostParts; parts++) {
      const near = candidate.law(request.within, parts);
      const tables = near >= 1 ? 1 : Math.ceil(Math.log1p(-request.recall) / Math.log1p(-near));
      if (!(tables <= mostTables && tables * parts <= (candidate.mostValues ?? mostValues))) break;
      const cost = costOf(candidate, parts, tables, request);
      if (best === null || cost < best.cost) best = { cost, make: () => candidate.make(parts, tables) };
    }
  }
  return best?.make() ?? null;
}

/** Nanoseconds a vector. */
function costOf({ law, nanos }: Candidate, parts: number, tables: number, request: JoinFamilyRequest): number {
  const { size, distances, within, measureNanos } = request;
  let [read, measured] = [0, 0];
  const count = (distance: number) => {
    const share = law(distance, parts);
    read += tables * share;
    measured += 1 - (1 - share) ** tables;
  };
  for (const distance of distances) count(distance);
  // No sample has seen the pairs that are looked for: there may be as many as would just have escaped it.
  count(within);
  const others = size / 2 / (distances.length + 1);
  return nanos(tables * parts) + others * (read * entryNanos + measured * measureNanos);
}

const name = "join";
const seed = "join";

function candidatesFor(request: JoinFamilyRequest): Candidate[] {
  const { distance, shape } = request;
  if (distance === "jaccard") return [bandsFor(request)];
  if (distance === "hamming" && shape.kind === "bits") return [sampledBitsFor(request)];
  if (shape.kind !== "dense" && shape.kind !== "sparse") return [];
  if (distance === "weighted-jaccard") return [weightedBandsFor(request)];
  if (distance === "cosine" || distance === "angular") return [planesFor(request)];
  return distance === "euclidean" || distance === "manhattan" ? binsFor(request, distance) : [];
}

/** Bands of MinHash values: by one order where sets are large enough for it, else by an order for each value, which takes as long as sets are large. */
function bandsFor({ members }: JoinFamilyRequest): Candidate {
  const permutations = members >= leastMembers ? "one" : "classic";
  return {
    law: (distance, rows) => new ValueKeys(rows).collision("jaccard").probability(distance),
    mostParts: 16,
    nanos: (values) => values * (permutations === "one" ? 40 : 10 + members / 2),
    make: (rows, tables) => new MinHash({ name, rows, tables, permutations, seed }),
  };
}

/** Values that {@link WeightedMinHash} has at most, and what each takes for an entry of a vector. */
const mostWeighted = 4096;
const weightedNanos = 180;

/** Bands of consistent weighted samples, as long as these take less than comparing all with all does. */
function weightedBandsFor({ size, entries, measureNanos }: JoinFamilyRequest): Candidate {
  const nanos = Math.max(1, entries) * weightedNanos;
  return {
    law: (distance, rows) => new ValueKeys(rows).collision("weighted-jaccard").probability(distance),
    mostParts: 16,
    mostValues: Math.min(mostWeighted, Math.floor((size / 2) * (measureNanos / nanos))),
    nanos: (values) => values * nanos,
    make: (rows, tables) => new WeightedMinHash({ name, rows, tables, seed }),
  };
}

function planesFor(request: JoinFamilyRequest): Candidate {
  const angle = request.distance === "angular" ? (d: number) => d : (d: number) => Math.acos(Math.max(-1, Math.min(1, 1 - d)));
  return {
    law: (distance, projections) => planeCollision(angle(distance)) ** projections,
    mostParts: 64,
    nanos: projecting(request),
    make: (projections, tables) => new RandomBinaryProjections({ name, projections, tables, seed }),
  };
}

function sampledBitsFor({ shape: { dim } }: JoinFamilyRequest): Candidate {
  return {
    law: (distance, projections) => sampledCollision(distance, dim, projections),
    mostParts: Math.min(64, dim),
    nanos: (bits) => bits * 2,
    make: (projections, tables) => new BitSampling({ name, projections, tables, seed }),
  };
}

/** Bins of several widths. */
function binsFor(request: JoinFamilyRequest, distance: "euclidean" | "manhattan"): Candidate[] {
  const { within, distances } = request;
  const usual = distances.length === 0 ? 1 : distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const unit = within > 0 ? within : Math.max(Number.MIN_VALUE, usual / 8);
  const law = distance === "euclidean" ? binCollision : cauchyCollision;
  return [1, 2, 4, 8, 16].map((times) => {
    const binWidth = unit * times;
    return {
      law: (d, projections) => law(d, binWidth) ** projections,
      mostParts: 64,
      nanos: projecting(request),
      make: (projections, tables) => new PStableProjections({ name, distance, projections, tables, binWidth, seed }),
    };
  });
}

/** A projection is a product with a direction. */
function projecting({ shape: { kind, dim } }: JoinFamilyRequest): (count: number) => number {
  return (count) => count * (kind === "dense" ? 5 + dim / 8 : 200);
}
