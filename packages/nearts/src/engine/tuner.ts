import type { Distance, Shape, Storage } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import { type Rows, slice } from "../core/rows.js";
import { spread } from "../numeric/spread.js";
import type { Batches } from "./batches.js";
import { type Calibrated, trialOf } from "./calibrate.js";
import { type Budget, type Choice, chooseEffort } from "./choose-effort.js";
import { valuesOf } from "./cost.js";
import type { QueryPlan } from "./plan.js";
import { tell } from "./probing.js";
import { Search } from "./search.js";
import { type Stage, Stages } from "./stages.js";

/** Queries of a trial that are drawn from the stored vectors. */
const trialQueries = 280;
/** Exact searches by which one is timed. */
const timedQueries = 9;

/** What a tuner works on. */
export interface TunerParts {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly distance: Distance;
  /** The plan of a plain query for so many neighbours. */
  readonly planOf: (k: number) => QueryPlan;
  /** Whether a query may stop before its last probe; where not given, it may. */
  readonly stops?: boolean;
  /** Has other threads help, where there are any. */
  readonly batches?: () => Batches | undefined;
}

/** What a tuning is to reach. */
export interface Aim {
  readonly recall: number;
  readonly k: number;
  /** Queries like those to come; stored vectors when not given. */
  readonly queries: Rows | undefined;
  readonly budget: Budget | undefined;
}

/** Finds how the hashes of a storage are to be searched. */
export class Tuner {
  readonly #parts: TunerParts;

  constructor(parts: TunerParts) {
    this.#parts = parts;
  }

  /** Hashes of the storage, searched for k neighbours; `turn` as in {@link Calibrated}. */
  calibrated(stages: readonly Stage[], k: number, turn: () => Promise<void> | undefined): Calibrated {
    const { storage, distance, shape, planOf, stops = true } = this.#parts;
    return { storage, stages, distance, dim: valuesOf(shape), plan: planOf(k), stops, turn };
  }

  /** The cheapest way to search these hashes that reaches the aim, and the seconds it took to find. */
  async choose(
    stages: readonly Stage[],
    { recall, k, queries, budget }: Aim,
    turn: () => Promise<void> | undefined,
  ): Promise<{ choice: Choice; seconds: number }> {
    const begun = performance.now();
    const { rows, vectors } = queries === undefined ? this.#someStored(trialQueries) : { rows: null, vectors: queries };
    // Stored vectors are left out of their own answers.
    const leaveOut = rows === null ? new Int32Array(vectors.count).fill(-1) : Int32Array.from(rows);
    const own = this.calibrated(stages, k, turn);
    const together =
      stages.length === 1 ? this.#parts.batches?.()?.trial({ stage: stages[0], plan: own.plan, queries: vectors, leaveOut }) : undefined;
    const index: Calibrated = { ...own, together };
    try {
      tell(stages, vectors); // they are asked for again and again
      const trial = await trialOf(index, vectors, leaveOut, k);
      const chosen = await chooseEffort(index, trial, recall, await this.#listsOf(stages), budget ?? {});
      return { choice: { ...chosen, effort: { ...chosen.effort, neighbours: k } }, seconds: (performance.now() - begun) / 1000 };
    } finally {
      tell(stages, null);
    }
  }

  /** Microseconds of an exact search for k neighbours: the median of some, with these queries, or stored vectors where there are none. */
  async exactMicros(k: number, queries: Rows | undefined, turn: () => Promise<void> | undefined): Promise<number> {
    const search = new Search(this.#parts.storage, new Stages([]));
    const plan: QueryPlan = { ...this.#parts.planOf(k), exact: true, byCodes: false };
    const asked = queries ?? this.#someStored(timedQueries).vectors;
    const times: number[] = [];
    for (let q = 0; q < Math.min(asked.count, timedQueries); q++) {
      const begun = performance.now();
      await search.run(slice(asked, q, q + 1), plan, () => {});
      times.push((performance.now() - begun) * 1000);
      await turn();
    }
    return times.sort((a, b) => a - b)[times.length >>> 1];
  }

  /** Up to so many of the stored vectors, spread over all. */
  #someStored(count: number): { rows: Uint32Array; vectors: Rows } {
    const { storage } = this.#parts;
    const { resident } = storage;
    if (resident === undefined) {
      throw new NearError("E_BAD_OPTION", `the ${storage.name} storage gives no vectors to tune with: pass some in queries`, {});
    }
    const rows = resident.rows();
    // The last of the order: the first are those that were learned from.
    const order = spread(rows.length, Math.max(0, rows.length - count), count);
    return resident.gather(Uint32Array.from(order, (i) => rows[i]));
  }

  /** Most buckets that a query can read in one table. */
  async #listsOf(stages: readonly Stage[]): Promise<number> {
    let most = 1;
    for (const { number, hash } of stages) {
      const directory = await this.#parts.storage.directory(number);
      for (let table = 0; table < hash.tables; table++) most = Math.max(most, directory.size(table));
    }
    return most;
  }
}
