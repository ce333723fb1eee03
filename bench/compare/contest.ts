import { type DataSet, queryCount } from "../data/set.js";
import { recalls, type Truth } from "../data/truth.js";
import { mean } from "../statistics.js";
import type { Answer, Built, System } from "../systems/system.js";
import { digits } from "../table.js";
import { type Growth, growthOf } from "./memory.js";

/** One system at one effort: its recall on all queries and its best rates. */
export interface Point {
  readonly parameters: string;
  readonly recall: number;
  /** Queries/s the way that suits it best: all in one call where it takes that. */
  readonly qps: number;
  /** Queries/s with a call for each. */
  readonly qpsOneByOne: number;
}

/** A system that was built, and what was measured of it. */
export interface Contestant {
  readonly name: string;
  readonly built: Built;
  readonly buildSeconds: number;
  readonly growth: Growth;
  /** By the work they are. */
  readonly points: Map<string, Point>;
}

/** What is asked of everyone. */
export interface Contest {
  readonly set: DataSet;
  readonly truth: Truth;
  readonly threads: number;
}

/** A pass as long as this averages the noise of the machine by itself: it is not repeated. */
const longPass = 5;
/** Passes are repeated for so long at each effort in each round. */
const leastSeconds = 0.3;
/** Nearly everything is found: more effort shows nothing. */
const enough = 0.9995;
/** Queries asked before the clock runs. */
const warmUp = 50;

/** Builds a system; null, and a line that says why, where it cannot be. */
export async function enter(system: System, { set, truth, threads }: Contest): Promise<Contestant | null> {
  const start = performance.now();
  try {
    const { result: built, growth } = await growthOf(() => system.build(set, { k: truth.k, threads }));
    const buildSeconds = (performance.now() - start) / 1000;
    console.error(`${system.name}: built in ${digits(buildSeconds)} s`);
    return { name: system.name, built, buildSeconds, growth, points: new Map() };
  } catch (error) {
    console.error(`${system.name}: left out, it cannot be built: ${reason(error)}`);
    return null;
  }
}

/** Rounds over all systems, each swept over its efforts: rates are the best of the rounds, as others on the machine only slow one down. Leaves out who fails. */
export async function compete(contest: Contest, entered: readonly Contestant[], rounds: number): Promise<Contestant[]> {
  const failed = new Set<Contestant>();
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of entered) {
      if (failed.has(contestant)) continue;
      try {
        await sweep(contest, contestant);
      } catch (error) {
        console.error(`${contestant.name}: left out, it fails when asked: ${reason(error)}`);
        failed.add(contestant);
      }
    }
    console.error(`round ${round} of ${rounds} done`);
  }
  return entered.filter((contestant) => !failed.has(contestant));
}

async function sweep({ set, truth, threads }: Contest, { built, points }: Contestant): Promise<void> {
  const count = queryCount(set);
  for (const effort of built.efforts) {
    await built.prepare(effort);
    const work = built.work?.() ?? built.parameters();
    const known = points.get(work);
    if (threads === 1 && known !== undefined && count / known.qps >= longPass) continue; // with more, the first pass starts them too
    for (let q = 0; q < Math.min(warmUp, count); q++) await built.ask(q, truth.k);
    let recall = known?.recall;
    const timed = async (ask: () => Promise<readonly Answer[]>) => {
      let best = 0;
      for (let spent = 0; spent < leastSeconds; ) {
        const start = performance.now();
        const answers = await ask();
        const seconds = (performance.now() - start) / 1000;
        recall ??= mean(recalls(set, truth, answers));
        best = Math.max(best, count / seconds);
        spent += seconds;
      }
      return best;
    };
    const single = threads > 1 && built.askAll !== undefined ? 0 : await timed(() => oneByOne(built, count, truth.k));
    const together = built.askAll === undefined ? 0 : await timed(async () => (await built.askAll?.(truth.k, threads)) ?? []);
    const qpsOneByOne = Math.max(single, known?.qpsOneByOne ?? 0);
    const qps = Math.max(qpsOneByOne, together, known?.qps ?? 0);
    const point: Point = { parameters: known?.parameters ?? built.parameters(), recall: recall ?? 0, qps, qpsOneByOne };
    points.set(work, point);
    if (point.recall >= enough) break;
  }
}

async function oneByOne(built: Built, count: number, k: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let q = 0; q < count; q++) {
    const answer = built.ask(q, k);
    answers.push(answer instanceof Promise ? await answer : answer);
  }
  return answers;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
