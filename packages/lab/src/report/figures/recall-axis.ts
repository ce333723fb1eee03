/** Recalls that are marked where there is room, those first that matter most. */
const MARKS = [
  0.9, 0.99, 0.999, 0.5, 0.95, 0, 0.8, 0.9999, 0.98, 0.995, 0.6, 0.7, 0.3, 0.998, 0.9995, 0.99999, 0.97, 0.92, 0.85, 0.75, 0.65,
];
/** Share of an axis that two marks are apart, at least. */
const APART = 0.11;

/** The recall axis of the field: places are −log₁₀ of the share missed, so that 0.9, 0.99 and 0.999 are as far apart as the work to reach them. */
export interface RecallAxis {
  /** Where a recall is drawn; all found is drawn as if half of one true neighbour were missed. */
  readonly place: (recall: number) => number;
  readonly domain: readonly [from: number, to: number];
  readonly ticks: readonly number[];
  readonly format: (place: number) => string;
}

/** The axis for these recalls, of `answers` true neighbours in all (queries × k). */
export function recallAxis(recalls: readonly number[], answers: number): RecallAxis {
  const end = Math.log10(2 * Math.max(1, answers));
  const place = (recall: number) => Math.min(end, Math.max(0, -Math.log10(1 - recall)));
  const places = recalls.map(place);
  // A little room on both sides; never one point wide.
  const [from, to] = [Math.max(-0.02, Math.min(...places) - 0.1), Math.max(...places) + 0.1];
  const ticks = to >= end ? [end] : [];
  for (const tick of MARKS.map(place)) {
    if (tick >= from && tick <= to && ticks.every((other) => Math.abs(other - tick) >= APART * (to - from))) ticks.push(tick);
  }
  const format = (at: number) => (at >= end ? "1" : String(Number((1 - 10 ** -at).toFixed(6))));
  return { place, domain: [from, to], ticks: ticks.sort((a, b) => a - b), format };
}
