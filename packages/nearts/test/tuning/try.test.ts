import { it } from "vitest";
import { join } from "node:path";
import { chooseHash, Engine } from "../../src/index.js";
import { readAll } from "../../src/readers/index.js";
import { clouds } from "../learned/vectors.js";

const families = ["RandomBinaryProjections", "RandomDiscretizedProjections", "PCABinaryProjections", "PCADiscretizedProjections", "RandomBinaryProjectionTree"] as const;

async function held(choice: any, dim: number, distance: any, rows: Float32Array, queries: Float32Array) {
  const e = new Engine({ dim, distance, hashes: [choice.hash] });
  await e.storeManyVectors(rows);
  let hits = 0, cand = 0; const n = queries.length / dim;
  const b = performance.now(); let ms = 0;
  for (let q = 0; q < n; q++) {
    const v = queries.subarray(q * dim, (q + 1) * dim);
    const truth = await e.neighbours(v, { k: 10, exact: true });
    const t0 = performance.now();
    const got = await e.neighbours(v, { k: 10, probes: choice.probes });
    ms += performance.now() - t0;
    hits += got.filter((x) => x.distance <= truth[9].distance * 1.000001).length;
    cand += (await e.candidateCount(v, { probes: choice.probes })).unique;
  }
  console.log(`   held out: recall ${(hits / n / 10).toFixed(3)} candidates ${Math.round(cand / n)} ${(ms/n*1000).toFixed(0)} us/query`);
}

it.skip("small", async () => {
  const dim = 24, all = clouds(4300, dim, 3), rows = all.subarray(0, 4000 * dim), queries = all.subarray(4000 * dim);
  for (const family of families) for (const aims of [{ recall: 0.9 }, { candidates: 200 }]) {
    const b = performance.now();
    const choice = await chooseHash({ family, sample: rows, dim, distance: "euclidean", ...aims });
    console.log(((performance.now() - b) / 1000).toFixed(2) + " s", JSON.stringify(aims), choice.text);
    await held(choice, dim, "euclidean", rows, queries);
  }
}, 120000);

it("fashion", async () => {
  const base = join("/work/shared/data", "fashion-mnist-784");
  const a = (await readAll(join(base, "train-images-idx3-ubyte.gz"), { limit: 10000 })).rows as any;
  const t = (await readAll(join(base, "t10k-images-idx3-ubyte.gz"), { limit: 300 })).rows as any;
  const dim = 784, mean = new Float64Array(dim);
  for (let i = 0; i < a.values.length; i++) mean[i % dim] += a.values[i] / a.count;
  const c = (r: any) => Float32Array.from(r.values, (v: number, i: number) => v - mean[i % dim]);
  const rows = c(a), queries = c(t);
  for (const family of [families[0], families[3]]) {
    const b = performance.now();
    const choice = await chooseHash({ family, sample: rows, dim, recall: 0.9 });
    console.log(((performance.now() - b) / 1000).toFixed(2) + " s", choice.text);
    await held(choice, dim, "cosine", rows, queries);
  }
}, 120000);
