import { type Calibrated, type Measured, quantile, type Reach, reachOf, runTrial, type Trial } from "./calibrate.js";
import { carefulFor } from "./careful.js";
import { perturbationNanos, vectorNanos } from "./cost.js";
import { everything } from "./probing.js";
import type { Effort } from "./stages.js";
import { limitOf, neededCost, type Outlook, outlooksOf, readBy, roughly, wantedFor, widestBound } from "./widths.js";

/** What tuning chose, and what it expects of it. */
export interface Choice extends Measured {
  /** The recall that was asked for. */
  readonly target: number;
  /** Whether comparing a query with all vectors costs less. */
  readonly exactIsCheaper: boolean;
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

/** Of the standard error of the measured recall so much is added to the target: half of the time a plain mean would be below it. */
const margin = 0.5;
/** Lists by whose distances a query tells whether it is like the others, read or not. */
const seen = 8;
/** How often less is tried where the rule for queries unlike the others finds more than is asked for. */
const mostSavings = 4;
/** Of what the neighbours in the lists of a probe add to the recall so much is to spare where one less is tried. */
const leastSpare = 0.5;
/** With a stop rule the limit of probes hardly ever matters, so that no query runs away; less of those that are made one by one, read or not. */
const room = 6;
const enumeratedRoom = 1.5;
/** Nanoseconds of probing that a query may take before others have a turn, and fewest probes of a table that are tried whatever they cost. */
const mostNanos = 8e6;
const leastProbes = 16;
/** The standard error of a recall is about so much of √(recall·(1 − recall)/queries), as the neighbours of a query are found or lost together. */
const togetherness = 0.4;
/** A width that is likely to cost so many times the best is not tried. */
const hopeless = 1.06;

/**
 * The cheapest effort whose recall on the trial is the target, with a margin for chance. The partition's part of the recall, for every number of probes
 * and every stop factor, comes from one pass; the pruning bound's part from a few short runs, which tell what each width is likely to cost; the last word
 * has a measurement of those that may be the cheapest.
 */
export async function chooseEffort(index: Calibrated, trial: Trial, target: number, lists: number, budget: Budget = {}): Promise<Choice> {
  const limits = { trial, lists, budget, affordable: await affordableProbes(index), known: trial.counts.some((count) => count > 0) };
  const most = Math.max(1, Math.min(lists, budget.probes ?? limits.affordable));
  // Nothing but reading everything finds all.
  if (target === 1 && (budget.probes ?? lists) >= lists) {
    const all: Effort = { probes: enumerated(index) ? everything : lists, stop: null, deviations: Number.POSITIVE_INFINITY };
    return asChoice(index, await runTrial(index, trial, all, 20), target, limits);
  }
  const reach = await reachOf(index, trial, most);
  const coded = index.stages.some(({ sketch }) => sketch !== null);
  const stoppable = index.stops !== false && coded && ordered(index, reach);
  const kinds = stoppable ? (enumerated(index) ? enumeratedRoom : room) : null;
  const chosen = await cheapest({ index, trial, reach, target, room: kinds, measure: remembering(index, trial) }, coded);
  const choice = stoppable && budget.probes === undefined ? await withCare(index, trial, reach, target, chosen, lists) : chosen;
  return asChoice(index, choice, target, limits);
}

/** What efforts are chosen by. */
interface Choosing {
  readonly index: Calibrated;
  readonly trial: Trial;
  readonly reach: Reach;
  readonly target: number;
  /** How many times as many probes as are needed in the mean there are at most where queries stop by what they found; null where they do not. */
  readonly room: number | null;
  /** Runs the trial with an effort, once. */
  readonly measure: (effort: Effort) => Promise<Measured>;
  /** Which of the kinds of {@link effortsFor} costs less, once that is known. */
  kind?: number | undefined;
}

/** The cheapest effort that meets the target, its bound as wide as is best; where none does, the one that finds most. */
async function cheapest(choosing: Choosing, coded: boolean): Promise<Measured> {
  const { index, trial, reach, target } = choosing;
  const likely = target + margin * togetherness * Math.sqrt((target * (1 - target)) / Math.max(1, trial.queries.count));
  const within = inReach(reach) >= target;
  const outlooks = within ? await outlooksOf(index, trial, reach, { target, likely, coded }) : [];
  if (outlooks.length === 0) return meet(choosing, likely, { deviations: coded ? widestBound : 0, kept: 1 });
  choosing.kind = await cheaperKind(choosing, likely, outlooks[0]);
  let [best, nearest]: [Measured | undefined, Measured | undefined] = [undefined, undefined];
  let [least, known] = [Number.POSITIVE_INFINITY, 1]; // what the best needs to cost, and that for each nanosecond that was expected
  for (const outlook of outlooks) {
    if (known * outlook.cost > hopeless * least) break; // as are those that follow
    const measured = await meet(choosing, likely, outlook);
    if (nearest === undefined || measured.recall > nearest.recall) nearest = measured;
    if (!meets(measured, target)) continue;
    const cost = neededCost(index, reach, measured, spareOf(measured, target));
    if (best !== undefined && cost >= least) continue;
    [best, least] = [measured, cost];
    known = cost / outlook.cost;
  }
  return (best ?? nearest) as Measured; // of one outlook at least
}

/** Which of the kinds of {@link effortsFor} is likely to cost less, by a short run; undefined where there is one. */
async function cheaperKind(
  { index, trial, reach, room }: Choosing,
  likely: number,
  { deviations, kept, cost }: Outlook,
): Promise<number | undefined> {
  const efforts = effortsFor(reach, wantedFor(likely, kept), deviations, room);
  if (efforts.length === 1) return undefined;
  return (await runTrial(index, trial, efforts[0], roughly)).cost < cost ? 0 : 1;
}

/** Runs a trial with efforts, each of them once. */
function remembering(index: Calibrated, trial: Trial): Choosing["measure"] {
  const known = new Map<string, Measured>();
  return async (effort) => {
    const name = [effort.probes, effort.stop?.factor, effort.deviations].join();
    const measured = known.get(name) ?? (await runTrial(index, trial, effort));
    known.set(name, measured);
    return measured;
  };
}

async function asChoice(index: Calibrated, measured: Measured, target: number, limits: Limits): Promise<Choice> {
  const timed = await timedAlone(index, limits.trial, measured);
  const warning = limits.known ? warn(timed, target, limits) : `no query of the trial has a neighbour, so its recall is not known`;
  const size = await index.storage.size();
  const probing =
    enumerated(index) && measured.effort.probes < everything ? measured.effort.probes * tablesOf(index) * perturbationNanos : 0;
  const exactIsCheaper = measured.cost + probing > size * vectorNanos(index.dim);
  return { ...timed, target, exactIsCheaper, ...(warning === undefined ? {} : { warning }) };
}

/** What an effort reached, its queries timed by themselves: beside other threads they take longer. */
async function timedAlone(index: Calibrated, trial: Trial, measured: Measured): Promise<Measured> {
  if (index.together === undefined) return measured;
  const { micros } = await runTrial({ ...index, together: undefined }, trial, measured.effort, roughly);
  return { ...measured, micros };
}

/** Whether probes are made one by one from the query's own key, of as many as there are keys. */
function enumerated({ stages }: Calibrated): boolean {
  return stages.some(({ hash }) => hash.anchors === undefined);
}

function tablesOf({ stages }: Calibrated): number {
  return stages.reduce((sum, { hash }) => sum + hash.tables, 0);
}

/** Probes of a table that cost no more than comparing with all vectors, nor more than a query may keep others waiting. */
async function affordableProbes(index: Calibrated): Promise<number> {
  if (!enumerated(index)) return everything;
  const nanos = Math.min(mostNanos, (await index.storage.size()) * vectorNanos(index.dim));
  return Math.max(leastProbes, Math.floor(nanos / (perturbationNanos * tablesOf(index))));
}

/** Share of the neighbours that lie in the buckets looked at: no bound finds more. */
function inReach({ probes, shares, most }: Reach): number {
  return shares.reduce((sum, share, i) => (probes[i] <= most ? sum + share : sum), 0);
}

/** Whether probes come in an order that a stop rule can go by. */
function ordered({ stages, distance }: Calibrated, { factors }: Reach): boolean {
  // Products have no zero to compare with, and several hashes no order in common; nor have lists of several tables, each read from its nearest on.
  if (distance.metric === "dot" || stages.length > 1 || (stages[0].hash.anchors !== undefined && stages[0].hash.tables > 1)) return false;
  return factors.some((factor) => factor > 0 && factor < Number.POSITIVE_INFINITY);
}

function meets(measured: Measured, target: number): boolean {
  return spareOf(measured, target) >= 0;
}

/** What is found more than has to be. */
function spareOf({ recall, error }: Measured, target: number): number {
  return recall - Math.min(1, target + margin * error);
}

/** The effort with a bound that meets the target, measured; or, where none does, the one that reads all. */
async function meet(choosing: Choosing, likely: number, { deviations, kept }: { deviations: number; kept: number }): Promise<Measured> {
  const { reach, target, measure } = choosing;
  let wanted = wantedFor(likely, kept);
  let measured: Measured | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    const efforts = effortsFor(reach, wanted, deviations, choosing.room);
    const tried: Measured[] = [];
    // Once it is known which kind of effort costs less, the other is not tried again.
    for (const [kind, effort] of efforts.entries()) {
      if (efforts.length === 1 || (choosing.kind ?? kind) === kind) tried.push(await measure(effort));
    }
    if (tried.length > 1) choosing.kind = tried[0].cost < tried[1].cost ? 0 : 1;
    const good = tried.filter((one) => meets(one, target)).sort((a, b) => a.cost - b.cost);
    if (good.length > 0) return good[0];
    measured = tried.reduce((a, b) => (a.recall > b.recall ? a : b));
    const missing = Math.min(1, target + margin * measured.error) - measured.recall;
    wanted = Math.min(1, wanted + Math.max(missing, 0.001));
  }
  return measured ?? measure({ probes: reach.most, stop: null, deviations });
}

/**
 * The chosen effort with a rule for queries unlike the others, and what it then reaches. What these find more is saved on what is read of all, as long as the
 * target is met.
 */
async function withCare(index: Calibrated, trial: Trial, reach: Reach, target: number, chosen: Measured, lists: number): Promise<Measured> {
  const carefully = (effort: Effort) => tried(index, trial, reach, target, effort, lists);
  let best: Measured = (await carefully(chosen.effort)) ?? chosen;
  if (best.effort.careful === undefined) return best;
  let short = Number.NEGATIVE_INFINITY; // what was too little
  for (let attempt = 0, share = 1; attempt < mostSavings; attempt++) {
    const spare: number = spareOf(best, target);
    const effort = spare > 0 ? lessEffort(reach, best.effort, spare * share) : undefined;
    if (effort === undefined || limitOf(effort) <= short) break;
    const less = await carefully(effort);
    if (less !== undefined && meets(less, target) && less.cost < best.cost) best = less;
    else [short, share] = [limitOf(effort), share / 2];
  }
  return best;
}

/** An effort with a rule for queries unlike the others, measured; undefined where there is no such rule. */
async function tried(
  index: Calibrated,
  trial: Trial,
  reach: Reach,
  target: number,
  chosen: Effort,
  lists: number,
): Promise<Measured | undefined> {
  const effort: Effort = { ...chosen, neighbours: trial.k };
  const rule = await carefulFor(index, trial, reach, target, effort, Math.min(lists, seen));
  return rule === undefined ? undefined : runTrial(index, trial, { ...effort, careful: rule });
}

/** An effort by which the lists of a smaller share of the neighbours are read; undefined where there is none. */
function lessEffort(reach: Reach, effort: Effort, spare: number): Effort | undefined {
  const { probes, stop, deviations } = effort;
  const values = stop === null ? reach.probes : reach.factors;
  const limit = limitOf(effort);
  const read = readBy(reach, effort);
  const less = quantile(values, reach.shares, read - spare);
  if (stop === null) {
    const fewer: Effort = { probes: Math.min(less, probes - 1), stop, deviations };
    // By chance a probe may be worth less than usual, but not that much less.
    return probes === 1 || spare < leastSpare * (read - readBy(reach, fewer)) ? undefined : fewer;
  }
  return less < limit ? { probes, stop: { factor: less, offset: 0 }, deviations } : undefined;
}

/** The least number of probes, and the least stop factor with `room` times as many at most, by which the lists of so many of the neighbours are read. */
function effortsFor(reach: Reach, wanted: number, deviations: number, room: number | null): Effort[] {
  const probes = Math.min(reach.most, quantile(reach.probes, reach.shares, wanted));
  const plain: Effort = { probes, stop: null, deviations };
  if (room === null) return [plain];
  const most = Math.min(reach.most, Math.max(8, Math.ceil(room * probes)));
  const within = reach.factors.map((factor, i) => (reach.probes[i] <= most ? factor : Number.POSITIVE_INFINITY));
  const factor = quantile(within, reach.shares, wanted);
  if (!Number.isFinite(factor)) return [plain];
  return [{ probes: most, stop: { factor, offset: 0 }, deviations }, plain];
}

/** What bounds a choice. */
interface Limits {
  readonly trial: Trial;
  readonly lists: number;
  readonly budget: Budget;
  readonly affordable: number;
  /** Whether the trial has anything to find. */
  readonly known: boolean;
}

/** What the choice does not meet. */
function warn({ effort, recall, error, micros }: Measured, target: number, { lists, budget, affordable }: Limits): string | undefined {
  const reached = recall.toFixed(3);
  const asked = `recall ${target} was asked for, but`;
  if (recall + error < target && budget.probes !== undefined && budget.probes < lists) {
    const probes = budget.probes === 1 ? "1 probe reaches" : `${budget.probes} probes reach`;
    return `${asked} ${probes} ${reached}: raise the budget's probes (there are ${lists} lists)`;
  }
  if (recall + 0.005 + error < target) {
    if (affordable < lists)
      return `${asked} the ${effort.probes} probes of a table that cost no more than comparing with all vectors reach ${reached}: search with exact, or make hashes of fewer bits or more tables`;
    return `${asked} even all ${lists} lists reach ${reached} on the sample`;
  }
  if (budget.micros !== undefined && micros > budget.micros) {
    return `recall ${target} takes about ${Math.round(micros)} µs a query, over the budget of ${budget.micros} µs: lower the recall, or raise the budget`;
  }
  return undefined;
}
