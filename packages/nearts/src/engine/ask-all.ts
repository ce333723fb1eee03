import type { Calibrated } from "./calibrate.js";
import { Asker, type Question, type TrialQueries, widthOf } from "./questions.js";

/** What is left of a question. */
export interface Asked {
  /** Queries that were asked it. */
  readonly count: number;
  /** The numbers that each query left, one after the other. */
  readonly left: Float64Array;
  /** Microseconds a query, of those asked in this thread. */
  readonly micros: number;
}

/** Asks the first `most` queries of a trial some questions of one kind, on several threads where there are some. */
export async function askAll(
  index: Calibrated,
  trial: TrialQueries,
  questions: readonly Question[],
  most: number = trial.queries.count,
): Promise<Asked[]> {
  const { storage, stages, plan, together, turn } = index;
  const count = Math.min(most, trial.queries.count);
  const parts = questions.length * count;
  const width = widthOf(questions[0]);
  const length = parts * width;
  const left = together === undefined ? new Float64Array(length) : new Float64Array(new SharedArrayBuffer(length * 8));
  const asker = new Asker(storage, stages, plan, trial, questions);
  const asked = questions.map(() => ({ count: 0, millis: 0 }));
  const run = async (part: number) => {
    const which = Math.floor(part / count);
    const begun = performance.now();
    await asker.ask(which, part % count, left.subarray(part * width, (part + 1) * width));
    asked[which].millis += performance.now() - begun;
    asked[which].count++;
  };
  if ((await together?.ask({ questions, count, left, run, turn })) !== true) {
    for (let part = 0; part < parts; part++) {
      await run(part);
      await turn();
    }
  }
  return asked.map((own, which) => ({
    count,
    left: left.subarray(which * count * width, (which + 1) * count * width),
    micros: (own.millis * 1000) / Math.max(1, own.count),
  }));
}
