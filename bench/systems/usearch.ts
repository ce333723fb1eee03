import { rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseCount, queryCount, queryOf, type SetDistance } from "../data/set.js";
import { graphEfforts, peerModule } from "./peer-module.js";
import type { System } from "./system.js";

/** The parts of usearch that are used here. */
interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(queries: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
  save(path: string): void;
  load(path: string): void;
}

const connectivity = 16;
const expansion = 128;
const metrics: Readonly<Record<SetDistance, string>> = { cosine: "cos", euclidean: "l2sq", "inner-product": "ip" };

/** usearch with connectivity 16 and expansion 128 while adding; its search effort is fixed when an index is opened, so it is saved and opened anew. */
export const usearch: System = {
  name: "usearch",
  build: (set, { threads }) => {
    const { Index } = peerModule<{ Index: new (options: Record<string, unknown>) => UsearchIndex }>("usearch");
    const open = (effort: number) =>
      new Index({
        dimensions: set.dim,
        metric: metrics[set.distance],
        quantization: "f32",
        connectivity,
        expansion_add: expansion,
        expansion_search: effort,
      });
    const [count, queries] = [baseCount(set), queryCount(set)];
    let index = open(64);
    index.add(
      BigUint64Array.from({ length: count }, (_, i) => BigInt(i)),
      set.base,
      threads,
    );
    const file = join(tmpdir(), `nearts-bench-${process.pid}.usearch`);
    index.save(file);
    process.once("exit", () => rmSync(file, { force: true }));
    let effort = 64;
    return Promise.resolve({
      efforts: graphEfforts,
      prepare: (wanted: number) => {
        if (wanted === effort) return;
        effort = wanted;
        index = open(effort);
        index.load(file);
      },
      parameters: () => `connectivity ${connectivity}, expansion ${expansion}, search ${effort}`,
      ask: (q: number, k: number) => Array.from(index.search(queryOf(set, q), k, 1).keys, Number),
      askAll: (k: number, many: number) => {
        const keys = Array.from(index.search(set.queries, k, many).keys, Number);
        return Promise.resolve(Array.from({ length: queries }, (_, q) => keys.slice(q * k, (q + 1) * k)));
      },
      size: { bytesPerVector: statSync(file).size / count - 4 * set.dim, estimatedFrom: "its file" },
    });
  },
};
