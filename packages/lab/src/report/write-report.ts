import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { NearError } from "nearts";
import type { Result } from "../results.js";
import { groupsOf, titleOf } from "./groups.js";
import { markdownReport } from "./markdown.js";

/** Where a text goes, and the text. */
export type TextFile = readonly [path: string, text: string];

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
  const files: TextFile[] = [];
  if (out !== undefined || svg !== undefined) {
    // Only here: the libraries that draw are large, and whoever does not draw should not wait for them.
    const { drawnFiles } = await import("./drawn-files.js");
    files.push(...drawnFiles(groups, title, { out, svg, definitions }));
  }
  if (markdown !== undefined) files.push([markdown, markdownReport(results, title)]);
  for (const [path, text] of files) await write(path, text);
  return files.map(([path]) => path);
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new NearError("E_IO", `cannot write ${path}: ${(cause as Error).message}`, { path }, { cause }); // fs rejects with errors
  }
}
