import type { Estimation, Hash, Metric, Sketch } from "../core/contracts.js";

/** A hash in use, with the codes in its buckets and its number in the storage. */
export interface Stage {
  readonly number: number;
  readonly hash: Hash;
  readonly sketch: Sketch | null;
}

/** How much of an index a query reads. */
export interface Effort {
  /** Most buckets per table. */
  readonly probes: number;
  /** When to stop before, by the probes' order; null: never. */
  readonly stop: Estimation["stop"];
  /** Standard deviations of its estimate within which a candidate is measured. */
  readonly deviations: number;
  /** Neighbours for which it is tuned; absent where it is not. */
  readonly neighbours?: number;
  /** How queries unlike those it is tuned by are read; absent where the probes have no order that a rule could stop by. */
  readonly careful?: Careful;
}

/** Reads by the stop rule alone, which follows the query, where a number of probes follows the queries of a trial. */
export interface Careful {
  readonly stop: NonNullable<Estimation["stop"]>;
  /** Probes that are read whatever the rule says: as many as of a query like the others. */
  readonly read: number;
  /** A query is unlike the others where the order of this probe (from 1) is less than `flat` times that of the first: it lies about as far from all lists; … */
  readonly probe: number;
  readonly flat: number;
  /** … or where more than this share of the vectors read passes by their codes: these are all about as far. */
  readonly passing: number;
}

/** One bucket per table, as NearPy; by the codes all but 1 in 15 of those as near as the k-th are kept, and nearly all of the nearer (Gao & Long 2024, section 3.3). */
export const plainEffort: Effort = { probes: 1, stop: null, deviations: 1.5 };

/** What an engine writes to and what it reads, which changes while it learns: those being filled are written, not read. */
export class Stages {
  /** Read by queries. None: every stored row is a candidate. */
  active: readonly Stage[];
  /** Written by stores: the active ones and those being filled. */
  written: readonly Stage[];
  /** How queries that do not say it read the active ones. */
  effort: Effort = plainEffort;
  /** The version of the knowledge they are of, where processes share an index. */
  version: number | undefined;

  constructor(stages: readonly Stage[]) {
    this.active = stages;
    this.written = stages;
  }

  /** Numbers of hashes are below this. */
  get end(): number {
    let end = 0;
    for (const { number } of this.written) end = Math.max(end, number + 1);
    return end;
  }

  /** Begins to fill a stage. */
  add(stage: Stage): void {
    this.written = [...this.written, stage];
  }

  /** Reads nothing but a stage that has been filled, and writes it, and one that another process is filling; returns those that are not in use any more. */
  use(stage: Stage, effort: Effort, filling: Stage | null = null): readonly Stage[] {
    const old = this.active;
    this.active = [stage];
    this.written = filling === null ? [stage] : [stage, filling];
    this.effort = effort;
    return old;
  }

  /** Reads no hashes any more, and writes none but one that another process is filling. */
  reset(filling: Stage | null = null): void {
    this.active = [];
    this.written = filling === null ? [] : [filling];
    this.effort = plainEffort;
  }

  /** Gives up a stage that was being filled. */
  abandon(stage: Stage): void {
    this.written = this.written.filter((other) => other !== stage);
  }

  /** Whether codes can estimate this metric in some of the hashes. */
  estimates(metric: Metric | undefined): boolean {
    return metric !== undefined && this.active.some(({ sketch }) => sketch?.metric === metric);
  }
}

/** How the estimates of a sketch become ranks: those for the cosine are of ‖x̂ − q̂‖² = 2 − 2 cos. */
export function toRankOf({ metric, scale = 1 }: Pick<Sketch, "metric" | "scale">): Estimation["toRank"] {
  return metric === "cosine" ? { scale: 0.5 * scale, offset: -1 } : { scale, offset: 0 };
}
