import { expect, it } from "vitest";
import { builtins } from "../../src/builtins.js";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { exactTrial } from "../../src/engine/exact-trial.js";
import { planQuery } from "../../src/engine/plan.js";
import { Engine, MemoryStorage, UniBucket } from "../../src/index.js";

const [dim, k] = [2048, 5];

it("the true neighbours of a trial, sought piece by piece, are those of whole exact searches, whatever was removed, and others have turns between", async () => {
  const storage = new MemoryStorage();
  const engine = new Engine({ dim, distance: "euclidean", storage, hashes: [new UniBucket({ name: "all" })] });
  const rows = rowsOf(5_000);
  await engine.storeManyVectors(rows.values, { ids: Array.from({ length: rows.count }, (_, i) => `v${i}`) });
  for (let i = 0; i < rows.count; i += 3) await engine.deleteVector(`v${i}`);

  const queries = rowsOf(4);
  const distance = builtins.distances.euclidean();
  const plan = planQuery({ k, filters: [builtins.unique()] }, { distance, filters: [], kind: "dense" }, builtins);
  let turns = 0;
  const turn = () => {
    turns++;
    return undefined;
  };
  const trial = await exactTrial({ storage, stages: [], distance, dim, plan, turn }, queries, Int32Array.of(-1, 1, -1, 4), k);

  const whole = await engine.neighboursOfMany(queries.values, { k: k + 1, exact: true });
  expect(turns).toBe(4 * 3); // 40 MB in pieces of 16 MiB
  for (const [q, leftOut] of [null, "v1", null, "v4"].entries()) {
    const expected = whole[q].filter(({ id }) => id !== leftOut).slice(0, k);
    expect(Array.from(trial.rows.subarray(q * k, (q + 1) * k), (row) => `v${row}`)).toEqual(expected.map(({ id }) => id));
    expect(trial.limits[q]).toBe(expected[k - 1].distance);
    expect(trial.counts[q]).toBe(k);
  }
});

/** The same vectors first, however many: of few values that are not 0, as more only take longer. */
function rowsOf(count: number): DenseRows {
  const random = new Random(8);
  const values = new Float32Array(count * dim);
  for (let r = 0; r < count; r++) for (let i = 0; i < 16; i++) values[r * dim + i] = random.uniform() - 0.5;
  return { kind: "dense", dim, count, values };
}
