/** A rectangle of the drawing in which an axis pair lies. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where values lie on an axis, and which are written beside it. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
  readonly label: (tick: number) => string;
}

/** Colours that differ for the colour-blind as well (Tol's bright scheme, grey included). */
const colours = ["#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#ccbb44", "#bbbbbb"];

export function colour(series: number): string {
  return colours[series % colours.length];
}

/** A drawing of a size; its title is what those hear who do not see it. */
export function svg(title: string, width: number, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13"><title>${escaped(title)}</title>`;
  return `${head}\n<rect width="${width}" height="${height}" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}

export function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="#dddddd"/>`;
}

export function words(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="#333333">${escaped(text)}</text>`;
}

export function dot(x: number, y: number, radius: number, fill: string, title = ""): string {
  const told = title === "" ? "" : `<title>${escaped(title)}</title>`;
  return `<circle cx="${at(x)}" cy="${at(y)}" r="${radius}" fill="${fill}">${told}</circle>`;
}

/** A line through points in their order. */
export function path(points: readonly (readonly [number, number])[], stroke: string): string {
  const steps = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join(" ");
  return `<path d="${steps}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
}

/** Grid lines with their values, below and on the left. */
export function grid({ left, top, right, bottom }: Frame, x: Axis, y: Axis): string[] {
  return [
    ...x.ticks.flatMap((tick) => [
      line(x.place(tick), top, x.place(tick), bottom),
      words(x.place(tick), bottom + 18, x.label(tick), "middle"),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(left, y.place(tick), right, y.place(tick)),
      words(left - 8, y.place(tick) + 4, y.label(tick), "end"),
    ]),
  ];
}

/** A log axis from `from` to `to` (places in the drawing) that holds all values, with 1, 2 and 5 of each power of ten where these leave room. */
export function logAxis(values: readonly number[], from: number, to: number): Axis {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const [least, most] = positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
  const steps = most / least > 1e3 ? [1] : [1, 2, 5];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(least)) - 1; power <= Math.ceil(Math.log10(most)) + 1; power++)
    for (const step of steps) all.push(step * 10 ** power);
  const low = all.findLast((tick) => tick <= least * 1.001) ?? all[0];
  const high = all.find((tick) => tick >= most * 0.999 && tick > low) ?? all[all.length - 1];
  const place = (value: number) => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
  return { place, ticks: all.filter((tick) => tick >= low && tick <= high), label: plainNumber };
}

function plainNumber(value: number): string {
  return value >= 1000 ? value.toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

function at(place: number): string {
  return place.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
