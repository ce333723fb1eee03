import { beforeAll, describe, expect, it } from "vitest";
import { builtins } from "../../src/builtins.js";
import { type DenseRows, slice } from "../../src/core/rows.js";
import { type Calibrated, type Measured, reachOf, runTrial, type Trial, trialOf } from "../../src/engine/calibrate.js";
import { chooseEffort } from "../../src/engine/choose-effort.js";
import { planQuery } from "../../src/engine/plan.js";
import { neededCost, outlooksOf, readBy } from "../../src/engine/widths.js";
import { Engine, MemoryStorage } from "../../src/index.js";
import { learn } from "../../src/learned.js";
import { runSteps } from "../../src/numeric/steps.js";
import { clouds } from "../learned/vectors.js";

const seed = 20_261_123;
const [dim, count, asked, k] = [16, 6000, 100, 10];
const widths = [0.7, 0.9, 1.1, 1.35, 1.6, 1.9, 2.2, 2.7, 3.2];

let index: Calibrated;
let trial: Trial;
let lists: number;

beforeAll(async () => {
  const rows: DenseRows = { kind: "dense", dim, count: count + asked, values: clouds(count + asked, dim, seed, 60) };
  const stored = slice(rows, 0, count) as DenseRows;
  const learned = runSteps(learn(stored, { metric: "squaredEuclidean", size: count, recall: 0.95 }));
  const { hash, sketch } = learned;
  const storage = new MemoryStorage();
  const engine = new Engine({ dim, distance: "euclidean", storage, hashes: [hash], ...(sketch === null ? {} : { codes: sketch }) });
  await engine.storeManyVectors(stored.values);
  const distance = builtins.distances.euclidean();
  const plan = planQuery({ k, filters: [builtins.unique()] }, { distance, filters: [], kind: "dense" }, builtins);
  index = { storage, stages: [{ number: 0, hash, sketch }], distance, dim, plan, turn: () => undefined };
  trial = await trialOf(index, slice(rows, count, count + asked), new Int32Array(asked).fill(-1), k);
  lists = learned.lists;
});

describe("The effort chosen for a recall", () => {
  it.each([0.9, 0.97])("costs about what the cheapest costs that reads some lists with some bound: for %d", async (target) => {
    const { effort, recall, error } = await chooseEffort(index, trial, target, lists);
    let least = Number.POSITIVE_INFINITY;
    for (const deviations of widths) {
      for (let probes = 1; probes <= 30; probes++) {
        const measured = await runTrial(index, trial, { probes, stop: null, deviations });
        if (measured.recall < target + 0.5 * measured.error) continue;
        least = Math.min(least, measured.cost);
        break;
      }
    }
    // What is read of queries unlike the others comes on top.
    const { careful: _, ...plain } = effort;

    expect(recall, `seed ${seed}`).toBeGreaterThanOrEqual(target + 0.5 * error);
    expect((await runTrial(index, trial, plain)).cost, `seed ${seed}`).toBeLessThan(1.1 * least);
  });

  it("is the same every time", async () => {
    const [once, again] = [await chooseEffort(index, trial, 0.95, lists), await chooseEffort(index, trial, 0.95, lists)];

    expect({ ...again, micros: 0 }).toEqual({ ...once, micros: 0 });
  });
});

describe("What is expected of a width of the bound", () => {
  it("comes true: fewer are lost by a wider one, and the work that is expected is done", async () => {
    const target = 0.9;
    const reach = await reachOf(index, trial, lists);
    const outlooks = await outlooksOf(index, trial, reach, { target, likely: target, coded: true });
    const byWidth = [...outlooks].sort((a, b) => a.deviations - b.deviations);

    expect(outlooks.length).toBeGreaterThan(2);
    for (const [i, { cost }] of outlooks.entries()) expect(cost).toBeGreaterThanOrEqual(i === 0 ? 0 : outlooks[i - 1].cost);
    for (const [i, { deviations, kept }] of byWidth.entries()) {
      expect(kept).toBeGreaterThanOrEqual(i === 0 ? 0 : byWidth[i - 1].kept);
      const all = await runTrial(index, trial, { probes: lists, stop: null, deviations });
      expect(Math.abs(kept - all.recall), `seed ${seed}, ${deviations} deviations`).toBeLessThan(0.03);
    }
  });

  it("is none where the bound loses too much, or there is nothing to find", async () => {
    const reach = await reachOf(index, trial, lists);
    const nothing = { ...trial, counts: new Uint32Array(asked) };
    const none = await reachOf(index, nothing, lists);

    expect(
      (await outlooksOf(index, trial, reach, { target: 0.995, likely: 0.995, coded: true })).map((one) => one.deviations),
    ).not.toContain(0.7);
    expect(await outlooksOf(index, nothing, none, { target: 0.9, likely: 0.9, coded: true })).toEqual([]);
  });
});

it("an effort needs to cost what one costs that finds as much less as is to spare", async () => {
  const reach = await reachOf(index, trial, lists);
  const runs: Measured[] = [];
  for (const probes of [2, 3]) runs.push(await runTrial(index, trial, { probes, stop: null, deviations: 2.7 }));
  const [less, more] = runs;
  const spare = readBy(reach, more.effort) - readBy(reach, less.effort);

  expect(neededCost(index, reach, more, 0)).toBeCloseTo(more.cost, 6);
  expect(spare).toBeGreaterThan(0);
  expect(Math.abs(neededCost(index, reach, more, spare) / less.cost - 1), `seed ${seed}`).toBeLessThan(0.1);
});
