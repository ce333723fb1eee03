import { type Rows, slice } from "../core/rows.js";
import type { QueryPlan } from "./plan.js";
import { newScratch, type Scratch, Search, type Searched } from "./search.js";
import { type Effort, type Stage, Stages } from "./stages.js";

/** Queries of a trial. */
export interface TrialQueries {
  readonly queries: Rows;
  /** Row that is each query itself and is not to be found; −1 where it is none of the stored. */
  readonly leaveOut: Int32Array;
}

/** What each query of a trial is asked, of which so many numbers are left, whichever thread asks it. */
export type Question =
  /** What it finds, `k` neighbours at most: {@link answerHead} numbers, the rows, the distances. */
  | { readonly kind: "answer"; readonly effort: Effort; readonly k: number }
  /** For each of `k` probes, whose numbers are in `places` query by query, the least stop factor at which it is read; +∞ where there is none. */
  | { readonly kind: "factors"; readonly effort: Effort; readonly k: number; readonly places: Float64Array }
  /** How many times the order of its first probe that of the last is that its effort looks at (+∞ with fewer), and which share of the vectors read passes by their codes. */
  | { readonly kind: "signs"; readonly effort: Effort };

/** What comes before the rows of an answer: codes read, vectors measured, buckets read, neighbours found. */
export const answerHead = 4;

/** Numbers that are left of a query. */
export function widthOf(question: Question): number {
  if (question.kind === "signs") return 2;
  return question.kind === "answer" ? answerHead + 2 * question.k : question.k;
}

/** Asks queries of a trial, each by itself, over what a thread can read. */
export class Asker {
  readonly #of: TrialQueries;
  readonly #plan: QueryPlan;
  readonly #questions: readonly Question[];
  readonly #searches: readonly Search[];
  readonly #hash: number;
  readonly #scratch: Scratch = newScratch();

  constructor(storage: Searched, stages: readonly Stage[], plan: QueryPlan, of: TrialQueries, questions: readonly Question[]) {
    this.#of = of;
    this.#plan = plan;
    this.#questions = questions;
    this.#searches = questions.map(({ effort }) => new Search(storage, stagesWith(stages, effort)));
    this.#hash = stages[0].number;
  }

  /** Writes what question number `which` leaves of query `q`; false where that takes more than can be read here. */
  async ask(which: number, q: number, out: Float64Array): Promise<boolean> {
    const question = this.#questions[which];
    if (question.kind === "answer") return this.#answer(this.#searches[which], q, question.k, out);
    if (question.kind === "factors") await this.#factors(this.#searches[which], q, question.places.subarray(q * question.k), out);
    else await this.#signs(this.#searches[which], q, question.effort, out);
    return true;
  }

  async #answer(search: Search, q: number, k: number, out: Float64Array): Promise<boolean> {
    let answered = false;
    await search.run(
      this.#query(q),
      this.#plan,
      ({ raw, proposed, probed, count, rows, distances }) => {
        answered = true;
        const found = Math.min(k, count);
        out.set([raw, proposed, probed, found]);
        for (let i = 0; i < found; i++) {
          out[answerHead + i] = rows[i];
          out[answerHead + k + i] = distances[i];
        }
      },
      this.#of.leaveOut[q],
    );
    return answered;
  }

  async #factors(search: Search, q: number, places: Float64Array, out: Float64Array): Promise<void> {
    const { probes, estimates } = this.#scratch;
    await search.probe(this.#query(q), this.#plan, probes);
    const trace = new Float32Array(Math.max(1, probes.count)).fill(Number.POSITIVE_INFINITY);
    await search.scan(this.#query(q), this.#plan, this.#scratch, this.#of.leaveOut[q], trace);
    const orders = estimates[this.#hash]?.orders;
    const factors = new Float64Array(probes.count).fill(Number.POSITIVE_INFINITY);
    let highest = Number.NEGATIVE_INFINITY;
    for (let p = 0; p < probes.count; p++) {
      // Before there are k estimates nothing is stopped.
      if (trace[p] !== Number.POSITIVE_INFINITY)
        highest = Math.max(highest, trace[p] > 0 && orders !== undefined ? orders[p] / trace[p] : Number.POSITIVE_INFINITY);
      factors[p] = highest;
    }
    for (let i = 0; i < out.length; i++) out[i] = factors[places[i]] ?? Number.POSITIVE_INFINITY;
  }

  async #signs(search: Search, q: number, { careful }: Effort, out: Float64Array): Promise<void> {
    await search.probe(this.#query(q), this.#plan, this.#scratch.probes);
    await search.scan(this.#query(q), this.#plan, this.#scratch, this.#of.leaveOut[q]);
    const { candidates, estimates } = this.#scratch;
    const orders = estimates[this.#hash]?.orders;
    const last = (careful?.probe ?? 1) - 1;
    // Of buckets without anchors the own has the order 0.
    out[0] = orders !== undefined && orders[0] > 0 ? orders[last] / orders[0] : Number.POSITIVE_INFINITY;
    out[1] = candidates.count / Math.max(1, candidates.raw);
  }

  #query(q: number): Rows {
    return slice(this.#of.queries, q, q + 1);
  }
}

/** Stages that are read with an effort. */
export function stagesWith(stages: readonly Stage[], effort: Effort): Stages {
  const own = new Stages(stages);
  own.effort = effort;
  return own;
}
