import { bold } from "./style.js";

/** One column: its title, in one or more lines, and where its cells stand. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Options of {@link table}. */
export interface TableOptions {
  /** Before each line. */
  readonly indent?: string;
  /** Between columns. */
  readonly gap?: string;
}

/** Lines of a table: titles over a rule, then the rows. Cells are plain text; columns are as wide as their widest cell, and right-aligned unless they say "left". */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { indent = "", gap = "  " } = options;
  const titles = titleLines(columns);
  const widths = columns.map((_, c) => Math.max(...[...titles, ...rows].map((cells) => cells[c].length)));
  const line = (cells: readonly string[]) => indent + cells.map((cell, c) => pad(cell, widths[c], columns[c].align)).join(gap);
  const rule = widths.map((width) => "─".repeat(width)).join(gap);
  return [...titles.map((cells) => bold(line(cells).trimEnd())), indent + rule, ...rows.map((cells) => line(cells).trimEnd())];
}

/** A bar of `share` (0 to 1) of `width` characters, in eighths of a character; never empty for a share above 0. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * width * 8));
  return "█".repeat(Math.floor(eighths / 8)) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
}

/** Titles of several lines stand on the rule: shorter ones begin with empty lines. */
function titleLines(columns: readonly Column[]): string[][] {
  const split = columns.map(({ title }) => title.split("\n"));
  const height = Math.max(...split.map((lines) => lines.length));
  return Array.from({ length: height }, (_, i) => split.map((lines) => lines[i - height + lines.length] ?? ""));
}

function pad(cell: string, width: number, align: Column["align"] = "right"): string {
  const space = " ".repeat(width - cell.length);
  return align === "left" ? cell + space : space + cell;
}
