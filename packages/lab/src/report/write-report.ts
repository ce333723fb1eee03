import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NearError } from "nearts";
import type { Result } from "../results.js";
import { asFile, type Figure } from "./figures/draw.js";
import { type Figures, figuresOf } from "./figures/figures.js";
import { groupsOf, titleOf } from "./groups.js";
import { type Drawn, htmlReport } from "./html.js";
import { markdownReport } from "./markdown.js";

/** What a report is to be written to; at least one of the three. Folders are made. */
export interface ReportOptions {
  /** The HTML page. */
  readonly out?: string;
  /** A folder for the figures, an SVG file each. */
  readonly svg?: string;
  /** The Markdown table. */
  readonly markdown?: string;
  /** The names of the experiments when not given. */
  readonly title?: string;
  /** Texts of the definition files, shown as they are. */
  readonly definitions?: readonly string[];
}

/** Writes a report of `results` and resolves to the paths of what was written, in order. E_BAD_DATA where there are no results, E_IO where a file cannot be written. */
export async function writeReport(results: readonly Result[], options: ReportOptions): Promise<string[]> {
  const { out, svg, markdown, definitions = [] } = options;
  if (out === undefined && svg === undefined && markdown === undefined) {
    throw new NearError("E_BAD_OPTION", "a report needs a file or folder to be written to: give out, svg or markdown", {});
  }
  const title = options.title ?? titleOf(results);
  const groups = groupsOf(results);
  const files: (readonly [path: string, text: string])[] = [];
  if (out !== undefined || svg !== undefined) {
    const drawn = groups.map((group): Drawn => ({ group, figures: figuresOf(group) }));
    if (out !== undefined) files.push([out, htmlReport(title, drawn, definitions)]);
    if (svg !== undefined) files.push(...svgFiles(svg, drawn));
  }
  if (markdown !== undefined) files.push([markdown, markdownReport(results, title)]);
  for (const [path, text] of files) await write(path, text);
  return files.map(([path]) => path);
}

/** A file for each figure, numbered by group and place. */
function svgFiles(folder: string, drawn: readonly Drawn[]): [path: string, text: string][] {
  return drawn.flatMap(({ figures }, g) =>
    inOrder(figures).map((figure, i): [string, string] => [
      join(folder, `${g + 1}-${String(i + 1).padStart(2, "0")}-${slug(`${figure.title} ${figure.of ?? ""}`)}.svg`),
      asFile(figure),
    ]),
  );
}

function inOrder({ tradeOffs, sweeps, costs, curves, distributions }: Figures): Figure[] {
  return [...tradeOffs, ...sweeps, ...costs, ...curves, ...distributions];
}

/** A title as part of a file's name on any system. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-|-$/g, "");
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new NearError("E_IO", `cannot write ${path}: ${(cause as Error).message}`, { path }, { cause }); // fs rejects with errors
  }
}
