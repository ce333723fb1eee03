import { queryOf } from "../data/set.js";
import type { System } from "./system.js";
import { answersOf, bytesBeyondRaw, planInShort, tunedEngine } from "./tuned-engine.js";

/** The default engine, built once: its effort is the recall it is tuned to, which it reaches or not on queries it has never seen. */
export const tuned: System = {
  name: "nearts",
  build: async (set, asked) => {
    const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95 });
    await engine.storeManyVectors(set.base);
    await engine.train();
    let [plan, work] = ["", ""];
    return {
      efforts: [0.8, 0.85, 0.87, 0.88, 0.89, 0.895, 0.9, 0.905, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.988, 0.99, 0.995],
      prepare: async (recall) => {
        await engine.tune({ recall, k: asked.k });
        const chosen = await engine.plan();
        const { lists, probes, scanned, measured } = chosen;
        plan = `recall ${recall}: ${planInShort(chosen)}. ${chosen.text}`;
        work = JSON.stringify({ lists, probes, scanned, measured }); // the text has times in it, which never come twice
      },
      parameters: () => plan,
      work: () => work,
      ask: async (q, k) => (await engine.neighbours(queryOf(set, q), { k })).map(({ id }) => Number(id)),
      askAll: async (k, threads) =>
        answersOf(await engine.neighboursOfMany(set.queries, { k, columns: true, ...(threads > 1 && { threads }) })),
      size: { bytesPerVector: await bytesBeyondRaw(engine, set.dim) },
    };
  },
};
