import type { Result } from "../results.js";
import { groupsOf, titleOf } from "./groups.js";
import { provenanceOf } from "./provenance.js";
import { columnsOf } from "./table.js";

/** The results as Markdown: a table for each group, under what was run; its title is the names of the experiments when not given. */
export function markdownReport(results: readonly Result[], title: string = titleOf(results)): string {
  const parts = groupsOf(results).map((group) => {
    const columns = columnsOf(group);
    const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
    return [
      `## ${escapeCell(group.title)}`,
      "",
      ...provenanceOf(group).map(([what, values]) => `- ${what}: ${values.map(escapeCell).join("; ")}`),
      "",
      line(columns.map(({ title: head }) => head)),
      `|${columns.map(({ kind }) => (kind === "measure" ? " ---: |" : " --- |")).join("")}`,
      ...group.members.map((member) => line(columns.map(({ cell }) => cell(member).text))),
      "",
    ].join("\n");
  });
  return `# ${escapeCell(title)}\n\n${parts.join("\n")}`;
}

/** Text that stays text: no markup, no HTML, one line. */
function escapeCell(text: string): string {
  return text
    .replace(/[\\`*_[\]|<>#~]/g, (sign) => `\\${sign}`)
    .replace(/&/g, "&amp;")
    .replace(/[\s\p{Cc}]+/gu, " ");
}
