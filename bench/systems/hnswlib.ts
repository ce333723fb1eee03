import { baseCount, queryCount, queryOf, type SetDistance, vectorOf } from "../data/set.js";
import { graphEfforts, peerModule } from "./peer-module.js";
import type { Size, System } from "./system.js";

/** The parts of hnswlib-node that are used here. */
interface HierarchicalNSW {
  initIndex(most: number, m: number, efConstruction: number, seed: number): void;
  addPoint(point: number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: number[], k: number): { readonly neighbors: number[] };
}

const m = 16;
const efConstruction = 200;
const spaces: Readonly<Record<SetDistance, string>> = { cosine: "cosine", euclidean: "l2", "inner-product": "ip" };

/**
 * hnswlib-node with M 16 and efConstruction 200. It takes plain arrays only, so queries are turned into these beforehand; it has no call for many
 * queries and no threads, so it is asked one by one.
 */
export const hnswlib: System = {
  name: "hnswlib-node",
  build: (set) => {
    const module = peerModule<{ HierarchicalNSW: new (space: string, dim: number) => HierarchicalNSW }>("hnswlib-node");
    const index = new module.HierarchicalNSW(spaces[set.distance], set.dim);
    const count = baseCount(set);
    index.initIndex(count, m, efConstruction, 1);
    for (let i = 0; i < count; i++) index.addPoint(Array.from(vectorOf(set, i)), i);
    const queries = Array.from({ length: queryCount(set) }, (_, q) => Array.from(queryOf(set, q)));
    let effort = 0;
    return Promise.resolve({
      efforts: graphEfforts,
      prepare: (ef: number) => {
        effort = ef;
        index.setEf(ef);
      },
      parameters: () => `M ${m}, efC ${efConstruction}, ef ${effort}`,
      ask: (q: number, k: number) => index.searchKnn(queries[q], k).neighbors,
      size: graphSize(),
    });
  },
};

/** hnswlib's hierarchy (Malkov and Yashunin 2018) as hnswlib 0.8 lays it out; an element has 1/(M − 1) upper levels on average. */
function graphSize(): Size {
  const bottom = 2 * m * 4 + 4; // links and their number
  const upper = (m * 4 + 4) / (m - 1);
  const own = 8 + 8 + 4 + 40; // label, pointer to the upper levels, level, lock
  const lookup = 40; // node of the table from labels to elements, and its slot
  return { bytesPerVector: bottom + upper + own + lookup, estimatedFrom: "its layout" };
}
