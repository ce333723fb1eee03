import { join } from "node:path";
import { asFile, type Figure } from "./figures/draw.js";
import { type Figures, figuresOf } from "./figures/figures.js";
import type { Group } from "./groups.js";
import { type Drawn, htmlReport } from "./html.js";
import type { TextFile } from "./write-report.js";

/** Where the drawn parts of a report go. */
interface DrawnTo {
  readonly out: string | undefined;
  readonly svg: string | undefined;
  readonly definitions: readonly string[];
}

/** The page of groups of results, and their figures, as far as they are wanted. */
export function drawnFiles(groups: readonly Group[], title: string, { out, svg, definitions }: DrawnTo): TextFile[] {
  const drawn = groups.map((group): Drawn => ({ group, figures: figuresOf(group) }));
  const page: TextFile[] = out === undefined ? [] : [[out, htmlReport(title, drawn, definitions)]];
  return svg === undefined ? page : [...page, ...svgFiles(svg, drawn)];
}

/** A file for each figure, numbered by group and place. */
function svgFiles(folder: string, drawn: readonly Drawn[]): TextFile[] {
  return drawn.flatMap(({ figures }, g) =>
    inOrder(figures).map(
      (figure, i): TextFile => [
        join(folder, `${g + 1}-${String(i + 1).padStart(2, "0")}-${slug(`${figure.title} ${figure.of ?? ""}`)}.svg`),
        asFile(figure),
      ],
    ),
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
