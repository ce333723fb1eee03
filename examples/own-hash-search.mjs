// Searches with a hash of one's own and says what it finds and costs: node examples/own-hash-search.mjs
import { Engine, MemoryStorage, Random } from "nearts";
import { WinnerTakeAll } from "./own-hash.mjs";

const [dim, count, k] = [32, 20_000, 10];
const random = new Random("own-hash");
const centres = Array.from({ length: 400 }, () => Array.from({ length: dim }, () => random.uniform()));
const vectors = Array.from({ length: count }, (_, i) => centres[i % 400].map((x) => x + 0.3 * random.uniform()));
const queries = centres.slice(0, 100);

const storage = new MemoryStorage();
const engine = new Engine({ dim, storage, hashes: [new WinnerTakeAll({ name: "wta", tables: 8, seed: 1 })] });
await engine.storeManyVectors(vectors);
const exact = new Engine({ dim });
await exact.storeManyVectors(vectors);

// A storage knows which hashes it was made with, by name; the class of this one must be given.
const again = await Engine.open({ storage, plugins: [WinnerTakeAll] });

let [found, candidates] = [0, 0];
for (const query of queries) {
  const nearest = new Set((await exact.neighbours(query, { k })).map(({ id }) => id));
  found += (await again.neighbours(query, { k })).filter(({ id }) => nearest.has(id)).length;
  candidates += (await again.candidateCount(query)).unique;
}
console.log(
  `recall@${k} ${(found / k / queries.length).toFixed(2)}, looking at ${Math.round(candidates / queries.length)} of ${count} vectors a query`,
);
