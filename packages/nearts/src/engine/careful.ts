import { askAll } from "./ask-all.js";
import { type Calibrated, quantile, type Reach, type Trial } from "./calibrate.js";
import type { Careful, Effort } from "./stages.js";

/** Shares of the queries of a trial that may count as unlike the others by their lists and by their codes: these read more than need be. */
const unlikeByLists = 0.03;
const unlikeByCodes = 0.01;

/** Of the neighbours that may be missed the share that the stop rule may miss: others are lost by their codes. */
const missed = 0.4;

/**
 * A list at distance o may hold a vector at distance d if √o ≤ √d + r, r being its radius. Among tight clusters the stored vectors need less than this factor of
 * o to d; a query between clusters needs it where r, along the way to it, is about a quarter of its distance.
 */
const leastFactor = 1.5;

const noStop = { factor: Number.POSITIVE_INFINITY, offset: 0 };

/**
 * How queries unlike those of a trial are read, for a recall. Near stored vectors a few lists are much nearer than the others, and few vectors nearly as near
 * as the neighbours. Far from them, or among them where none lie, lists and vectors are all about as far: by that such queries are told. Undefined where
 * there is no rule that the trial would be read by.
 */
export async function carefulFor(
  index: Calibrated,
  trial: Trial,
  reach: Reach,
  recall: number,
  effort: Effort,
  seen: number,
): Promise<Careful | undefined> {
  const known = quantile(reach.factors, reach.shares, 1 - missed * (1 - recall));
  if (!Number.isFinite(known)) return undefined;
  const factor = Math.max(known, effort.stop?.factor ?? 0, index.stages[0].hash.anchors === undefined ? 0 : leastFactor);
  const { growths, shares } = await signsOf(index, trial, effort, seen);
  return {
    stop: { factor, offset: 0 },
    read: effort.probes,
    probe: seen,
    flat: lowest(growths, unlikeByLists),
    passing:
      1 -
      lowest(
        shares.map((share) => 1 - share),
        unlikeByCodes,
      ),
  };
}

/** Under this value is no more than a share of them. */
function lowest(values: Float64Array, share: number): number {
  return quantile(values, values.slice().fill(1 / values.length), share);
}

/** For each query of a trial how many times the order of its first probe that of number `seen` is (+∞ with fewer probes), and which share of the vectors read passes by their codes. */
async function signsOf(
  index: Calibrated,
  trial: Trial,
  effort: Effort,
  seen: number,
): Promise<{ growths: Float64Array; shares: Float64Array }> {
  // Told apart, none is: it is to be seen by what.
  const own: Effort = { ...effort, careful: { stop: noStop, read: effort.probes, probe: seen, flat: 0, passing: 1 } };
  const [{ left }] = await askAll(index, trial, [{ kind: "signs", effort: own }]);
  return { growths: left.filter((_, i) => i % 2 === 0), shares: left.filter((_, i) => i % 2 === 1) };
}
