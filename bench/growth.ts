import { askAll, recallsByDistance, timed } from "./asking.js";
import { type Benchmark, benchmark } from "./benchmark.js";
import { Mixture } from "./data/mixture.js";
import { nestedTruth } from "./data/nested-truth.js";
import type { Truth } from "./data/truth.js";
import { count, fractions, outputFile } from "./options.js";
import { writeJson, writeText } from "./output.js";
import { pinned } from "./pin.js";
import { growthPlot } from "./plot/growth.js";
import { growthExponent, mean } from "./statistics.js";
import { bytesBeyondRaw, planInShort, tunedEngine } from "./systems/tuned-engine.js";
import { digits, short, table } from "./table.js";

/** What an engine of one size costs. */
export interface GrowthRow {
  readonly rows: number;
  readonly recall: number;
  readonly qps: number;
  readonly buildSeconds: number;
  readonly bytesPerVector: number;
  readonly plan: string;
}

const dim = 128;

const notes = `Synthetic vectors, d = ${dim}, Euclidean: a mixture of 256 Gaussians of intrinsic dimension 16 with noise, seeded, made as they are stored; every size is a
prefix of the next. Each size is built anew and tuned by itself; the recall printed is measured. Exponents are slopes of least-squares lines through
the logarithms: the time of a query and of building by the number of vectors.`;

const options = {
  max: count("most vectors: 10k, 30k, 100k … up to it; or a tenth, a third and all of it", 1_000_000),
  rows: count<number | undefined>("the same as --max", undefined),
  queries: count("queries", 500),
  k: count("neighbours wanted", 10),
  recall: fractions("recall to tune to (one number)", [0.95]),
  seed: count("seed of the vectors", 1),
  json: outputFile("rows as JSON, one a line"),
  svg: outputFile("both as a plot"),
};

/** How the time of a query and of building grow with the number of vectors. */
export const growth: Benchmark = benchmark(
  { name: "growth", about: "queries/s at one recall and build time as vectors grow to a million", notes, options },
  async ({ max, rows, queries: asked, k, recall: [recall], seed, json, svg }) => {
    const where = pinned(1);
    const sizes = sizesUpTo(rows ?? max);
    console.error(`one thread (${where}), recall ${recall}, k = ${k}, sizes ${sizes.join(", ")}, Node ${process.version}`);
    const mixture = new Mixture(dim, seed);
    const last = sizes[sizes.length - 1];
    const queries = mixture.rows(last, last + asked).values; // of the same kind, and in none of the sets
    const truths = await nestedTruth(mixture, queries, sizes, k);
    const found: GrowthRow[] = [];
    for (const [i, size] of sizes.entries()) found.push(await grown(mixture, size, queries, truths[i], recall));
    console.log(table(found.map(printed)));
    const curves = [
      { name: "seconds per query", points: found.map((row) => ({ x: row.rows, y: 1 / row.qps })) },
      { name: "seconds to build", points: found.map((row) => ({ x: row.rows, y: row.buildSeconds })) },
    ];
    console.log(`\n${curves.map(({ name, points }) => `${name} ∝ n^${growthExponent(points).toFixed(2)}`).join(", ")}; ${where}`);
    writeJson(json, found);
    if (svg !== undefined) writeText(svg, growthPlot(`nearts, recall ${recall}, k = ${k}, d = ${dim}, one thread`, curves));
  },
);

/** 1 and 3 times powers of ten, from 10,000 (or a tenth of the most) to the most, which is always the last. */
function sizesUpTo(most: number): number[] {
  const least = Math.min(10_000, Math.max(1, Math.floor(most / 10)));
  const sizes: number[] = [];
  for (let power = 1; power <= most; power *= 10) for (const step of [power, 3 * power]) if (step >= least && step < most) sizes.push(step);
  return [...sizes, most];
}

async function grown(mixture: Mixture, size: number, queries: Float32Array, truth: Truth, recall: number): Promise<GrowthRow> {
  const engine = tunedEngine({ dim, distance: "euclidean", recall });
  const { seconds: buildSeconds } = await timed(async () => {
    await engine.storeManyVectors(mixture.chunks(size));
    await engine.train();
    if (truth.k !== 10) await engine.tune({ recall, k: truth.k });
  });
  const { seconds: making } = await timed(async () => {
    for (const _ of mixture.chunks(size)); // what making the vectors took of it
  });
  const asked = await askAll(engine, { queries, dim }, { k: truth.k });
  const chosen = await engine.plan();
  const row: GrowthRow = {
    rows: size,
    recall: mean(recallsByDistance(asked, truth)),
    qps: asked.qps,
    buildSeconds: buildSeconds - making,
    bytesPerVector: await bytesBeyondRaw(engine, dim),
    plan: `${planInShort(chosen)}. ${chosen.text}`,
  };
  await engine.close();
  console.error(`${size} vectors: built in ${digits(row.buildSeconds)} s, ${digits(row.qps)} queries/s`);
  return row;
}

function printed(row: GrowthRow): Record<string, string> {
  return {
    vectors: row.rows.toLocaleString("en-US"),
    recall: row.recall.toFixed(4),
    "queries/s": digits(row.qps),
    "µs/query": digits(1e6 / row.qps),
    "build s": digits(row.buildSeconds),
    "µs/vector": digits((1e6 * row.buildSeconds) / row.rows),
    "bytes beyond raw": digits(row.bytesPerVector),
    plan: short(row.plan, 60),
  };
}
