import { serveThread } from "#platform";
import { builtins } from "../builtins.js";
import { planQuery, type QueryPlan } from "../engine/plan.js";
import { Search } from "../engine/search.js";
import { Stages } from "../engine/stages.js";
import { IndexReader } from "../storage/resident/index-reader.js";
import { reviveStage } from "./revive-stage.js";
import { answerShare } from "./share-out.js";
import { begun, type Report, type Task, type TaskPlan, waits } from "./task.js";

/** What is searched, as last heard of. */
let known: { readonly number: number; readonly stages: Stages } | null = null;

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
  const { config, control, thread, stage: number, index, dim } = task;
  if (config !== null) known = { number, stages: new Stages([reviveStage(config, index.hash, { kind: "dense", dim })]) };
  // Those who were too late find the queries answered, and perhaps other vectors in the place of these.
  if (Atomics.compareExchange(control, thread, waits, begun) !== waits) return;
  if (known?.number !== number) throw new Error(`stage ${number} is not known`);
  // A memory that another thread has grown shows its new size here once it is asked to grow.
  for (const memory of [index.codes.memory, ...index.vectors.memories]) memory.grow(0);
  const search = new Search(IndexReader.over(index, thread), known.stages);
  await answerShare(search, planOf(task.plan), task, () => undefined);
}

function planOf({ distance, nearest, within, effort }: TaskPlan): QueryPlan {
  const defaults = {
    distance: builtins.distances[distance as keyof typeof builtins.distances](), // a name of the other thread's own registry
    filters: [builtins.unique(), builtins.nearest(nearest)],
    kind: "dense" as const,
  };
  const plan = planQuery({ k: nearest, ...(within === undefined ? {} : { within }) }, defaults, builtins);
  return { ...plan, effort };
}
