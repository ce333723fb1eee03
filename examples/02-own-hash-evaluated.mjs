// A hash of one's own beside the built-in ones, on the same vectors, against exact search: node examples/02-own-hash-evaluated.mjs
import { Engine, KMeansHash, MemoryStorage, Random, RandomBinaryProjections, RandomDiscretizedProjections } from "nearts";
import { RecallPrecisionExperiment } from "nearts-lab";
import { WinnerTakeAll } from "./02-own-hash.mjs";

const [dim, count, k] = [32, 20_000, 10];
const random = new Random("own-hash");
const centres = Array.from({ length: 400 }, () => Array.from({ length: dim }, () => random.uniform()));
const near = (/** @type {number} */ i) => centres[i % 400].map((x) => x + 0.3 * random.uniform());
const vectors = Array.from({ length: count }, (_, i) => near(i));
const queries = Array.from({ length: 200 }, (_, i) => near(i));

const hashes = {
  "winner takes all": new WinnerTakeAll({ name: "wta", tables: 8, seed: 1 }),
  "random planes": new RandomBinaryProjections({ name: "rbp", projections: 24, tables: 8, seed: 1 }),
  "random bins": new RandomDiscretizedProjections({ name: "rdp", projections: 4, binWidth: 1, tables: 8, seed: 1, offset: true }),
  "k-means": new KMeansHash({ name: "km", lists: 128, training: vectors.slice(0, 4000), seed: 1 }),
};
const engines = Object.values(hashes).map((hash) => new Engine({ dim, distance: "cosine", hashes: [hash] }));

// Held-out queries, the truth by exact search, every engine emptied, filled and asked alike.
const experiment = new RecallPrecisionExperiment(k, vectors, { queries, passes: 5 });
const results = await experiment.performExperiment(engines);
console.log("hash              recall@10  candidates  time, exact search = 1");
for (const [i, name] of Object.keys(hashes).entries()) {
  const { recall, candidates, timeRatio } = results[i];
  console.log(
    `${name.padEnd(16)} ${recall.toFixed(3).padStart(10)} ${candidates.toFixed(0).padStart(11)} ${timeRatio.toFixed(3).padStart(12)}`,
  );
}

// A storage knows which hashes it was made with, by name; the class of an own one must be given to open it again.
const storage = new MemoryStorage();
const kept = new Engine({ dim, storage, hashes: [hashes["winner takes all"]] });
await kept.storeManyVectors(vectors);
const again = await Engine.open({ storage, plugins: [WinnerTakeAll] });
console.log(`opened again: ${await again.size()} vectors`);
