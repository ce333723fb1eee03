import { describe, expect, it } from "vitest";
import { builtins } from "../../src/builtins.js";
import { Codes } from "../../src/core/codes.js";
import { Keys } from "../../src/core/columns.js";
import type { Precision } from "../../src/core/contracts.js";
import type { DenseRows } from "../../src/core/rows.js";
import { enter } from "../../src/engine/entries.js";
import type { Sink } from "../../src/engine/finish.js";
import { planQuery, type QueryPlan } from "../../src/engine/plan.js";
import { runMany } from "../../src/engine/run-many.js";
import { schemaOf } from "../../src/engine/schema.js";
import { Search } from "../../src/engine/search.js";
import { type Effort, type Stage, Stages } from "../../src/engine/stages.js";
import { MemoryStorage } from "../../src/index.js";
import { learn } from "../../src/learned.js";
import { runSteps } from "../../src/numeric/steps.js";
import { IndexReader, type SharedIndex } from "../../src/storage/resident/index-reader.js";
import { reviveStage, stageConfig } from "../../src/threads/revive-stage.js";
import { type Answering, answerShare, keepResults } from "../../src/threads/share-out.js";
import { SharedPart } from "../../src/threads/shared-part.js";
import { clouds } from "../learned/vectors.js";

const seed = 20_261_124;
const dim = 20;
const size = 3000;
const effort: Effort = { probes: 6, stop: { factor: 3, offset: 0 }, deviations: 2 };

type Found = readonly (readonly [row: number, distance: number])[];

describe("what a memory storage shares with other threads", () => {
  it.each([
    { distance: "euclidean", precision: "f32" },
    { distance: "cosine", precision: "f32" },
    { distance: "inner-product", precision: "f32" },
    { distance: "euclidean", precision: "f16" },
    { distance: "cosine", precision: "i8" },
  ] as const)("gives bit by bit the answers of the storage itself ($distance, $precision)", async ({ distance, precision }) => {
    const { storage, stage } = filled(distance, precision);
    const queries = rows(clouds(100, dim, seed + 1));
    for (const { k, within } of [{ k: 1 }, { k: 10 }, { k: 60 }, { k: 10, within: distance === "cosine" ? 0.02 : 2 }]) {
      const plan = planOf(distance, k, within);
      const expected: Found[] = [];
      const sink: Sink = (found, _, q) => {
        expected[q] = copied(found);
      };
      await runMany(new Search(storage, new Stages([stage])), { queries, plan, sink, between: () => undefined });
      for (const thread of [1, 2]) {
        const { index, revived } = posted(storage, stage, k);
        const { got } = await answered(storage, new Stages([revived]), index, { queries, plan, k, thread });
        expect(got, `seed ${seed}, k ${k}, thread ${thread}`).toEqual(expected);
      }
    }
  });

  it("reads on as the storage does, and leaves unanswered what has to read more than its thread has scratch for", async () => {
    const { storage, stage } = filled("euclidean", "f32");
    // Every other query lies so far out that hardly a list is near it.
    const queries = rows(clouds(100, dim, seed + 4).map((x, i) => (Math.floor(i / dim) % 2 === 0 ? 4 * x + 10 : x)));
    const stopping: Effort = { ...effort, probes: 2, stop: { factor: 1.2, offset: 0 }, neighbours: 10 };
    const found = async (read: Effort) => {
      const all: Found[] = [];
      const sink: Sink = (candidates, _, q) => {
        all[q] = copied(candidates);
      };
      const plan = { ...planOf("euclidean", 10), effort: read };
      await runMany(new Search(storage, new Stages([stage])), { queries, plan, sink, between: () => undefined });
      return all;
    };
    const { neighbours: _, ...untuned } = stopping;
    const [expected, short] = [await found(stopping), await found(untuned)];
    const left: number[] = [];
    for (const mostProbes of [8, 1000]) {
      const { index, revived } = posted(storage, stage, 10, mostProbes);
      const plan = { ...planOf("euclidean", 10), effort: stopping };
      const { got, unanswered } = await answered(storage, new Stages([revived]), index, { queries, plan, k: 10, thread: 1 });
      const those = expected.map((_, q) => q).filter((q) => !unanswered.includes(q));
      for (const q of those) expect(got[q], `seed ${seed}, query ${q}`).toEqual(expected[q]);
      // Some of them came to other results by reading on.
      expect(those.some((q) => JSON.stringify(short[q]) !== JSON.stringify(expected[q]))).toBe(true);
      left.push(unanswered.length);
    }
    // With scratch for all buckets only those stay that all vectors are measured for.
    expect(left[1], left.join()).toBeLessThan(left[0]);
  });

  it("lets a thread take over what another does not come to, and answers each query once", async () => {
    const { storage, stage } = filled("euclidean", "f32");
    const queries = rows(clouds(100, dim, seed + 5));
    const part = new SharedPart(queries, 5, { workers: 2, most: 2 });
    part.bring(queries.count);
    const { index, revived } = posted(storage, stage, 5);
    const by: number[][] = [[], []];
    const answering = (thread: 1 | 2, between: () => Promise<void> | undefined): Answering => ({
      search: new Search(IndexReader.over(index, thread), new Stages([revived])),
      plan: planOf("euclidean", 5),
      sink: (_, __, q) => by[thread - 1].push(q),
      between,
    });
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow = answerShare(
      answering(1, () => (by[0].length === 3 ? held : undefined)),
      part.task,
    );
    await answerShare(
      answering(2, () => undefined),
      part.task,
    );
    expect(by.map(({ length }) => length)).toEqual([3, 97]);
    goOn();
    await slow;
    expect(by.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, q) => q));
    expect(by[0].length).toBe(3);
  });

  it("follows writes: what is shared after them has what they changed", async () => {
    const { storage, stage } = filled("euclidean", "f32");
    const query = rows(clouds(1, dim, seed + 2));
    const nearest = async () => {
      const { index, revived } = posted(storage, stage, 1);
      const search = new Search(IndexReader.over(index, 1), new Stages([revived]));
      let first: Found = [];
      await search.run(query, planOf("euclidean", 1), (found) => (first = copied(found)));
      return first;
    };
    const [[before]] = await nearest();
    write(storage, stage, query, ["new"]);
    const [[row, gap]] = await nearest();
    expect(storage.resident.id(row)).toBe("new");
    expect(gap).toBe(0);
    storage.remove(["new"]);
    expect((await nearest())[0][0]).toBe(before);
  });

  it("gives no scan more scratch than its thread has", () => {
    const { storage, stage } = filled("euclidean", "f32");
    const { index } = posted(storage, stage, 10);
    const cut = index.codes.scratch.map(({ at }) => ({ at, bytes: 256 }));
    const small: SharedIndex = { ...index, codes: { ...index.codes, scratch: cut } };
    expect(() => IndexReader.over(small, 1)).toThrow(expect.objectContaining({ code: "E_MEMORY" }));
  });

  it("is nothing where the storage is for one thread, or the hash has no codes", () => {
    const { storage, stage } = filled("euclidean", "f32", 1);
    expect(storage.resident.share(stage.number, 4, 10)).toBeNull();
    const plain = new MemoryStorage({ threads: 2 });
    plain.open(schemaOf("dense", dim, builtins.distances.euclidean(), [{ ...stage, sketch: null }]));
    expect(plain.resident.share(0, 4, 10)).toBeNull();
  });
});

/** A storage with some vectors, those of it that were replaced and removed, and what it is searched by. */
function filled(
  distance: "euclidean" | "cosine" | "inner-product",
  precision: Precision,
  threads = 3,
): { storage: MemoryStorage; stage: Stage } {
  const measure = builtins.distances[distance]();
  const values = clouds(size, dim, seed);
  const { hash, sketch } = runSteps(learn(rows(values), { metric: measure.metric, size }));
  hash.open({ kind: "dense", dim });
  sketch?.open({ kind: "dense", dim });
  const stage = { number: 0, hash, sketch };
  const storage = new MemoryStorage({ threads });
  storage.open(schemaOf("dense", dim, measure, [stage], {}, precision));
  write(
    storage,
    stage,
    rows(values),
    Array.from({ length: size }, (_, i) => i),
  );
  storage.remove(Array.from({ length: 300 }, (_, i) => i * 7));
  write(
    storage,
    stage,
    rows(clouds(200, dim, seed + 3)),
    Array.from({ length: 200 }, (_, i) => i * 5),
  );
  return { storage, stage };
}

function write(storage: MemoryStorage, stage: Stage, vectors: DenseRows, ids: readonly (string | number)[]): void {
  const entries = { keys: new Keys(), codes: new Codes(stage.sketch?.groups ?? 0) };
  enter(stage, vectors, entries);
  storage.write({ rows: vectors, ids, data: ids.map(() => undefined), keys: [entries.keys], codes: [entries.codes] });
}

/** What a worker gets: copies, but of memory that is shared, and a stage made anew. */
function posted(storage: MemoryStorage, stage: Stage, k: number, probes = effort.probes): { index: SharedIndex; revived: Stage } {
  const config = stageConfig(stage);
  const shared = storage.resident.share(stage.number, probes, k);
  if (config === null || shared === null) throw new Error("there is nothing to share");
  const { codes, vectors, hash, size } = shared.index;
  const index = {
    hash,
    size,
    codes: { ...structuredClone({ ...codes, memory: null }), memory: codes.memory },
    vectors: { ...structuredClone({ ...vectors, memories: null }), memories: vectors.memories },
  };
  return { index, revived: reviveStage(structuredClone(config), hash, { kind: "dense", dim }) };
}

/** What a thread makes of queries that it has for itself, by number, and those that it leaves. */
async function answered(
  { resident }: MemoryStorage,
  stages: Stages,
  index: SharedIndex,
  { queries, plan, k, thread }: { queries: DenseRows; plan: QueryPlan; k: number; thread: number },
): Promise<{ got: Found[]; unanswered: readonly number[] }> {
  const part = new SharedPart(queries, k, { workers: 2, most: 3 });
  part.bring(queries.count);
  const sink: Sink = (found, _, q) => keepResults(part.task.results, q, found);
  await answerShare({ search: new Search(IndexReader.over(index, thread), stages), plan, sink, between: () => undefined }, part.task);
  const got: Found[] = [];
  part.handOut((found, _, q) => {
    got[q] = copied(found);
  }, resident);
  const unanswered = [...part.unanswered()];
  expect(part.helped + unanswered.length).toBe(queries.count);
  return { got, unanswered };
}

function planOf(distance: "euclidean" | "cosine" | "inner-product", k: number, within?: number) {
  const defaults = {
    distance: builtins.distances[distance](),
    filters: [builtins.unique(), builtins.nearest(10)],
    kind: "dense" as const,
  };
  return { ...planQuery({ k, ...(within === undefined ? {} : { within }) }, defaults, builtins), effort };
}

function rows(values: Float32Array): DenseRows {
  return { kind: "dense", dim, count: values.length / dim, values };
}

function copied({ count, rows: found, distances }: { count: number; rows: Uint32Array; distances: Float64Array }): Found {
  return Array.from({ length: count }, (_, i) => [found[i], distances[i]] as const);
}
