import { queryOf } from "../data/set.js";
import type { System } from "./system.js";
import { answersOf, bytesBeyondRaw, tunedEngine } from "./tuned-engine.js";

/** The default engine, built once: its effort is the recall it is tuned to, which it reaches or not on queries it has never seen. */
export const tuned: System = {
  name: "nearts",
  build: async (set) => {
    const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95 });
    await engine.storeManyVectors(set.base);
    await engine.train();
    let plan = "";
    return {
      efforts: [0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995],
      prepare: async (recall) => {
        await engine.tune({ recall });
        plan = `recall ${recall}: ${(await engine.plan()).text}`;
      },
      parameters: () => plan,
      ask: async (q, k) => (await engine.neighbours(queryOf(set, q), { k })).map(({ id }) => Number(id)),
      askAll: async (k, threads) =>
        answersOf(await engine.neighboursOfMany(set.queries, { k, columns: true, ...(threads > 1 && { threads }) })),
      size: { bytesPerVector: await bytesBeyondRaw(engine, set.dim) },
    };
  },
};
