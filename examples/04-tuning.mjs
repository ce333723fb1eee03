// One recall, what it costs, and whether queries reach it: node examples/04-tuning.mjs
import { chooseHash, Engine, Random } from "nearts";

const [dim, count, k] = [48, 20_000, 10];
const random = new Random("tuning");
const centres = Array.from({ length: 200 }, () => Array.from({ length: dim }, () => 3 * random.uniform()));
const near = (/** @type {number} */ i) => centres[i % 200].map((x, j) => x + (3 * random.uniform() - 1.5) / Math.sqrt(1 + j / 4));
const vectors = Array.from({ length: count }, (_, i) => Float32Array.from(near(i)));
const queries = Array.from({ length: 200 }, (_, i) => Float32Array.from(near(i)));

const engine = new Engine({ dim, distance: "euclidean", recall: 0.95 });
await engine.storeManyVectors(vectors);
await engine.train(); // happens by itself in the background; to wait for it is for those who measure

/** Share of the true neighbours that queries find. */
async function recall() {
  let found = 0;
  for (const query of queries) {
    const true10 = new Set((await engine.neighbours(query, { k, exact: true })).map(({ id }) => id));
    found += (await engine.neighbours(query, { k })).filter(({ id }) => true10.has(id)).length;
  }
  return (found / k / queries.length).toFixed(3);
}

console.log(`The engine's own plan\n${(await engine.plan()).text}\nrecall of ${queries.length} other queries: ${await recall()}\n`);

// Another recall, on queries like those to come, from now on.
const plan = await engine.tune({ recall: 0.8, k, queries });
console.log(`Tuned again\n${plan.text}\nrecall of these queries: ${await recall()}\n`);

// A budget that does not allow the recall says so.
const tight = await engine.tune({ recall: 0.99, k, budget: { probes: 1 } });
console.log(`On a budget\nwarning: ${tight.warning}\n`);

// For hashes of your own choice: bits, tables and probes from a sample.
const sample = vectors.slice(0, 3000);
const choice = await chooseHash({ family: "RandomBinaryProjections", distance: "euclidean", sample, size: count, recall: 0.8, tables: 8 });
console.log(`A classic hash\n${choice.text}`);
