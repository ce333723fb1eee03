import { mean } from "../measures/mean.js";
import type { Outcome } from "../measures/outcome.js";
import { precision } from "../measures/precision.js";
import { recall } from "../measures/recall.js";
import type { AnyEngine } from "../sweep/ask.js";
import { type Costs, costsOf } from "./costs.js";
import { type ExperimentOptions, Field, type Vectors } from "./field.js";

/** What came of one engine. */
export interface RecallPrecision extends Costs {
  /** The share of the true neighbours that was found; what is as near as the last of them counts. */
  readonly recall: number;
  /** The share of the results that are true neighbours; 0 where there are none. */
  readonly precision: number;
}

/** NearPy's experiment of this name: recall and precision of engines on vectors, part of which are asked with, and what the answers cost. */
export class RecallPrecisionExperiment {
  readonly #field: Field;

  /** For the `k` nearest of each query. E_BAD_OPTION, E_BAD_DATA, E_DIM_MISMATCH for what cannot be asked. */
  constructor(k: number, vectors: Vectors, options: ExperimentOptions = {}) {
    this.#field = new Field(k, vectors, options);
  }

  /** Empties each engine, stores the vectors in it and asks it; in order, one result an engine. The vectors stay in the engines. */
  async performExperiment(engines: readonly AnyEngine[]): Promise<RecallPrecision[]> {
    const results: RecallPrecision[] = [];
    for (const engine of engines) {
      const outcome: Outcome = await this.#field.outcomeOf(engine);
      results.push({ recall: mean(recall.perQuery(outcome)), precision: mean(precision.perQuery(outcome)), ...costsOf(outcome) });
    }
    return results;
  }
}
