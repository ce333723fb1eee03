import { type Axis, colour, dot, type Frame, grid, logAxis, path, svg, words } from "./svg.js";

/** One system's measured points. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly recall: number; readonly qps: number }[];
}

const frame: Frame = { left: 80, top: 50, right: 610, bottom: 430 };
const ticks = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
/** Recalls above are drawn here: 1 lies at infinity on this axis. */
const mostRecall = 0.9995;

/** A recall–queries/s plot as SVG, both axes so that differences at high recall can be seen: 1 − recall and queries/s on log scales. Lines join the points that no other of the system beats. */
export function frontierPlot(title: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const x = recallAxis(Math.min(...all.map(({ recall }) => recall), 0.9));
  const y = logAxis(
    all.map(({ qps }) => qps),
    frame.bottom,
    frame.top,
  );
  const curves = series.flatMap(({ name, points }, s) => [
    path(
      frontier(points).map(({ recall, qps }) => [x.place(recall), y.place(qps)]),
      colour(s),
    ),
    ...points.map(({ recall, qps }) =>
      dot(x.place(recall), y.place(qps), 3, colour(s), `${name}: recall ${recall.toFixed(4)}, ${Math.round(qps)} queries/s`),
    ),
    dot(frame.right + 20, frame.top + 12 + s * 22, 5, colour(s)),
    words(frame.right + 32, frame.top + 16 + s * 22, name, "start"),
  ]);
  const head = [words(16, 22, title, "start"), words(frame.left, frame.top - 12, "queries/s", "start")];
  const foot = words((frame.left + frame.right) / 2, frame.bottom + 40, "recall", "middle");
  return svg(title, 800, 490, [...grid(frame, x, y), ...head, foot, ...curves]);
}

/** From the last tick below the least recall to 0.9995, by −log(1 − recall). */
function recallAxis(least: number): Axis {
  const first = ticks.findLast((tick) => tick <= least) ?? 0;
  const depth = (recall: number) => -Math.log(1 - Math.min(recall, mostRecall));
  const share = (recall: number) => (depth(recall) - depth(first)) / (depth(mostRecall) - depth(first));
  return {
    place: (recall) => frame.left + share(recall) * (frame.right - frame.left),
    ticks: ticks.filter((tick) => tick >= first),
    label: String,
  };
}

/** The points that no other beats in both recall and rate, by rising recall. */
function frontier(points: Series["points"]): Series["points"] {
  const falling = [...points].sort((a, b) => b.recall - a.recall || b.qps - a.qps);
  let fastest = 0;
  return falling
    .filter(({ qps }) => {
      if (qps <= fastest) return false;
      fastest = qps;
      return true;
    })
    .reverse();
}
