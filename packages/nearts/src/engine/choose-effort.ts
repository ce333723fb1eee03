import { type Calibrated, type Measured, quantile, type Reach, reachOf, runTrial, type Trial } from "./calibrate.js";
import { carefulFor } from "./careful.js";
import type { Effort } from "./stages.js";

/** What tuning chose, and what it expects of it. */
export interface Choice extends Measured {
  /** The recall that was asked for. */
  readonly target: number;
  /** Why the target is not met, where it is not: a budget of probes or microseconds, or that nothing reaches it. */
  readonly warning?: string;
}

/** Limits of a query's work. */
export interface Budget {
  /** Most lists. */
  readonly probes?: number;
  /** Most microseconds. */
  readonly micros?: number;
}

/** Widths of the pruning bound that are tried, in standard deviations. */
const deviationsTried = [1.1, 1.6, 2.2, 3.2];
/** Of the standard error of the measured recall so much is added to the target: half of the time a plain mean would be below it. */
const margin = 0.5;

/**
 * The cheapest effort whose recall on the trial is the target, with a margin for chance. The partition's part of the recall, for every number of probes
 * and every stop factor, comes from one pass; the pruning bound's part from a few short runs; the last word has a measurement.
 */
export async function chooseEffort(index: Calibrated, trial: Trial, target: number, lists: number, budget: Budget = {}): Promise<Choice> {
  const most = Math.max(1, Math.min(lists, budget.probes ?? lists));
  // Nothing but reading everything finds all.
  if (target === 1 && most === lists)
    return { ...(await runTrial(index, trial, { probes: lists, stop: null, deviations: Number.POSITIVE_INFINITY }, 20)), target };
  const reach = await reachOf(index, trial, most);
  const coded = index.stages.some(({ sketch }) => sketch !== null);
  // Products have no zero to compare with, and hashes of many tables no order that estimates share.
  const stoppable =
    index.stops !== false && coded && index.stages.length === 1 && index.stages[0].hash.tables === 1 && index.distance.metric !== "dot";
  let best: Measured | undefined;
  let nearest: Measured | undefined;
  for (const deviations of coded ? deviationsTried : [0]) {
    const kept = await runTrial(index, trial, { probes: reach.most, stop: null, deviations }, 160);
    // What the bound loses, the partition cannot bring back.
    if (kept.recall < target && kept.recall + 2 * kept.error < target) {
      if (nearest === undefined || kept.recall > nearest.recall) nearest = kept;
      continue;
    }
    const measured = await meet(index, trial, reach, target, deviations, kept.recall, stoppable);
    if (nearest === undefined || measured.recall > nearest.recall) nearest = measured;
    if (!meets(measured, target)) continue;
    if (best === undefined || measured.cost < best.cost) best = measured;
    else if (measured.cost > 1.25 * best.cost) break; // wider bounds cost more and more
  }
  const chosen = best ?? nearest ?? (await runTrial(index, trial, { probes: most, stop: null, deviations: 4 }));
  const choice = stoppable && budget.probes === undefined ? await withCare(index, trial, reach, target, chosen) : chosen;
  const warning = warn(choice, target, most, lists, budget);
  return warning === undefined ? { ...choice, target } : { ...choice, target, warning };
}

function meets({ recall, error }: Measured, target: number): boolean {
  return recall >= Math.min(1, target + margin * error);
}

/** The effort with this bound that meets the target, measured; or, where none does, the one that reads all. */
async function meet(
  index: Calibrated,
  trial: Trial,
  reach: Reach,
  target: number,
  deviations: number,
  kept: number,
  stoppable: boolean,
): Promise<Measured> {
  let wanted = Math.min(0.9999, target / Math.max(kept, target));
  let measured: Measured | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    const efforts = effortsFor(reach, wanted, deviations, stoppable);
    const tried: Measured[] = [];
    for (const effort of efforts) tried.push(await runTrial(index, trial, effort));
    const good = tried.filter((one) => meets(one, target)).sort((a, b) => a.cost - b.cost);
    if (good.length > 0) return good[0];
    measured = tried.reduce((a, b) => (a.recall > b.recall ? a : b));
    const missing = Math.min(1, target + margin * measured.error) - measured.recall;
    wanted = Math.min(1, wanted + Math.max(missing, 0.001));
  }
  return measured ?? runTrial(index, trial, { probes: reach.most, stop: null, deviations });
}

/** The chosen effort with a rule for queries unlike the others, and what it then reaches. */
async function withCare(index: Calibrated, trial: Trial, reach: Reach, target: number, chosen: Measured): Promise<Measured> {
  const careful = await carefulFor(index, trial, reach, target, chosen.effort);
  return careful === undefined ? chosen : runTrial(index, trial, { ...chosen.effort, neighbours: trial.k, careful });
}

/** The least number of probes, and the least stop factor with a limit of probes, by which the lists of so many of the neighbours are read. */
function effortsFor(reach: Reach, wanted: number, deviations: number, stoppable: boolean): Effort[] {
  const probes = Math.min(reach.most, quantile(reach.probes, reach.shares, wanted));
  const plain: Effort = { probes, stop: null, deviations };
  if (!stoppable) return [plain];
  const factor = quantile(reach.factors, reach.shares, wanted);
  if (!Number.isFinite(factor)) return [plain];
  // A limit that hardly ever matters, so that no query runs away.
  return [{ probes: Math.min(reach.most, Math.max(8, 6 * probes)), stop: { factor, offset: 0 }, deviations }, plain];
}

function warn(chosen: Measured, target: number, most: number, lists: number, budget: Budget): string | undefined {
  const reached = chosen.recall.toFixed(3);
  if (chosen.recall + 0.005 + chosen.error < target) {
    if (most < lists)
      return `recall ${target} was asked for, but ${most} ${most === 1 ? "probe reaches" : "probes reach"} ${reached}: raise the budget's probes (there are ${lists} lists)`;
    return `recall ${target} was asked for, but even all ${lists} lists reach ${reached} on the sample`;
  }
  if (budget.micros !== undefined && chosen.micros > budget.micros) {
    return `recall ${target} takes about ${Math.round(chosen.micros)} µs a query, over the budget of ${budget.micros} µs: lower the recall, or raise the budget`;
  }
  return undefined;
}
