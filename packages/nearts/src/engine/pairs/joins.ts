import { type Cluster, clustersOf } from "./clusters.js";
import { type JoinEngine, PairJoin, usualRecall } from "./join.js";
import { type ClusterOptions, checkPairs, type PairOptions } from "./options.js";

/** Finds pairs and clusters among the vectors of an engine. */
export class Joins {
  readonly #engine: JoinEngine;

  constructor(engine: JoinEngine) {
    this.#engine = engine;
  }

  /** As the engine's `pairsWithin`. */
  pairsWithin(options: PairOptions): PairJoin {
    return new PairJoin(this.#engine, checkPairs(options, this.#engine.shape, this.#engine.distance, "pairsWithin"));
  }

  /** As the engine's `clusters`. */
  async clusters(options: ClusterOptions): Promise<Cluster[]> {
    const asked = checkPairs(options, this.#engine.shape, this.#engine.distance, "clusters");
    return clustersOf(this.#engine, asked, asked.recall ?? this.#engine.recall ?? usualRecall);
  }
}
