import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { shorten } from "../format.js";
import { LIGHT, scalesOf } from "./palette.js";

/** A figure of a report. */
export interface Figure {
  /** What it shows, in a few words; also the name of its file. */
  readonly title: string;
  /** Of which result, where it is not of the whole group. */
  readonly of?: string;
  /** How to read it, where that is not plain. */
  readonly caption: string;
  /** For those who cannot see it: what a table of its points would say first. */
  readonly summary: string;
  /** An `<svg>` without legend; colours are custom properties. */
  readonly svg: string;
  /** The series that occur in it, as the legend has them; empty where it needs none. */
  readonly series: readonly string[];
}

/** Figures are drawn this wide; pages scale them, and their letters, by what room there is. */
export const WIDTH = 460;
export const HEIGHT = 320;
const LEGEND_ROW = 18;
const NS = "http://www.w3.org/2000/svg";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Draws with Plot, without a browser: the text of an `<svg>`. Titles of marks are the numbers of their results, and become `data-n`. */
export function draw(options: Plot.PlotOptions): string {
  const svg = Plot.plot({ document, width: WIDTH, height: HEIGHT, style: { fontSize: "12px" }, ...options });
  for (const title of svg.querySelectorAll("title")) {
    title.parentElement?.setAttribute("data-n", title.textContent ?? "");
    title.remove();
  }
  svg.querySelector("style")?.remove(); // the page has the rules, once
  for (const name of ["style", "width", "height", "class"]) svg.removeAttribute(name);
  svg.setAttribute("font-size", "12");
  return svg.outerHTML;
}

/** The legend of these series: an `<svg>` as wide as a figure, two columns where names are short. */
export function drawLegend(series: readonly string[]): { readonly svg: string; readonly height: number } {
  const columns = Math.max(...series.map((name) => name.length)) > 26 ? 1 : 2;
  const rows = Math.ceil(series.length / columns);
  const height = rows * LEGEND_ROW + 6;
  const x = (name: string) => Math.floor(series.indexOf(name) / rows);
  const y = (name: string) => series.indexOf(name) % rows;
  const svg = draw({
    height,
    margin: 0,
    axis: null,
    x: { domain: [-0.05, columns] },
    y: { domain: [rows - 0.5, -0.5] },
    ...scalesOf(series),
    marks: [
      Plot.dot(series, { x, y, symbol: (name: string) => name, fill: (name: string) => name, r: 5 }),
      Plot.text(series, { x, y, text: (name: string) => name, dx: 12, textAnchor: "start", fill: "currentColor" }),
    ],
  });
  return { svg, height };
}

/** A drawing as part of a page: named for those who cannot see it, and, where its points can be asked, reached by the keyboard. */
export function asPage(svg: string, name: string, asked: boolean): string {
  const role = asked ? `role="group" aria-roledescription="figure" tabindex="0"` : `role="img"`;
  return svg.replace("<svg ", `<svg ${role} aria-label="${escapeText(name)}" `);
}

/** A figure as a file of its own: title, legend and fixed colours on white, for papers and viewers that know nothing of pages. */
export function asFile({ title, of, summary, svg, series }: Figure): string {
  const legend = series.length > 1 ? drawLegend(series) : { svg: "", height: 0 };
  const [, figureHeight] = /viewBox="0 0 \S+ (\S+)"/.exec(svg) ?? [];
  const [top, height] = [of === undefined ? 30 : 46, Number(figureHeight)];
  const whole = top + height + legend.height + 6;
  const placed = (inner: string, y: number, tall: number) =>
    inner.replace("<svg ", `<svg x="0" y="${y}" width="${WIDTH}" height="${tall}" `);
  const lines = [
    `<svg xmlns="${NS}" viewBox="0 0 ${WIDTH} ${whole}" width="${WIDTH}" height="${whole}" color="#1b1f24" role="img">`,
    `<title>${escapeText(of === undefined ? title : `${title}: ${of}`)}</title><desc>${escapeText(summary)}</desc><rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="12" y="20" font-family="system-ui, sans-serif" font-size="14" font-weight="600" fill="currentColor">${escapeText(shorten(title, 56))}</text>`,
    of === undefined
      ? ""
      : `<text x="12" y="37" font-family="system-ui, sans-serif" font-size="11" fill="#59636e">${escapeText(shorten(of, 74))}</text>`,
    placed(svg, top, height),
    legend.svg === "" ? "" : placed(legend.svg, top + height, legend.height),
    "</svg>",
  ];
  return lines
    .filter((line) => line !== "")
    .join("\n")
    .replace(/var\(--c(\d)\)/g, (_, i: string) => LIGHT[Number(i)])
    .replaceAll("var(--paper)", "#ffffff");
}

/** Text as HTML and SVG show it, in content and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(CONTROLS, "\uFFFD");
}

/** Control signs but tab and new line: XML does not allow them. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;
