// A data set in the HDF5 layout of ann-benchmarks.com, written, read and searched: node examples/06-ann-benchmarks.mjs [file.hdf5]
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine, rowAt } from "nearts";
import { exactTruth, openDataSet, writeAnnBenchmarks } from "nearts-lab";

const k = 10;

// Without a file of yours, one is made: the same bytes wherever it is made.
const [given] = process.argv.slice(2);
const path = given ?? join(tmpdir(), `clusters-${process.pid}.hdf5`);
if (given === undefined) {
  const made = await openDataSet({ generate: "clusters", rows: 10_000, queries: 200, dim: 48, seed: 1, distance: "euclidean" });
  await writeAnnBenchmarks(path, made, await exactTruth(made, { k: 100 }));
}

// The file says by which distance it is to be searched, and brings its queries.
const data = await openDataSet({ base: path });
const { base, queries, distance } = data;
console.log(`${base.count} vectors of ${base.dim} dimensions, ${queries.count} queries, ${distance} distance`);

// Exact search on all cores; a second time it comes from a cache, by the content of the data.
const truth = await exactTruth(data, { k });

const engine = new Engine({ dim: base.dim, kind: base.kind, distance, recall: 0.9 });
await engine.storeManyVectors(base);
await engine.train();
for (const recall of [0.9, 0.95, 0.99]) {
  await engine.tune({ recall, k });
  let [found, seconds] = [0, Infinity];
  // The fastest of ten passes, as they do there: the first also pays for code that is not compiled yet.
  for (let pass = 0; pass < 10; pass++) {
    found = 0;
    const begun = performance.now();
    for (let q = 0; q < queries.count; q++) {
      // Ties count: whatever is as near as the last true neighbour is right.
      const farthest = truth.distances[q * k + k - 1] * (1 + 1e-6);
      found += (await engine.neighbours(rowAt(queries, q), { k })).filter(({ distance }) => distance <= farthest).length;
    }
    seconds = Math.min(seconds, (performance.now() - begun) / 1000);
  }
  console.log(`recall ${(found / k / queries.count).toFixed(3)} for ${recall} asked, ${Math.round(queries.count / seconds)} queries/s`);
}
if (given === undefined) await rm(path);
