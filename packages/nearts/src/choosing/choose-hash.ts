import { builtins } from "../builtins.js";
import type { Distance, Hash } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { seedFrom } from "../core/random.js";
import type { Kind } from "../core/rows.js";
import type { QueriesInput } from "../engine/bulk-input.js";
import { refuseUnknown, requireOptions } from "../engine/guards.js";
import type { DistanceName } from "../engine/options.js";
import { resolveDistance } from "../engine/plan.js";
import { requireServed } from "../engine/shape.js";
import { checkRecall } from "../engine/tune-options.js";
import { turnTaker } from "../engine/turns.js";
import { type Aims, chooseSetting, warningOf } from "./choose-setting.js";
import { familyOf, type HashFamily, type HashFamilyName, type HashParameters } from "./hash-families.js";
import { type HashSample, takeSample } from "./hash-sample.js";
import { type Tried, tryHash } from "./hash-trial.js";

/** What {@link chooseHash} chooses from, and for what. */
export interface ChooseHashOptions {
  /** A family by its name, or one of your own. */
  readonly family: HashFamilyName | HashFamily;
  /** Vectors like those to be stored: an array, a flat typed array (with `dim`), or columns. Of more than 10,000 so many are drawn. */
  readonly sample: QueriesInput;
  /** Queries like those to come; vectors of the sample, each left out of its own neighbours, when not given. Of more than 400 so many are drawn. */
  readonly queries?: QueriesInput;
  /** Dimension and kind of the vectors, where the sample does not say. */
  readonly dim?: number;
  readonly kind?: Kind;
  /** How far apart two vectors are; "cosine" when not given. */
  readonly distance?: DistanceName | Distance;
  /** Neighbours that queries ask for; 10 when not given. */
  readonly k?: number;
  /** Share of the true neighbours to be found. 0.9 when neither this nor `candidates` is given. */
  readonly recall?: number;
  /** Budget: different vectors that a query may measure, in the mean. */
  readonly candidates?: number;
  /** Vectors that will be stored: candidates are counted of so many. As many as the sample has when not given. */
  readonly size?: number;
  /** Most tables: 16 when not given. Each takes memory and time to store. */
  readonly tables?: number;
  /** Name of the hash; the family's when not given. */
  readonly name?: string;
  /** Seed of the hash, and of what is drawn: 0 when not given. */
  readonly seed?: number | string;
  readonly signal?: AbortSignal;
  /** Called after each set of parameters. */
  readonly onProgress?: (progress: { readonly tried: number; readonly total: number }) => void;
}

/** Parameters that were tried, at the best number of tables and probes for the aim. */
export interface TriedHash {
  readonly parameters: HashParameters;
  readonly tables: number;
  /** Buckets read per table. */
  readonly probes: number;
  /** Mean share of the true neighbours found, and the standard error of that mean. */
  readonly recall: number;
  readonly error: number;
  /** Mean of the different vectors that a query measures, and its standard error. */
  readonly candidates: number;
  readonly candidatesError: number;
  /** Work of a query, in candidates: the candidates, and as many as could be measured while probes are made and looked up. */
  readonly cost: number;
}

/** A hash with the number of probes to search it by, and what to expect. */
export interface HashChoice extends TriedHash {
  /** New, for `new Engine({ hashes: [hash] })`; to be searched with {@link TriedHash.probes}. */
  readonly hash: Hash;
  /** What else was tried, in the grid's order. */
  readonly tried: readonly TriedHash[];
  /** What could not be met. */
  readonly warning?: string;
  /** The same as sentences and a table. */
  readonly text: string;
}

const optionNames = [
  "family",
  "sample",
  "queries",
  "dim",
  "kind",
  "distance",
  "k",
  "recall",
  "candidates",
  "size",
  "tables",
  "name",
  "seed",
  "signal",
  "onProgress",
];

/**
 * Chooses bits, bin width, tables and probes of a family of hashes for a recall, a budget of candidates, or both, before anything is stored: by trying them on a
 * sample of the vectors. E_BAD_OPTION for a bad option, E_UNSUPPORTED for vectors that the family or the distance cannot take, and whatever an engine refuses.
 */
export async function chooseHash(options: ChooseHashOptions): Promise<HashChoice> {
  requireOptions(options, "chooseHash");
  refuseUnknown(options, optionNames, "chooseHash");
  const { queries, dim, kind, distance = "cosine", signal, seed = 0, onProgress } = options;
  const aims = aimsOf(options);
  const k = countOf("k", options.k ?? 10, 1000);
  const tables = countOf("tables", options.tables ?? 16, 1024);
  const size = options.size === undefined ? undefined : countOf("size", options.size, 2 ** 32 - 1);
  seedFrom(seed);
  signal?.throwIfAborted();
  const distanceOf: Parameters<typeof takeSample>[0]["distanceOf"] = (shape) => resolveDistance(distance, shape.kind, builtins);
  const sample = await takeSample({ sample: options.sample, queries, dim, kind, distanceOf, k, size, seed, signal });
  const turn = turnTaker(signal);
  const named = typeof options.family === "string" ? options.family : "hash";
  const served = distanceOf(sample.shape);
  const family = familyOf(options.family, sample, { name: options.name ?? named, seed, distance: served.name });
  if (typeof options.family === "string") {
    requireServed([family.make(family.grid[0])], served, Object.keys(builtins.distances), builtins.hashes);
  }
  await turn();
  const tried: TriedSetting[] = [];
  for (const [i, parameters] of family.grid.entries()) {
    const settings = await tryParameters(family, parameters, tables, sample, turn);
    const best = chooseSetting(settings, aims);
    if (best !== undefined) tried.push({ ...best, parameters });
    onProgress?.({ tried: i + 1, total: family.grid.length });
    await turn();
  }
  return choiceOf(family, tried, aims, tables, sample);
}

interface TriedSetting extends Tried {
  readonly parameters: HashParameters;
}

async function tryParameters(
  family: HashFamily,
  parameters: HashParameters,
  tables: number,
  sample: HashSample,
  turn: () => Promise<void> | undefined,
): Promise<Tried[]> {
  const read = family.sampled?.(parameters, sample.rows.count / sample.size) ?? parameters;
  const prefixes = family.prefixes === true;
  return tryHash(family.make(prefixes ? { ...read, tables } : read), sample, prefixes, turn);
}

/** The best of the best of each set of parameters. */
function choiceOf(family: HashFamily, tried: readonly TriedSetting[], aims: Aims, tables: number, sample: HashSample): HashChoice {
  const chosen = chooseSetting(tried, aims);
  if (chosen === undefined) {
    throw new NearError("E_BAD_OPTION", `no hash of family ${show(family.name)} gave any probes: check what its make returns`, {
      family: family.name,
    });
  }
  const parameters = family.prefixes === true ? { ...chosen.parameters, tables: chosen.tables } : chosen.parameters;
  const warning = warningOf(chosen, aims, family.prefixes === true ? tables : chosen.tables);
  return {
    ...chosen,
    parameters,
    hash: family.make(parameters),
    tried,
    ...(warning === undefined ? {} : { warning }),
    text: textOf(family, chosen, tried, warning, sample),
  };
}

function textOf(
  family: HashFamily,
  chosen: TriedSetting,
  tried: readonly TriedSetting[],
  warning: string | undefined,
  sample: HashSample,
): string {
  const { rows, size, queries, k } = sample;
  const stands = size === rows.count ? `${size} vectors` : `${rows.count} vectors, which stand for ${size}`;
  const lines = [
    `${family.name} with ${shown(chosen.parameters)}, ${counted(chosen.tables, "table")}, ${counted(chosen.probes, "probe")} per table.`,
    `Expected: recall@${k} ${chosen.recall.toFixed(3)} ± ${chosen.error.toFixed(3)}, ${Math.round(chosen.candidates)} candidates a query; tried with ${queries.count} queries on ${stands}.`,
  ];
  if (warning !== undefined) lines.push(`Warning: ${warning}.`);
  lines.push("parameters, tables × probes: recall ± error, candidates, cost");
  for (const one of tried) {
    const reached = `${one.recall.toFixed(3)} ± ${one.error.toFixed(3)}, ${Math.round(one.candidates)}, ${Math.round(one.cost)}`;
    lines.push(`${one === chosen ? "→" : " "} ${shown(one.parameters)}, ${one.tables} × ${one.probes}: ${reached}`);
  }
  return lines.join("\n");
}

function shown(parameters: HashParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(3)}`)
    .join(", ");
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function aimsOf({ recall, candidates }: ChooseHashOptions): Aims {
  if (candidates !== undefined && !(typeof candidates === "number" && candidates >= 1)) {
    const message = `candidates is ${show(candidates)}; give the number of vectors that a query may measure, at least 1, such as 500`;
    throw new NearError("E_BAD_OPTION", message, { option: "candidates", got: candidates });
  }
  const wanted = recall === undefined && candidates === undefined ? 0.9 : recall;
  return { recall: wanted === undefined ? undefined : checkRecall(wanted), candidates };
}

function countOf(option: string, value: unknown, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new NearError("E_BAD_OPTION", `${option} is ${show(value)}; it must be an integer from 1 to ${most}`, {
    option,
    got: value,
    limit: most,
  });
}
