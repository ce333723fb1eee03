import type { Points } from "./points.js";

/** Points that are taken from a file, at most. */
export const MOST_POINTS = 5000;

/**
 * Points of a text with two numbers a line, between commas, semicolons, tabs or spaces, scaled into the square from −1 to 1. A first line of titles, empty
 * lines and further columns are passed over. Throws an error that names the line where there are no two numbers.
 */
export function pointsOfCsv(text: string): Points {
  const found: [number, number][] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [x, y] = line
      .trim()
      .split(/\s*[,;\t]\s*|\s+/)
      .slice(0, 2)
      .map(toNumber);
    if (x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y)) found.push([x, y]);
    else if (found.length > 0 || i > 0) throw new Error(`line ${i + 1} begins with no two numbers: ${line.slice(0, 40)}`);
    if (found.length > MOST_POINTS) throw new Error(`there are more than ${MOST_POINTS} points: shorten the file`);
  }
  if (found.length === 0) throw new Error("there is no line of two numbers");
  return { kind: "dense", dim: 2, count: found.length, values: scaled(found) };
}

function toNumber(text: string): number {
  const bare = text.replace(/^"(.*)"$/, "$1");
  return bare === "" ? Number.NaN : Number(bare);
}

/** One scale for both directions, so that shapes and distances stay what they are. */
function scaled(points: readonly (readonly [number, number])[]): Float32Array {
  const span = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis]);
    return { least: Math.min(...values), most: Math.max(...values) };
  };
  const [across, up] = [span(0), span(1)];
  const half = Math.max(across.most - across.least, up.most - up.least) / 2 / 0.95 || 1;
  const at = (value: number, { least, most }: { least: number; most: number }) => (value - least / 2 - most / 2) / half;
  return Float32Array.from(points.flatMap(([x, y]) => [at(x, across), at(y, up)]));
}
