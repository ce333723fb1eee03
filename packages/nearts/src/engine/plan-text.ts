import type { Distance } from "../core/contracts.js";
import type { Choice } from "./choose-effort.js";
import { type Lesson, leastLearned } from "./learner.js";
import type { SearchPlan } from "./options.js";
import { everything } from "./probing.js";
import type { Effort, Stage } from "./stages.js";

/** What a description goes by. */
export interface PlanFacts {
  readonly size: number;
  /** Whether all searches are exact for good. */
  readonly exact: boolean;
  readonly stages: readonly Stage[];
  readonly effort: Effort;
  readonly lesson: Lesson | null;
  readonly learning: boolean;
  readonly choice: Choice | null;
  readonly tuneSeconds: number;
  readonly distance: Distance;
  readonly target: number | undefined;
}

/** How queries are answered, as numbers and as sentences. */
export function describePlan(facts: PlanFacts): SearchPlan {
  const { size, stages, choice, lesson, target } = facts;
  const aim = target === undefined ? {} : { target };
  if (stages.length === 0 || facts.exact) {
    const text = `Exact: every query is compared with all ${size} vectors (${facts.distance.name}), as ${whyExact(facts)}.`;
    return { kind: "exact", ...aim, recall: 1, text };
  }
  const kind = lesson !== null && stages[0] === lesson.stage ? "learned" : "hashed";
  const numbers = {
    kind,
    ...aim,
    ...(lesson === null ? {} : { lists: lesson.lists, seconds: lesson.seconds }),
    probes: facts.effort.probes,
    ...(choice === null ? {} : chosen(choice)),
  } as const;
  return { ...numbers, text: [...sentences(facts, kind)].join("\n") };
}

function whyExact({ exact, target, learning, size }: PlanFacts): string {
  if (exact)
    return target === undefined
      ? "there is neither a recall to reach nor hashes to search by"
      : "the storage does not let its hashes be changed";
  if (learning) return "the index is being learned";
  return size < leastLearned ? "there are too few vectors to gain from anything else" : "it has not been learned yet";
}

function chosen({ target, recall, error, scanned, survivors, micros, warning }: Choice) {
  return { target, recall, error, scanned, measured: survivors, micros, ...(warning === undefined ? {} : { warning }) };
}

/** What is read until when; factors are of squares. */
function stopText({ hash }: Stage, factor: number): string {
  const times = Math.sqrt(factor);
  return hash.anchors === undefined
    ? `buckets, most promising first, until a bucket's key is farther from the query's than ${times.toFixed(3)} of the distance of the k-th neighbour so far`
    : `lists, nearest first, until a list's centre is farther than the k-th neighbour so far by the factor ${times.toFixed(2)}`;
}

function* sentences({ size, stages, effort, lesson, choice, tuneSeconds, learning }: PlanFacts, kind: string): Generator<string> {
  if (kind === "learned" && lesson !== null) {
    const what = stages[0].hash.anchors === undefined ? "tables of keys" : "lists";
    yield `Learned: ${lesson.lists} ${what} from a sample of ${lesson.sampled} of ${lesson.size} vectors (now ${size}), in ${lesson.seconds.toFixed(1)} s.`;
  } else
    yield `By hashes: ${stages.map(({ hash }) => `${hash.name} (${hash.tables} ${hash.tables === 1 ? "table" : "tables"})`).join(", ")}; ${size} vectors.`;
  const sketch = stages.find((stage) => stage.sketch !== null)?.sketch ?? null;
  yield sketch === null || effort.deviations === Number.POSITIVE_INFINITY
    ? "No codes: every vector in a probed bucket is measured."
    : `Codes: ${sketch.name}, ${sketch.groups * 4} bits a vector; a vector is measured unless its code says it is ${effort.deviations} standard deviations too far.`;
  yield effort.stop === null
    ? effort.probes >= everything
      ? "A query reads all buckets."
      : `A query reads ${effort.probes} ${effort.probes === 1 ? "bucket" : "buckets"} of each table.`
    : `A query reads ${stopText(stages[0], effort.stop.factor)}; ${effort.careful === undefined || stages[0].hash.anchors === undefined ? `${effort.probes} at most` : `more than ${effort.probes} if need be`}.`;
  if (effort.stop === null && effort.careful !== undefined)
    yield `Queries unlike the stored vectors, and filtered ones, read ${stopText(stages[0], effort.careful.stop.factor)}.`;
  if (choice === null) return;
  yield `Tuned in ${tuneSeconds.toFixed(2)} s for recall ${choice.target}: ${choice.recall.toFixed(3)} ± ${choice.error.toFixed(3)} on its trial, reading the codes of ${Math.round(choice.scanned)} vectors and measuring ${Math.round(choice.survivors)} a query, in about ${Math.round(choice.micros)} µs.`;
  if (choice.exactIsCheaper) yield `Comparing a query with all ${size} vectors costs less: ask with exact, or leave the hashes out.`;
  if (choice.warning !== undefined) yield `Warning: ${choice.warning}.`;
  if (learning) yield "It is being learned anew, as it has grown.";
}
