import { type Calibrated, costOf, type Measured, quantile, type Reach, runTrials, type Trial } from "./calibrate.js";
import type { Effort } from "./stages.js";

/** Widths of the pruning bound that are tried, in standard deviations. */
const deviationsTried = [0.7, 0.9, 1.1, 1.35, 1.6, 1.9, 2.2, 2.7, 3.2];
/** Queries that tell what a bound loses: only roughly, the last word has a measurement. */
export const roughly = 80;

/** The widest bound that is tried. */
export const widestBound: number = deviationsTried[deviationsTried.length - 1];

/** What is to be expected of a width of the pruning bound. */
export interface Outlook {
  readonly deviations: number;
  /** Share of the neighbours in the lists read that the bound does not lose. */
  readonly kept: number;
  /** What a query costs that reads so many lists that the target is met, in the nanoseconds of {@link costOf}. */
  readonly cost: number;
}

/** What is aimed at: a recall, and the mean over the trial that it takes; `coded` says whether there are codes, so that there is a bound. */
interface Aimed {
  readonly target: number;
  readonly likely: number;
  readonly coded: boolean;
}

/**
 * What is to be expected of each width that the target may be met with, the cheapest first: by short runs that read as many lists as hold so many of the
 * neighbours. What they find of these is kept by the bound, and what it takes away from the recall more lists are to bring back.
 */
export async function outlooksOf(index: Calibrated, trial: Trial, reach: Reach, { target, likely, coded }: Aimed): Promise<Outlook[]> {
  const probes = probesFor(reach, likely);
  const held = heldBy(reach, trial, probes);
  if (held === 0) return [];
  const outlooks: Outlook[] = [];
  const efforts = (coded ? deviationsTried : [0]).map((deviations): Effort => ({ probes, stop: null, deviations }));
  for (const run of await runTrials(index, trial, efforts, roughly)) {
    const { deviations } = run.effort;
    const kept = Math.min(1, run.recall / held);
    // What the bound loses, the partition cannot bring back.
    if (kept < target && kept + (2 * run.error) / held < target) continue;
    const effort: Effort = { probes: probesFor(reach, wantedFor(likely, kept)), stop: null, deviations };
    const more = effort.probes / probes;
    const work = { scanned: more * run.scanned, probed: more * run.probed, survivors: run.survivors };
    outlooks.push({ deviations, kept, cost: costOf(index, effort, work) });
  }
  return outlooks.sort((a, b) => a.cost - b.cost);
}

/** Share of the neighbours whose lists are to be read where the bound keeps so many of them. */
export function wantedFor(likely: number, kept: number): number {
  return Math.min(0.9999, likely / Math.max(kept, likely));
}

/** What an effort would cost that finds so much less than this one, as fewer lists are read: efforts are compared by it, as they find more than they have to by chance. */
export function neededCost(index: Calibrated, reach: Reach, { effort, scanned, probed, survivors }: Measured, spare: number): number {
  const read = readBy(reach, effort);
  const less = listsFor(reach, read - spare) / listsFor(reach, read);
  const work = { scanned: less * scanned, probed: less * probed, survivors };
  return costOf(index, { ...effort, probes: effort.stop === null ? less * effort.probes : effort.probes }, work);
}

/** Share of the neighbours whose lists an effort reads. */
export function readBy(reach: Reach, effort: Effort): number {
  const values = effort.stop === null ? reach.probes : reach.factors;
  const limit = limitOf(effort);
  return reach.shares.reduce((sum, share, i) => (values[i] <= limit ? sum + share : sum), 0);
}

/** What ends the reading of a query's lists. */
export function limitOf({ probes, stop }: Effort): number {
  return stop === null ? probes : stop.factor;
}

/** The lists that hold so much of the neighbours, and of the last of them as much as it takes. */
function listsFor(reach: Reach, wanted: number): number {
  const last = probesFor(reach, wanted);
  let [before, own] = [0, 0];
  for (const [i, probes] of reach.probes.entries()) {
    if (probes < last) before += reach.shares[i];
    else if (probes === last) own += reach.shares[i];
  }
  return own > 0 ? last - 1 + Math.max(0, Math.min(1, (wanted - before) / own)) : last;
}

function probesFor(reach: Reach, wanted: number): number {
  return Math.min(reach.most, quantile(reach.probes, reach.shares, wanted));
}

/** Share of the neighbours of the queries of a short run that so many lists hold. */
function heldBy({ probes, shares }: Reach, { counts }: Trial, most: number): number {
  const neighbours = counts.subarray(0, roughly).reduce((sum, count) => sum + count, 0);
  let [held, all] = [0, 0];
  for (let i = 0; i < neighbours; i++) {
    all += shares[i];
    if (probes[i] <= most) held += shares[i];
  }
  return all > 0 ? held / all : 0;
}
