import { readFile } from "node:fs/promises";
import { NearError } from "nearts";
import { z } from "zod";
import type { Result } from "../results.js";

/** Damaged lines that an error names, at most. */
const MOST_NAMED = 5;

/**
 * The results in files of JSON lines, in order; empty lines are skipped. E_BAD_FILE, with the numbers of the lines and what is wrong with each, where any
 * line is not a result; E_IO where a file cannot be read; E_VERSION for results of another version than 1.
 */
export async function readResults(paths: readonly string[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const path of paths) for (const result of parseResults(await textOf(path), path)) results.push(result);
  return results;
}

/** The results in the text of such a file; `from` names it in errors. */
export function parseResults(text: string, from: string): Result[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const results: Result[] = [];
  const damaged: { readonly line: number; readonly why: string }[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const result = parseLine(line, i + 1, from);
    if (typeof result === "string") damaged.push({ line: i + 1, why: result });
    else results.push(result);
  }
  if (damaged.length === 0) return results;
  const named = damaged.slice(0, MOST_NAMED).map(({ line, why }) => `line ${line} (${why})`);
  const more = damaged.length > MOST_NAMED ? `, and ${damaged.length - MOST_NAMED} more` : "";
  throw new NearError(
    "E_BAD_FILE",
    `${from}: ${damaged.length} of ${results.length + damaged.length} results cannot be read: ${named.join(", ")}${more}; remove or repeat them`,
    { path: from, lines: damaged.map(({ line }) => line) },
  );
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new NearError("E_IO", `cannot read ${path}: ${(cause as Error).message}`, { path }, { cause }); // fs rejects with errors
  }
}

/** The result, or what is wrong. */
function parseLine(line: string, number: number, from: string): Result | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line.trimEnd().endsWith("}") ? "not JSON" : "not JSON: cut short?";
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    throw new NearError("E_VERSION", `${from}: line ${number} is a result of version ${version}, this reads version 1`, { version });
  }
  const { success, error, data } = RESULT.safeParse(value);
  if (success) return data as Result; // what the schema below describes
  const { path, message } = error.issues[0];
  return `${path.length === 0 ? "" : `${path.join(".")}: `}${message}`;
}

const finite = z.number();
const bounds = { low: finite.optional(), high: finite.optional() };
const MEASURED = z.object({ value: finite, unit: z.string(), ...bounds, better: z.enum(["higher", "lower"]).nullable() });
const HISTOGRAM = z
  .object({ title: z.string(), unit: z.string(), edges: z.array(finite), counts: z.array(finite.min(0)), log: z.boolean().optional() })
  .refine(({ edges, counts }) => edges.length === counts.length + 1 && edges.every((edge, i) => i === 0 || edge >= edges[i - 1]), {
    error: "a histogram needs ascending edges, one more than counts",
  });
const CURVE = z.object({
  title: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
  points: z.array(z.object({ x: finite, y: finite, ...bounds })),
  theory: z.array(z.object({ x: finite, y: finite })).optional(),
});
const DATA = z.object({
  name: z.string(),
  hash: z.string(),
  kind: z.enum(["dense", "sparse", "bits", "set"]),
  distance: z.string(),
  dim: finite,
  rows: finite,
  queries: finite,
});
const MACHINE = z.object({
  cpu: z.string(),
  cores: finite,
  memoryBytes: finite,
  node: z.string(),
  nearts: z.string(),
  commit: z.string().optional(),
});
/** As {@link Result}. */
const RESULT = z.object({
  version: z.literal(1),
  key: z.string(),
  experiment: z.string(),
  engine: z.string(),
  parameters: z.record(z.string(), z.json()),
  plan: z.string().optional(),
  data: DATA,
  k: finite,
  seed: finite,
  measures: z.record(z.string(), MEASURED),
  histograms: z.record(z.string(), HISTOGRAM).optional(),
  curves: z.record(z.string(), CURVE).optional(),
  machine: MACHINE,
  at: z.string(),
});
