import { yieldToEventLoop } from "#platform";
import type { Rows } from "../core/rows.js";
import { exactTrial } from "./exact-trial.js";
import { Gauge } from "./gauge.js";
import type { GaugedRecall } from "./options.js";
import type { QueryPlan } from "./plan.js";
import type { Stages } from "./stages.js";
import type { Tuner } from "./tuner.js";
import { turnTaker } from "./turns.js";

/** Checks now and then by an exact search what an answered query has found. */
export class RecallWatch {
  readonly #stages: Stages;
  readonly #tuner: Tuner;
  /** Throws once nobody is interested any more. */
  readonly #requireOpen: () => void;
  readonly #gauge = new Gauge();
  #checking = false;

  constructor(stages: Stages, tuner: Tuner, requireOpen: () => void) {
    this.#stages = stages;
    this.#tuner = tuner;
    this.#requireOpen = requireOpen;
  }

  /** Notes an answered query with the distances it gave; now and then checks one, when its answer is out. */
  answered(query: Rows, leaveOut: number, plan: QueryPlan, distances: () => readonly number[], millis: number): void {
    if (this.#checking || this.#stages.active.length === 0 || plan.nearest === undefined) return;
    if (!plan.byCodes || plan.probes !== undefined || plan.allowed !== undefined || !this.#gauge.earn(millis)) return;
    this.#checking = true;
    void this.#check(query, leaveOut, plan, distances(), plan.nearest).finally(() => {
      this.#checking = false;
    });
  }

  /** Forgets what was checked: the index is searched otherwise from now on. */
  reset(): void {
    this.#gauge.reset();
  }

  /** The recall of the queries checked, beside that asked for. */
  read(target: number | undefined): GaugedRecall | undefined {
    return this.#gauge.read(target);
  }

  async #check(query: Rows, leaveOut: number, plan: QueryPlan, distances: readonly number[], k: number): Promise<void> {
    await yieldToEventLoop();
    const begun = performance.now();
    const take = turnTaker(undefined);
    let waited = 0;
    const turn = () => {
      const since = performance.now();
      return take()?.then(() => {
        waited += performance.now() - since;
      });
    };
    try {
      this.#requireOpen();
      const index = { ...this.#tuner.calibrated(this.#stages.active, k, turn), plan };
      const trial = await exactTrial(index, query, Int32Array.of(leaveOut), k);
      const limit = trial.limits[0] + Math.abs(trial.limits[0]) * 1e-6;
      const found = distances.filter((distance) => distance <= limit).length;
      this.#gauge.note(trial.counts[0], Math.min(trial.counts[0], found), performance.now() - begun - waited);
    } catch {
      // A query that could not be checked, as the engine was closed or emptied meanwhile, says nothing about recall.
    }
  }
}
