import { serveThread } from "#platform";
import { builtins } from "../builtins.js";
import type { Shape } from "../core/contracts.js";
import type { Sink } from "../engine/finish.js";
import { planQuery, type QueryPlan } from "../engine/plan.js";
import { tell } from "../engine/probing.js";
import { Asker, type TrialQueries } from "../engine/questions.js";
import { Search } from "../engine/search.js";
import { type Stage, Stages } from "../engine/stages.js";
import { partsOf } from "../numeric/shared-work.js";
import { IndexReader } from "../storage/resident/index-reader.js";
import { PartEncoder } from "./encode-part.js";
import { helpWithParts } from "./parts.js";
import { reviveStage } from "./revive-stage.js";
import { answerShare, keepResults } from "./share-out.js";
import {
  type AnswerTask,
  type AskTask,
  begun,
  type EncodeTask,
  ended,
  type OfStage,
  type PartsTask,
  type Report,
  type Task,
  waits,
} from "./task.js";

/** What was learned, as last heard of, and the trial that its hash is told of. */
let known: { readonly number: number; readonly stage: Stage } | null = null;
let trial: (TrialQueries & { readonly number: number }) | null = null;

serveThread(async (message): Promise<Report> => {
  const task = message as Task; // nothing else is posted to this thread
  try {
    await work(task);
    return { batch: task.batch };
  } catch (error) {
    return { batch: task.batch, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
});

async function work(task: Task): Promise<void> {
  if (task.kind !== "parts" && task.config !== null) {
    known = { number: task.stage, stage: reviveStage(task.config, ...hashOf(task)) };
    trial = null;
  }
  // Those who were too late find all of it done, and perhaps other vectors in the place of these.
  const { control } = task.kind === "answer" ? task : task.parts;
  if (Atomics.compareExchange(control, task.thread, waits, begun) !== waits) return;
  if (task.kind === "answer") await answer(task, stageOf(task));
  else if (task.kind === "ask") await ask(task, stageOf(task));
  else if (task.kind === "encode") await encode(task, stageOf(task));
  else await doParts(task);
}

/** The number of the hash that a task goes by, and the shape of its vectors. */
function hashOf(task: AnswerTask | AskTask | EncodeTask): [number, Shape] {
  const dense = (dim: number): Shape => ({ kind: "dense", dim });
  if (task.kind === "encode") return [task.hash, dense(task.rows.dim)];
  return [task.index.hash, dense(task.kind === "ask" ? task.trial.dim : task.dim)];
}

function stageOf({ stage }: OfStage): Stage {
  if (known?.number !== stage) throw new Error(`stage ${stage} is not known`);
  return known.stage;
}

async function answer(task: AnswerTask, stage: Stage): Promise<void> {
  trial = null; // the hash is told of other queries
  const search = new Search(readerOf(task), new Stages([stage]));
  const between = () => {
    if (Atomics.load(task.control, 0) >= ended) throw unwanted;
    return undefined;
  };
  const sink: Sink = (found, _, q) => keepResults(task.results, q, found);
  await answerShare({ search, plan: { ...planOf(task.plan), effort: task.plan.effort }, sink, between }, task).catch((error: unknown) => {
    if (error !== unwanted) throw error;
  });
}

/** What a task says that this thread may read. */
function readerOf({ index, thread }: AnswerTask | AskTask): IndexReader {
  // A memory that another thread has grown shows its new size here once it is asked to grow.
  for (const memory of [index.codes.memory, ...index.vectors.memories]) memory.grow(0);
  return IndexReader.over(index, thread);
}

/** Thrown where a share is not to be answered to its end. */
const unwanted: Error = new Error("the queries left are not wanted any more");

async function ask(task: AskTask, stage: Stage): Promise<void> {
  const { plan, questions, count, first, width, left, parts } = task;
  const asker = new Asker(readerOf(task), [stage], planOf(plan), trialOf(task, stage), questions);
  await helpWithParts(parts, (part) => {
    const at = first + part;
    return asker.ask(Math.floor(at / count), at % count, left.subarray(at * width, (at + 1) * width));
  });
}

/** The queries of a trial, which the hash is told of once. */
function trialOf({ trial: { number, dim, count, values, leaveOut } }: AskTask, stage: Stage): TrialQueries {
  if (trial?.number !== number) {
    trial = { number, queries: { kind: "dense", dim, count, values }, leaveOut };
    tell([stage], trial.queries);
  }
  return trial;
}

function encode({ rows, entries, parts }: EncodeTask, stage: Stage): Promise<void> {
  const encoder = new PartEncoder(stage, rows, entries);
  return helpWithParts(parts, (part) => {
    encoder.encode(part);
    return true;
  });
}

function doParts({ work, parts, thread }: PartsTask): Promise<void> {
  const run = partsOf(work, thread);
  return helpWithParts(parts, (part) => {
    run(part);
    return true;
  });
}

function planOf({ distance, nearest, within }: AskTask["plan"]): QueryPlan {
  const defaults = {
    distance: builtins.distances[distance as keyof typeof builtins.distances](), // a name of the other thread's own registry
    filters: [builtins.unique(), builtins.nearest(nearest)],
    kind: "dense" as const,
  };
  return planQuery({ k: nearest, ...(within === undefined ? {} : { within }) }, defaults, builtins);
}
