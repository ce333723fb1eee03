import type { Awaitable } from "../core/contracts.js";
import type { AtWork } from "./crew.js";
import { cancelled, over, type SharedParts, waits } from "./task.js";

/** Parts by which the calling thread learns how long one takes: the quickest tells, as the first finds everything cold. */
const tried = 4;

/** Work in parts that come to the same whoever does them, in whatever order, as the thread that wants it sees it. */
export interface Division {
  readonly count: number;
  readonly parts: SharedParts;
  /** Makes more parts ready, where any are left and there is room for them; says how many are by now. */
  readonly bring: () => number;
  readonly run: (part: number) => Awaitable<void>;
  /** Called between parts; may wait, and throws when the work is to end. */
  readonly turn: () => Promise<void> | undefined;
}

/** Room for what becomes of so many parts, none of which is ready. */
export function sharedParts(count: number, workers: number): SharedParts {
  const words = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
  return { control: words(workers + 2), done: words(count) };
}

/** In a worker: does parts until there are no more, waiting for those that are not ready yet. Those that `run` says false of are left to the calling thread. */
export async function helpWithParts({ control, done }: SharedParts, run: (part: number) => Awaitable<boolean>): Promise<void> {
  const last = control.length - 1;
  for (;;) {
    const ready = Atomics.load(control, last);
    if (ready === over) return;
    const part = take(control, ready);
    if (part < 0) Atomics.wait(control, last, ready);
    else {
      const running = run(part);
      if (running instanceof Promise ? await running : running) Atomics.store(done, part, 1);
    }
  }
}

/**
 * Does all parts, with those that `helpers`, told how many milliseconds of work seem to be left, sets to it. Says how many parts they did. Where it fails
 * nobody works on any part any more.
 */
export async function divide(
  { count, parts, bring, run, turn }: Division,
  helpers: (millis: number) => readonly AtWork[],
): Promise<number> {
  const { control, done } = parts;
  let atWork: readonly AtWork[] = [];
  let [own, millis] = [0, Number.POSITIVE_INFINITY];
  const doOne = async (part: number) => {
    const running = run(part);
    if (running !== undefined) await running;
    Atomics.store(done, part, 1);
    own++;
  };
  try {
    for (;;) {
      const begun = performance.now();
      const ready = bring();
      makeReady(control, ready);
      const part = take(control, ready);
      if (part < 0 && ready === count) break;
      if (part >= 0) await doOne(part);
      if (part >= 0 && part < tried) millis = Math.min(millis, performance.now() - begun);
      if (part === tried - 1) atWork = helpers(millis * (count - tried));
      const turning = turn();
      if (turning !== undefined) await turning;
    }
  } finally {
    makeReady(control, over);
    for (const { thread, forget } of atWork) if (Atomics.compareExchange(control, thread, waits, cancelled) === waits) forget();
    await Promise.all(atWork.map((helper) => helper.done));
  }
  // What a worker took and did not finish.
  for (let part = 0; part < count; part++) {
    if (done[part] === 1) continue;
    await doOne(part);
    const turning = turn();
    if (turning !== undefined) await turning;
  }
  return count - own;
}

function makeReady(control: Int32Array, ready: number): void {
  const last = control.length - 1;
  if (Atomics.exchange(control, last, ready) !== ready) Atomics.notify(control, last);
}

/** The next of the parts that are ready, which nobody else takes then; −1 where there is none. */
function take(control: Int32Array, ready: number): number {
  for (let next = Atomics.load(control, 0); next < ready; ) {
    const before = Atomics.compareExchange(control, 0, next, next + 1);
    if (before === next) return next;
    next = before;
  }
  return -1;
}
