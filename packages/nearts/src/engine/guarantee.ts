import { Keys } from "../core/columns.js";
import type { Distance, KeyParts, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { entryNanos, valuesOf } from "./cost.js";
import { inTermsOf } from "./law.js";
import type { QueryPlan } from "./plan.js";
import type { Scratch } from "./scratch.js";
import type { Stage, Stages } from "./stages.js";

/** The keys of one hash, read by their prefixes. */
interface Tree {
  readonly stage: Stage;
  readonly parts: KeyParts;
  /** With what probability a stored vector so far from the query shares the value of one function with it. */
  readonly share: (distance: number) => number;
}

/** Runs one round: scans the probes in `scratch`, measures what comes of it and leaves the results there. */
export type Round = (plan: QueryPlan) => Promise<void> | undefined;

/** Of the share that may be missed so much is left to codes that rule out what they should not. */
const prunedPart = 0.25;
/**
 * Nanoseconds of going to a bucket: long keys have one each for most vectors, all over memory, as was measured on 100,000 word vectors; and of a value of a
 * vector, where all vectors are compared in their order.
 */
const bucketNanos = 400;
const valueNanos = 0.35;
/** Rounds that are looked ahead, each of which reads about twice what the one before did. */
const foreseen = 3;

/**
 * Reads prefixes of the keys that grow shorter until the bound holds that is asked for of each query: a neighbour as far as the k-th found so far is missed by
 * all tables with probability Π (1 − p^j)^tables at most, j functions being compared, each shared with probability p (Aumüller et al. 2019, "PUFFINN", section
 * 3.2). Where buckets have codes, a quarter of what may be missed is theirs: a neighbour no farther than the k-th found is ruled out with the probability that
 * its estimate is so many deviations too large.
 */
export class Guarantee {
  readonly #storage: Pick<Storage, "size" | "resident">;
  readonly #stages: Stages;
  readonly #distance: Distance;
  /** What tables may miss, and how many deviations the codes are taken at. */
  readonly #missed: number;
  readonly #deviations: number;
  readonly #keys = new Keys();
  /** Whether it is for queries without a number of neighbours only. */
  readonly #radiusOnly: boolean;
  /** Of the stages that were active last. */
  #trees: Trees;

  /** E_UNSUPPORTED where a hash has no law for prefixes of its keys, or one of another distance. */
  constructor(storage: Pick<Storage, "size" | "resident">, stages: Stages, distance: Distance, recall: number, radiusOnly = false) {
    this.#radiusOnly = radiusOnly;
    this.#storage = storage;
    this.#stages = stages;
    this.#distance = distance;
    const coded = stages.active.some(({ sketch }) => sketch !== null);
    const pruned = coded ? prunedPart * (1 - recall) : 0;
    this.#missed = 1 - recall - pruned;
    this.#deviations = coded ? deviationsFor(pruned) : Number.POSITIVE_INFINITY;
    this.#trees = new Trees(distance.name, stages.active); // refuses at the door what it cannot serve
  }

  /** Whether a query with this plan is answered with the guarantee: one that says what it wants, and not how it is to be found. */
  serves({ exact, unique, probes, where, distance, nearest, within, scanFilters, candidateFilters }: QueryPlan): boolean {
    if (this.#stages.active.length === 0 || (this.#radiusOnly && nearest !== undefined)) return false;
    const asks = !exact && unique && probes === undefined && where === null && (nearest !== undefined || within !== undefined);
    return asks && distance?.name === this.#distance.name && scanFilters.length + candidateFilters.length === 0;
  }

  /** Answers one query by rounds; the results of the last are in `scratch.candidates`. */
  async run(query: Rows, plan: QueryPlan, scratch: Scratch, round: Round): Promise<void> {
    const trees = this.#current();
    const coded = plan.byCodes && this.#stages.estimates(this.#distance.metric);
    const wanted = { ...plan, probes: 1, effort: { probes: 1, stop: null, deviations: this.#deviations } };
    const step = Math.min(...trees.map(({ parts }) => parts.bits));
    // The distance up to which all neighbours are sought; +∞ while fewer than k are known.
    let radius = plan.nearest === undefined ? (plan.within ?? 0) : Number.POSITIVE_INFINITY;
    const size = await this.#storage.size();
    const all = this.#storage.resident === undefined ? Number.POSITIVE_INFINITY : size * valuesOf(query) * valueNanos;
    const some = step * Math.ceil((Math.log2(size + 1) + 1) / step);
    for (let bits = radius === Number.POSITIVE_INFINITY ? Math.min(64, some) : this.#depth(trees, radius); ; ) {
      this.#probe(query, trees, bits, scratch);
      const sought = radius !== Number.POSITIVE_INFINITY;
      // What may be within the radius stays, by its code; nothing is chosen among that.
      const running = round(sought ? { ...wanted, nearest: undefined, within: Math.min(plan.within ?? radius, above(radius)) } : wanted);
      if (running !== undefined) await running;
      radius = Math.min(radius, this.#radius(plan, scratch));
      const deep = this.#depth(trees, radius);
      if (bits <= deep && (sought || !coded || radius === Number.POSITIVE_INFINITY)) return;
      if (this.#nanosOf(scratch) * 2 ** Math.min(foreseen, bits - deep) > all) {
        // Neighbours are so far that much would have to be read, in many tables: comparing with all vectors costs less, and misses nothing.
        const comparing = round({ ...plan, exact: true, byCodes: false });
        if (comparing !== undefined) await comparing;
        return;
      }
      // A bit fewer doubles what is read, about, so that all rounds together read twice what the last does.
      if (bits > deep) bits = Math.max(deep, bits - (radius === Number.POSITIVE_INFINITY ? 2 : 1) * step);
    }
  }

  /** As far as the last of the neighbours asked for, as they are known; +∞ where there are fewer. */
  #radius({ nearest, within }: QueryPlan, { candidates }: Scratch): number {
    if (nearest === undefined) return within ?? 0;
    if (candidates.count >= nearest) return candidates.distances[nearest - 1];
    return within ?? Number.POSITIVE_INFINITY;
  }

  /** What the last round took for reading buckets, about. */
  #nanosOf({ candidates: { raw, probed } }: Scratch): number {
    const groups = this.#stages.active[0].sketch?.groups;
    // Without codes it is not known in how many buckets the entries were.
    return groups === undefined ? raw * bucketNanos : raw * entryNanos(groups) + probed * bucketNanos;
  }

  /** The longest prefixes by which no more than may be missed is missed of what is so far away; 0, which reads everything, where it takes that. */
  #depth(trees: readonly Tree[], radius: number): number {
    if (radius === Number.POSITIVE_INFINITY) return 0;
    const shares = trees.map(({ share }) => share(radius));
    for (let bits = 64; bits > 0; bits--) {
      let missed = 1;
      trees.forEach(({ stage, parts }, i) => {
        const compared = Math.min(parts.count, Math.ceil(bits / parts.bits));
        missed *= (1 - shares[i] ** compared) ** stage.hash.tables;
      });
      if (missed <= this.#missed) return bits;
    }
    return 0;
  }

  #probe(query: Rows, trees: readonly Tree[], bits: number, { probes }: Scratch): void {
    probes.clear();
    probes.version = this.#stages.version;
    for (const { stage, parts } of trees) {
      const prefix = Math.min(bits, parts.bits * parts.count);
      this.#keys.clear();
      stage.hash.keys(query, this.#keys);
      probes.hash = stage.number;
      for (let e = 0; e < this.#keys.count; e++) probes.add(this.#keys.tables[e], this.#keys.hi[e], this.#keys.lo[e], 0, prefix);
    }
  }

  #current(): readonly Tree[] {
    const { active } = this.#stages;
    if (this.#trees.stages !== active) this.#trees = new Trees(this.#distance.name, active);
    return this.#trees.all;
  }
}

/** The hashes of an engine as trees of keys. */
class Trees {
  readonly stages: readonly Stage[];
  readonly all: readonly Tree[];

  constructor(distance: string, stages: readonly Stage[]) {
    this.stages = stages;
    this.all = stages.map((stage) => treeOf(stage, distance));
  }
}

/** E_UNSUPPORTED where its keys have no law for prefixes, or one of another distance. */
function treeOf(stage: Stage, distance: string): Tree {
  const { collision, name } = stage.hash;
  const { parts } = collision ?? {};
  if (collision === undefined || parts === undefined || parts.count === 0) {
    const message = `hash ${show(name)} has keys whose prefixes mean nothing: for guarantee: "per-query" give hashes with a law of prefixes, such as RandomBinaryProjections, CrossPolytope or MinHash`;
    throw new NearError("E_UNSUPPORTED", message, { hash: name });
  }
  if (inTermsOf(collision, distance, 0) === undefined) {
    const message = `hash ${show(name)} brings vectors together by the ${collision.distance} distance, and this engine measures by ${distance}: choose another hash, or distance`;
    throw new NearError("E_UNSUPPORTED", message, { hash: name, distance });
  }
  const shares = new Map<number, number>();
  const share = (value: number) => {
    const farther = roundedUp(value);
    const known = shares.get(farther) ?? parts.probability(inTermsOf(collision, distance, farther) ?? 0);
    if (shares.size < mostShares) shares.set(farther, known);
    return known;
  };
  return { stage, parts, share };
}

/** Values of a law kept: some take milliseconds to find. */
const mostShares = 65_536;

/** The next of 16 steps that a doubling of the distance has: as the law falls, what it says of that is not too much. */
function roundedUp(distance: number): number {
  return distance <= 0 ? 0 : 2 ** (Math.ceil(Math.log2(distance) * 16) / 16);
}

/** A z with Φ(−z) ≤ p, by the bound Φ(−z) ≤ ½·e^(−z²/2). */
function deviationsFor(p: number): number {
  return Math.sqrt(-2 * Math.log(2 * p));
}

/** A little more than a distance, so that "less than" holds for it. */
function above(distance: number): number {
  return distance + Math.abs(distance) * 1e-12 + Number.MIN_VALUE;
}
