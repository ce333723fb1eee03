import type { Json, Knowledge, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Choice } from "./choose-effort.js";
import type { Lesson } from "./learner.js";
import type { Registry } from "./options.js";
import { schemaHashOf } from "./schema.js";
import type { Careful, Effort, Stage } from "./stages.js";

/** What an engine knows of its index beyond its schema. */
export interface Known {
  /** What was learned; null where queries go by given hashes. */
  readonly lesson: Lesson | null;
  readonly effort: Effort;
  /** What tuning chose, and the seconds it took; null before. */
  readonly choice: Choice | null;
  readonly tuneSeconds: number;
}

const version = 1;

/** As a storage keeps it. */
export function knowledgeOf({ lesson, effort, choice, tuneSeconds }: Known): Knowledge {
  const facts = lesson === null ? null : { lists: lesson.lists, size: lesson.size, sampled: lesson.sampled, seconds: lesson.seconds };
  const learned = lesson === null ? null : { number: lesson.stage.number, hash: schemaHashOf(lesson.stage.hash, lesson.stage.sketch) };
  return { learned, notes: toJson({ version, lesson: facts, effort, choice, tuneSeconds }) };
}

/** What was kept; E_CONFIG where it is of a newer form, or nothing of the kind. */
export function knownFrom({ learned, notes }: Knowledge, shape: Shape, revive: Registry["revive"], known: readonly Stage[] = []): Known {
  const kept = fromJson(notes) as { readonly [part: string]: unknown } | null; // looked at part by part
  if (typeof kept !== "object" || kept === null || kept["version"] !== version) throw unknown("version", kept?.["version"]);
  const effort = checkedEffort(kept["effort"]);
  const choice = kept["choice"] === null ? null : checkedChoice(kept["choice"], effort);
  const tuneSeconds = numberOf(kept, "tuneSeconds");
  if (learned === null) return { lesson: null, effort, choice, tuneSeconds };
  const stage = stageFrom(learned, shape, revive, known);
  const facts = kept["lesson"] as Record<string, unknown> | null; // its parts are looked at
  if (typeof facts !== "object" || facts === null) throw unknown("lesson", facts);
  const [lists, size, sampled, seconds] = ["lists", "size", "sampled", "seconds"].map((fact) => numberOf(facts, fact));
  return { lesson: { stage, lists, size, sampled, seconds }, effort, choice, tuneSeconds };
}

/** The stage of a hash as it was kept: one of those `known` where it is among them, as numbers are not given twice. */
export function stageFrom(
  { number, hash: made }: NonNullable<Knowledge["learned"]>,
  shape: Shape,
  revive: Registry["revive"],
  known: readonly Stage[] = [],
): Stage {
  const same = known.find((stage) => stage.number === number);
  if (same !== undefined) return same;
  const hash = revive.hash(made.config);
  hash.open(shape);
  const sketch = made.sketch === undefined ? null : revive.sketch(made.sketch.config, made.config);
  sketch?.open(shape);
  if (hash.tables === made.tables && (hash.keysPerTable ?? 1) === made.keysPerTable && (sketch?.groups ?? 0) === (made.sketch?.groups ?? 0))
    return { number, hash, sketch };
  throw unknown("learned hash", made.config.type);
}

function checkedEffort(effort: unknown): Effort {
  const parts = record("effort", effort);
  const { stop, neighbours, careful } = parts;
  if (neighbours !== undefined && typeof neighbours !== "number") throw unknown("neighbours", neighbours);
  return {
    probes: numberOf(parts, "probes"),
    stop: stop === null ? null : checkedStop(stop),
    deviations: numberOf(parts, "deviations"),
    ...(neighbours === undefined ? {} : { neighbours }),
    ...(careful === undefined ? {} : { careful: checkedCareful(careful) }),
  };
}

function checkedStop(stop: unknown): NonNullable<Effort["stop"]> {
  const parts = record("stop", stop);
  return { factor: numberOf(parts, "factor"), offset: numberOf(parts, "offset") };
}

function checkedCareful(careful: unknown): Careful {
  const parts = record("careful", careful);
  return {
    stop: checkedStop(parts["stop"]),
    // At first as many were read as a query was told by.
    read: numberOf(parts, "read" in parts ? "read" : "probe"),
    probe: numberOf(parts, "probe"),
    flat: numberOf(parts, "flat"),
    passing: numberOf(parts, "passing"),
  };
}

function checkedChoice(choice: unknown, effort: Effort): Choice {
  const parts = record("choice", choice);
  const [target, recall, error, micros] = ["target", "recall", "error", "micros"].map((part) => numberOf(parts, part));
  const [scanned, survivors, probed, cost] = ["scanned", "survivors", "probed", "cost"].map((part) => numberOf(parts, part));
  const warning = parts["warning"];
  const exactIsCheaper = parts["exactIsCheaper"] === true;
  const measured = { effort, target, recall, error, micros, scanned, survivors, probed, cost, exactIsCheaper };
  return typeof warning === "string" ? { ...measured, warning } : measured;
}

function record(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>; // an object
  throw unknown(what, value);
}

function numberOf(parts: Record<string, unknown>, part: string): number {
  const value = parts[part];
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw unknown(part, value);
}

function unknown(what: string, value: unknown): NearError {
  const message = `the ${what} kept with the index is ${show(value)}, which this version of nearts does not understand: open it with the one that wrote it`;
  return new NearError("E_CONFIG", message, {});
}

/** JSON has no infinity: as a text of its own. */
const infinity = "Infinity";

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (part === Number.POSITIVE_INFINITY ? infinity : part))) as Json; // parsed JSON
}

function fromJson(notes: Json): unknown {
  return JSON.parse(JSON.stringify(notes), (_key, part: unknown) => (part === infinity ? Number.POSITIVE_INFINITY : part));
}
