import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DataSet } from "./data.js";
import type { Built, System } from "./systems.js";

/** The parts of hnswlib-node that are used here. */
interface HierarchicalNSW {
  initIndex(most: number, m: number, efConstruction: number, seed: number): void;
  addPoint(point: number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: number[], k: number): { readonly neighbors: number[] };
}

/** The parts of usearch that are used here. */
interface UsearchIndex {
  add(keys: bigint | BigUint64Array, vectors: Float32Array): void;
  search(query: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
  save(path: string): void;
  load(path: string): void;
}

const efforts = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 900];
const folder = fileURLToPath(new URL("..", import.meta.url));

/** hnswlib-node with M 16 and efConstruction 200. It takes plain arrays only, so queries are turned into these beforehand. */
export const hnswlib: System = {
  name: "hnswlib-node",
  build: (set) => {
    const module = load<{ HierarchicalNSW: new (space: string, dim: number) => HierarchicalNSW }>("hnswlib-node");
    const index = new module.HierarchicalNSW(set.distance === "cosine" ? "cosine" : "l2", set.dim);
    const count = set.base.length / set.dim;
    index.initIndex(count, 16, 200, 1);
    for (let i = 0; i < count; i++) index.addPoint(Array.from(set.base.subarray(i * set.dim, (i + 1) * set.dim)), i);
    const queries = Array.from({ length: set.queries.length / set.dim }, (_, q) =>
      Array.from(set.queries.subarray(q * set.dim, (q + 1) * set.dim)),
    );
    return Promise.resolve({
      efforts,
      parameters: (effort) => `M 16, efC 200, ef ${effort}`,
      prepare: (effort) => index.setEf(effort),
      ask: (q, k) => index.searchKnn(queries[q], k).neighbors,
    });
  },
};

/** usearch with connectivity 16 and expansion 128 while adding; its search effort is fixed when an index is opened, so it is saved and opened anew. */
export const usearch: System = {
  name: "usearch",
  build: (set) => {
    const { Index } = load<{ Index: new (options: Record<string, unknown>) => UsearchIndex }>("usearch");
    const open = (effort: number) =>
      new Index({
        dimensions: set.dim,
        metric: set.distance === "cosine" ? "cos" : "l2sq",
        quantization: "f32",
        connectivity: 16,
        expansion_add: 128,
        expansion_search: effort,
      });
    let index = open(64);
    const count = set.base.length / set.dim;
    for (let i = 0; i < count; i++) index.add(BigInt(i), set.base.subarray(i * set.dim, (i + 1) * set.dim));
    const file = join(tmpdir(), `nearts-bench-${process.pid}.usearch`);
    index.save(file);
    return Promise.resolve({
      efforts,
      parameters: (effort) => `connectivity 16, expansion 128, search ${effort}`,
      prepare: (effort) => {
        index = open(effort);
        index.load(file);
      },
      ask: (q, k) => Array.from(index.search(query(set, q), k, 1).keys, Number),
    } satisfies Built);
  },
};

function query(set: DataSet, q: number): Float32Array {
  return set.queries.subarray(q * set.dim, (q + 1) * set.dim);
}

/** A peer's module; the peers of this package are installed when one is first wanted. */
function load<T>(name: string): T {
  const require = createRequire(join(folder, "package.json"));
  try {
    return require(name) as T; // its shape is stated by the caller, from the peer's documentation
  } catch {
    console.error(`installing the peers that nearts is compared with (once; hnswlib-node is compiled) …`);
    execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    return require(name) as T; // as above
  }
}
