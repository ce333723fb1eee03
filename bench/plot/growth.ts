import { growthExponent } from "../statistics.js";
import { colour, dot, type Frame, grid, logAxis, path, svg, words } from "./svg.js";

/** A quantity by the number of vectors. */
export interface Curve {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const [panel, height] = [420, 400];

/** Quantities by the number of vectors, a panel each, both axes logarithmic: a power of n is a straight line, and its exponent is written above. */
export function growthPlot(title: string, curves: readonly Curve[]): string {
  const panels = curves.flatMap(({ name, points }, c) => {
    const frame: Frame = { left: c * panel + 80, top: 70, right: (c + 1) * panel - 36, bottom: height - 60 };
    const x = logAxis(
      points.map((point) => point.x),
      frame.left,
      frame.right,
    );
    const y = logAxis(
      points.map((point) => point.y),
      frame.bottom,
      frame.top,
    );
    const places = points.map((point) => [x.place(point.x), y.place(point.y)] as const);
    return [
      ...grid(frame, x, y),
      words(frame.left, frame.top - 14, `${name} ∝ n^${growthExponent(points).toFixed(2)}`, "start"),
      words((frame.left + frame.right) / 2, frame.bottom + 40, "vectors n", "middle"),
      path(places, colour(c)),
      ...places.map(([left, top], i) =>
        dot(left, top, 4, colour(c), `${points[i].x.toLocaleString("en-US")}: ${points[i].y.toPrecision(3)}`),
      ),
    ];
  });
  return svg(title, panel * curves.length, height, [words(16, 24, title, "start"), ...panels]);
}
