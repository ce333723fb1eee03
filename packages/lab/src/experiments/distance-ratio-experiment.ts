import { distanceRatio } from "../measures/distance-ratio.js";
import { mean } from "../measures/mean.js";
import type { AnyEngine } from "../sweep/ask.js";
import { type Costs, costsOf } from "./costs.js";
import { type ExperimentOptions, Field, type Vectors } from "./field.js";

/** What came of one engine. */
export interface DistanceRatio extends Costs {
  /**
   * How far results lie outside the ball of the true neighbours, in radii of it, on average: 0 when all are inside. Of the queries that have results;
   * NaN where none has, or every ball is a point.
   */
  readonly distanceRatio: number;
}

/** NearPy's experiment of this name: how much farther than the true neighbours the results of engines are, and what the answers cost. */
export class DistanceRatioExperiment {
  readonly #field: Field;

  /** For the ball of the `k` nearest of each query. E_BAD_OPTION, E_BAD_DATA, E_DIM_MISMATCH for what cannot be asked. */
  constructor(k: number, vectors: Vectors, options: ExperimentOptions = {}) {
    this.#field = new Field(k, vectors, options);
  }

  /** Empties each engine, stores the vectors in it and asks it; in order, one result an engine. The vectors stay in the engines. */
  async performExperiment(engines: readonly AnyEngine[]): Promise<DistanceRatio[]> {
    const results: DistanceRatio[] = [];
    for (const engine of engines) {
      const outcome = await this.#field.outcomeOf(engine);
      results.push({ distanceRatio: mean(distanceRatio.perQuery(outcome)), ...costsOf(outcome) });
    }
    return results;
  }
}
