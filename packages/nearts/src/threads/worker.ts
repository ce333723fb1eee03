import { serveThread } from "#platform";
import { builtins } from "../builtins.js";
import type { Sink } from "../engine/finish.js";
import { planQuery, type QueryPlan } from "../engine/plan.js";
import { Search } from "../engine/search.js";
import { type Stage, Stages } from "../engine/stages.js";
import { createArenaOver } from "../kernels/arena.js";
import { assignBlock } from "../numeric/nearest-blocks.js";
import { IndexReader } from "../storage/resident/index-reader.js";
import { PartEncoder } from "./encode-part.js";
import { helpWithParts } from "./parts.js";
import { reviveStage } from "./revive-stage.js";
import { answerShare, keepResults } from "./share-out.js";
import { type AnswerTask, begun, type EncodeTask, ended, type NearestTask, type OfStage, type Report, type Task, waits } from "./task.js";

/** What was learned, as last heard of. */
let known: { readonly number: number; readonly stage: Stage } | null = null;

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
  if (task.kind !== "nearest" && task.config !== null) {
    const [hash, { dim }] = task.kind === "answer" ? [task.index.hash, task] : [task.hash, task.rows];
    known = { number: task.stage, stage: reviveStage(task.config, hash, { kind: "dense", dim }) };
  }
  // Those who were too late find all of it done, and perhaps other vectors in the place of these.
  const { control } = task.kind === "answer" ? task : task.parts;
  if (Atomics.compareExchange(control, task.thread, waits, begun) !== waits) return;
  if (task.kind === "answer") await answer(task, stageOf(task));
  else if (task.kind === "encode") encode(task, stageOf(task));
  else findNearest(task);
}

function stageOf({ stage }: OfStage): Stage {
  if (known?.number !== stage) throw new Error(`stage ${stage} is not known`);
  return known.stage;
}

async function answer(task: AnswerTask, stage: Stage): Promise<void> {
  const { index, thread } = task;
  // A memory that another thread has grown shows its new size here once it is asked to grow.
  for (const memory of [index.codes.memory, ...index.vectors.memories]) memory.grow(0);
  const search = new Search(IndexReader.over(index, thread), new Stages([stage]));
  const between = () => {
    if (Atomics.load(task.control, 0) >= ended) throw unwanted;
    return undefined;
  };
  const sink: Sink = (found, _, q) => keepResults(task.results, q, found);
  await answerShare({ search, plan: planOf(task.plan), sink, between }, task).catch((error: unknown) => {
    if (error !== unwanted) throw error;
  });
}

/** Thrown where a share is not to be answered to its end. */
const unwanted: Error = new Error("the queries left are not wanted any more");

function encode({ rows, entries, parts }: EncodeTask, stage: Stage): void {
  const encoder = new PartEncoder(stage, rows, entries);
  helpWithParts(parts, (part) => encoder.encode(part));
}

function findNearest({ work, parts, thread }: NearestTask): void {
  work.memory.grow(0);
  const arena = createArenaOver(work.memory);
  helpWithParts(parts, (part) => assignBlock(arena, work.at, part, thread));
}

function planOf({ distance, nearest, within, effort }: AnswerTask["plan"]): QueryPlan {
  const defaults = {
    distance: builtins.distances[distance as keyof typeof builtins.distances](), // a name of the other thread's own registry
    filters: [builtins.unique(), builtins.nearest(nearest)],
    kind: "dense" as const,
  };
  const plan = planQuery({ k: nearest, ...(within === undefined ? {} : { within }) }, defaults, builtins);
  return { ...plan, effort };
}
