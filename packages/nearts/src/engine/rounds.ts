import type { QueryPlan } from "./plan.js";
import { carefully } from "./read-on.js";
import type { Effort } from "./stages.js";
import { measuresAll } from "./where-rows.js";

/** What the rounds of a query with a `where` go by. */
export interface RoundFacts {
  /** Vectors stored, and those of them that declared fields leave; undefined where these decide nothing. */
  readonly size: number;
  readonly matching: number | undefined;
  /** Whether there are hashes to search by. */
  readonly hashed: boolean;
  /** Whether the codes of their buckets choose the candidates, and these are of one table: a query that reads all of its buckets reads each code once. */
  readonly coded: boolean;
  readonly partitioned: boolean;
  /** Dimensions of the vectors, and groups of their codes; 0 where there are none. */
  readonly dim: number;
  readonly groups: number;
  /** How a query without a `where` reads, and the most buckets of a table. */
  readonly effort: Effort;
  readonly buckets: number;
  /** Whether one of the vectors is the query itself, which is left out. */
  readonly leavesOut: boolean;
}

/** What a round came to. */
export interface Outcome {
  /** Probes made, entries read from buckets, and different rows among them that declared fields leave. */
  probes: number;
  raw: number;
  scanned: number;
  /** Of these, those that pass the whole `where`: all, or a few more than are wanted. */
  matched: number;
  /** Whether others may be nearer than some of these, though they did not come as candidates. */
  cut: boolean;
}

/** So many neighbours are sought at first for each that is wanted, where part of the `where` is asked of data. */
const soughtAtFirst = 4;

/** By how much a round reads more than the one before. */
const growth = 4;

/** What a plan's probes are meant for. */
const usualNeighbours = 10;

/**
 * How a query with a `where` is searched: with a plan, and with wider ones as long as too few rows pass. The last measures all rows that pass, so that
 * there are never fewer results than there could be. Where somebody has said what is to be read, there is one round.
 */
export class Rounds {
  readonly #asked: QueryPlan;
  readonly #facts: RoundFacts;
  #plan: QueryPlan;
  /** Whether what this round finds is the answer. */
  #last = false;
  #probes = 0;

  constructor(asked: QueryPlan, facts: RoundFacts) {
    this.#asked = asked;
    this.#facts = facts;
    this.#plan = this.#first();
  }

  /** How to search now. */
  get plan(): QueryPlan {
    return this.#plan;
  }

  /** The same as a sentence. */
  get text(): string {
    const { size, matching } = this.#facts;
    const { where, exact, sought } = this.#plan;
    const indexed = matching === undefined ? "" : `${matching} of ${size} vectors fit by declared fields`;
    const rest = where?.rest == null ? "" : `${matching === undefined ? "" : "; "}the data of candidates are asked`;
    const how = exact
      ? "all that fit are measured"
      : `${sought === undefined ? "" : `the nearest ${sought} are sought, `}more if too few fit`;
    return `where: ${indexed}${rest}; ${this.#last && !exact ? "no more buckets are read for that" : how}`;
  }

  /** Whether that is enough. */
  enough({ scanned, matched }: Outcome): boolean {
    const { size, matching = size, coded, leavesOut } = this.#facts;
    if (this.#last || matched >= Math.min(this.#asked.nearest ?? 0, matching)) return true;
    return !coded && scanned >= matching - (leavesOut ? 1 : 0);
  }

  /** Makes the plan wider after a round that was not enough. */
  widen({ probes, raw, cut }: Outcome): void {
    const { size, coded, buckets } = this.#facts;
    const { sought, effort = this.#facts.effort } = this.#plan;
    const more = probes > this.#probes && effort.probes < buckets;
    const deeper = coded && sought !== undefined && cut && sought * 2 * growth < size;
    this.#probes = probes;
    if (raw * growth >= size || !(more || deeper)) this.#plan = this.#all();
    else {
      const wider = { ...effort, probes: Math.min(buckets, effort.probes * growth) };
      this.#plan = { ...this.#plan, effort: wider, ...(sought === undefined ? {} : { sought: sought * growth }) };
    }
  }

  #first(): QueryPlan {
    const { exact, probes, distance, unique, nearest, where } = this.#asked;
    const { size, matching, hashed, coded, partitioned, effort, buckets } = this.#facts;
    if (exact || !hashed) return this.#all();
    const measured = distance !== null && unique && probes === undefined;
    if (measured && matching !== undefined && measuresAll(matching, size, this.#facts)) return this.#all();
    if (!measured || nearest === undefined) {
      this.#last = true;
      return this.#asked;
    }
    const sought = coded && where?.rest != null ? nearest * soughtAtFirst : nearest;
    // Of the entries read only a share counts: a stop rule sees that by itself, a number of probes must be the larger.
    const scaled = effort.probes * Math.max(1, Math.ceil(sought / usualNeighbours)) * (size / Math.max(1, matching ?? size));
    const rule = coded ? carefully(effort) : { ...effort, stop: null };
    // What passes may be anywhere: without a rule, only all buckets are sure to be enough.
    const all = rule.stop !== null || (partitioned && matching !== undefined);
    const own: Effort = { ...rule, probes: all ? buckets : Math.min(buckets, Math.ceil(scaled)) };
    // Whether enough pass must not depend on how far they are: the filters of distances see to that.
    return { ...this.#asked, within: undefined, effort: own, ...(sought === nearest ? {} : { sought }) };
  }

  #all(): QueryPlan {
    this.#last = true;
    return { ...this.#asked, exact: true, byCodes: false };
  }
}
