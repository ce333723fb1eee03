import type { TaskMeta, TestContext } from "vitest";
import { expect } from "vitest";
import { Dice } from "../readers/mutate.js";

/** Ten in the long campaign, `npm run torture`. */
export const FACTOR = Number(process.env["NEARTS_CAMPAIGN"] ?? 1);

/** When the long campaign must be over, in milliseconds since 1970. */
const DEADLINE = Number(process.env["NEARTS_DEADLINE"] ?? Number.POSITIVE_INFINITY);

/** Below this share of its count a stage has tried too little to say anything. */
const FLOOR = 0.6;

/** One kind of fault, many times. */
export interface Stage {
  readonly name: string;
  /** Trials, and seconds after which no more are begun, several times what they need on a quiet machine; ten times as many in the long campaign. */
  readonly count: number;
  readonly seconds: number;
  readonly seed: number;
  /** Trials under way at once, where these know nothing of one another and mostly wait: 1 when not given. */
  readonly together?: number;
}

/** What one trial found. */
export interface Verdict {
  /** Acknowledged writes that are not there at the level promised. */
  readonly lost?: number;
  /** Half a batch, something never written, buckets that disagree with rows, a vector that does not find itself. */
  readonly inconsistent?: number;
  /** Ends of a process by a signal that nobody sent, and calls without an answer. */
  readonly crashed?: number;
  /** Sentences for people; the first ones are shown. */
  readonly why?: readonly string[];
}

/** What a stage found, all trials together. */
export interface Tally {
  readonly stage: string;
  done: number;
  lost: number;
  inconsistent: number;
  crashed: number;
  readonly why: string[];
}

declare module "vitest" {
  interface TaskMeta {
    campaign?: Tally;
  }
}

/** Milliseconds that the test of a stage may take, with what it sets up. */
export function patience(...stages: readonly Stage[]): number {
  return 30_000 + stages.reduce((sum, { seconds }) => sum + seconds * 1500 * FACTOR, 0);
}

/** Runs a stage's trials, one after the other or some at once, each with dice of its own, until the count or the time is reached; prints what was found. */
export async function tried(stage: Stage, trial: (number: number, dice: Dice) => Promise<Verdict>): Promise<Tally> {
  const { name, seed, together = 1 } = stage;
  const [count, seconds] = [stage.count * FACTOR, stage.seconds * FACTOR];
  const tally: Tally = { stage: name, done: 0, lost: 0, inconsistent: 0, crashed: 0, why: [] };
  const end = Math.min(performance.now() + seconds * 1000, performance.now() + DEADLINE - Date.now());
  let begun = 0;
  const lanes = Array.from({ length: together }, async () => {
    while (begun < count && performance.now() < end) {
      const number = begun++;
      add(tally, await trial(number, new Dice(seed + 7919 * number)), number);
      tally.done++;
    }
  });
  await Promise.all(lanes);
  print(`${name}: ${tally.done} done, lost ${tally.lost}, inconsistent ${tally.inconsistent}, crashed ${tally.crashed}, seed ${seed}`);
  for (const sentence of tally.why.slice(0, 5)) print(`  ${sentence}`);
  return tally;
}

/** A stage in which nothing may be lost, inconsistent or crash, and that reaches 60 % of its count in its time; how many trials that were. */
export async function campaign(
  { task }: Pick<TestContext, "task">,
  stage: Stage,
  trial: (number: number, dice: Dice) => Promise<Verdict>,
): Promise<number> {
  const tally = await tried(stage, trial);
  note(task.meta, tally);
  expectClean(tally, stage);
  return tally.done;
}

/** Hands a tally to the closing line of the long campaign. */
export function note(meta: TaskMeta, tally: Tally): void {
  meta.campaign = tally;
}

export function expectClean({ done, lost, inconsistent, crashed, why }: Tally, stage: Stage): void {
  expect({ lost, inconsistent, crashed }, `seed ${stage.seed}: ${why.slice(0, 5).join("; ")}`).toEqual({
    lost: 0,
    inconsistent: 0,
    crashed: 0,
  });
  expect(done, `trials of ${stage.name} within ${stage.seconds * FACTOR} s`).toBeGreaterThanOrEqual(FLOOR * stage.count * FACTOR);
}

/** A line of the report, at once. */
export function print(line: string): void {
  process.stderr.write(`${line}\n`);
}

function add(tally: Tally, { lost = 0, inconsistent = 0, crashed = 0, why = [] }: Verdict, number: number): void {
  tally.lost += lost;
  tally.inconsistent += inconsistent;
  tally.crashed += crashed;
  if (tally.why.length < 20) tally.why.push(...why.map((sentence) => `trial ${number}: ${sentence}`));
}
