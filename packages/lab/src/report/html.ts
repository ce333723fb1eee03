import { asPage, drawLegend, escapeText, type Figure } from "./figures/draw.js";
import type { Figures } from "./figures/figures.js";
import type { Group } from "./groups.js";
import { pageScript } from "./page/script.js";
import { STYLE } from "./page/style.js";
import { plansOf, provenanceOf } from "./provenance.js";
import { type Column, columnsOf, describe } from "./table.js";

/** A group with what is drawn of it. */
export interface Drawn {
  readonly group: Group;
  readonly figures: Figures;
}

const TRADE_OFFS =
  "Lines join the results of an engine that none of its own beats both ways; thin lines are 95 % intervals. Recall is drawn by the share that is missed, on a logarithmic axis.";

/** The report as one HTML page that asks nothing of any network. `definitions` are the texts of what was run. */
export function htmlReport(title: string, drawn: readonly Drawn[], definitions: readonly string[]): string {
  return [
    `<!doctype html>`,
    `<html lang="en">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    // Nothing but what is in the page itself: a name that is taken for markup could still load nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${STYLE}</style>`,
    `</head>`,
    `<body>`,
    `<header><h1>${escapeText(title)}</h1>${overview(drawn)}</header>`,
    `<main>`,
    ...drawn.map(section),
    definitions.length === 0 ? "" : `<h2>Definition</h2>${definitions.map((text) => `<pre>${escapeText(text)}</pre>`).join("")}`,
    `</main>`,
    `<footer>A point says what it is when it is pointed at or touched; with the keyboard, go to a figure and use the arrow keys. Columns sort by their heads.</footer>`,
    `<script>(${pageScript.toString()})()</script>`,
    `</body>`,
    `</html>`,
    "",
  ].join("\n");
}

function overview(drawn: readonly Drawn[]): string {
  const results = drawn.reduce((sum, { group }) => sum + group.members.length, 0);
  const machines = new Set(drawn.map(({ group }) => group.machine));
  const text = `<p class="soft">${results} ${results === 1 ? "result" : "results"}.</p>`;
  if (drawn.length < 2) return text;
  const kept = machines.size > 1 ? `${machines.size} machines` : "several data sets, distances or k";
  const links = drawn.map(
    ({ group }, i) => `<li><a href="#g${i + 1}">${escapeText(group.title)}</a> <span class="soft">${escapeText(group.machine)}</span></li>`,
  );
  return `${text}<p class="note">The results are of ${kept} and are kept apart: only those of one section may be compared.</p><ol>${links.join("")}</ol>`;
}

function section({ group, figures }: Drawn, i: number): string {
  const parts: readonly (readonly [title: string, reading: string, figures: readonly Figure[]])[] = [
    ["What is found, and what it costs", TRADE_OFFS, figures.tradeOffs],
    ["By parameter", "Lines join the medians of an engine.", figures.sweeps],
    ["Building", "Medians of an engine's results; a thin line reaches from the least to the most.", figures.costs],
    ["Collisions and estimates", "Points are measured, with 95 % intervals; a dashed line is theory, where there is some.", figures.curves],
    ["Distributions", "Where all values are alike nothing is drawn.", figures.distributions],
  ];
  return [
    `<section aria-labelledby="g${i + 1}">`,
    `<h2 id="g${i + 1}">${escapeText(group.title)}</h2>`,
    `<p class="soft">${escapeText(group.machine)}</p>`,
    legend(group),
    ...parts.filter(([, , list]) => list.length > 0).map(figuresUnder),
    figures.left === "" ? "" : `<p class="soft below">${escapeText(figures.left)}</p>`,
    `<h3 id="t${i + 1}">All results</h3>`,
    table(group, i),
    `<h3>What was run</h3>`,
    provenance(group),
    `</section>`,
  ].join("\n");
}

function figuresUnder([title, reading, list]: readonly [string, string, readonly Figure[]]): string {
  return `<h3>${title}</h3><p class="soft">${reading}</p><div class="figures">${list.map(figure).join("\n")}</div>`;
}

function legend({ series }: Group): string {
  if (series.length < 2) return "";
  return `<figure class="legend">${asPage(drawLegend(series).svg, `Legend: ${series.join(", ")}`, false)}</figure>`;
}

function figure({ title, of, caption, summary, svg }: Figure): string {
  const text = [of ?? "", caption]
    .filter((part) => part !== "")
    .map((part) => `<span>${escapeText(part)}</span>`)
    .join("<br>");
  return `<figure><figcaption><b>${escapeText(title)}</b>${text}</figcaption>${asPage(svg, `${title}${of === undefined ? "" : `: ${of}`}. ${summary}`, svg.includes("data-n="))}</figure>`;
}

function table(group: Group, i: number): string {
  const columns = columnsOf(group);
  const heads = columns.map((column) => `<th scope="col"${classOf(column)}><button type="button">${headOf(column)}</button></th>`);
  const rows = group.members.map((member) => {
    const cells = columns.map((column) => {
      const { text, value, more } = column.cell(member);
      const sortable = value === null ? "" : ` data-v="${escapeText(String(value))}"`;
      return `<td${classOf(column)}${sortable}${more === undefined ? "" : ` title="${escapeText(more)}"`}>${escapeText(text)}</td>`;
    });
    return `<tr id="r${member.n}" data-tip="${escapeText(describe(member))}">${cells.join("")}</tr>`;
  });
  return `<div class="scroll" role="region" aria-labelledby="t${i + 1}" tabindex="0"><table><thead><tr>${heads.join("")}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

/** A title that may be broken between its words, where it is one of several: `queries|Per|Second`. */
function headOf({ title }: Column): string {
  return escapeText(title).replace(/(?<=[a-z])(?=[A-Z])/g, "<wbr>");
}

/** Numbers stand on the right; what is not main stays off paper. */
function classOf({ kind, main }: Column): string {
  const names = [...(kind === "measure" ? ["num"] : []), ...(main ? [] : ["screen"])];
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}

function provenance(group: Group): string {
  const rows = provenanceOf(group).map(([what, values]) => `<dt>${what}</dt><dd>${values.map(escapeText).join("<br>")}</dd>`);
  const plans = plansOf(group);
  const texts = plans.map(({ series, plan }) => `<pre><b>${escapeText(series)}</b>\n${escapeText(plan)}</pre>`).join("");
  return `<dl>${rows.join("")}</dl>${plans.length === 0 ? "" : `<details><summary>What the engines say of their plans</summary>${texts}</details>`}`;
}
