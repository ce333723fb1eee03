import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Engine, type Hash, Keys, MemoryStorage, RandomBinaryProjections } from "nearts";
import { bandwidthMeter } from "./bandwidth.js";
import { centred, type DataSet, dataFolder, limited, loadFolder } from "./data.js";
import { hashingRows } from "./hashing.js";
import type { BenchRow } from "./row.js";
import { digits, median, table } from "./table.js";

const k = 10;
const rounds = 5;

/** NearPy's pipeline on real vectors, single thread: classic hashes, exact search, hashing alone. */
export async function classic(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      json: { type: "string" },
      queries: { type: "string", default: "2000" },
      seeds: { type: "string", default: "3" },
      raw: { type: "boolean", default: false },
    },
  });
  const loaded = await loadFolder(dataFolder(values.data, "fashion-mnist-784"));
  const set = limited(values.raw ? loaded : centred(loaded), Number.POSITIVE_INFINITY, Number(values.queries));
  console.error(
    `${set.name}: ${set.base.length / set.dim} vectors, ${set.queries.length / set.dim} queries, d = ${set.dim}, cosine, k = ${k}, one thread, Node ${process.version}`,
  );
  const { rows, truth } = await exactRows(set);
  for (const projections of [10, 12]) rows.push(await classicRow(set, truth, projections, 10, Number(values.seeds)));
  rows.push(...hashingRows(set));
  console.log(table(rows.map(printed)));
  if (values.json !== undefined) writeFileSync(values.json, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
}

/** Exact search with every vector read, and with outlines; one by one and many at once, interleaved with the bandwidth. Its answers are the truth. */
async function exactRows(set: DataSet): Promise<{ rows: BenchRow[]; truth: Float64Array }> {
  const meter = await bandwidthMeter();
  const [plain, outlined] = [false, true].map(
    (outlines) => new Engine({ dim: set.dim, distance: "cosine", storage: new MemoryStorage({ outlines }) }),
  );
  const stored = [await store(plain, set), await store(outlined, set)];
  const truth = await kthDistances(plain, set);
  const bytes = set.base.byteLength;
  const samples: Record<"plain" | "plainMany" | "outlined" | "outlinedMany" | "share" | "gain", number[]> = {
    plain: [],
    plainMany: [],
    outlined: [],
    outlinedMany: [],
    share: [],
    gain: [],
  };
  for (let round = 0; round < rounds; round++) {
    const bandwidth = Math.max(meter(), meter());
    const [one, many] = [await oneByOne(plain, set, 40), await atOnce(plain, set, 128)];
    samples.plain.push(one);
    samples.plainMany.push(many);
    samples.share.push((one * bytes) / bandwidth);
    samples.gain.push(many / one);
    samples.outlined.push(await oneByOne(outlined, set, 200));
    samples.outlinedMany.push(await atOnce(outlined, set, 200));
  }
  console.error(
    `exact, every vector read: ${digits(median(samples.share))} of the bandwidth; many at once ${digits(median(samples.gain))} × that per query (medians of ${rounds} rounds)`,
  );
  const row = (
    system: string,
    parameters: string,
    qps: readonly number[],
    e: number,
    share: number | null,
    engineBytes: number,
  ): BenchRow => ({
    system,
    set: set.name,
    parameters,
    recall: 1,
    qps: median(qps),
    storedPerSecond: stored[e],
    bytesPerVector: engineBytes,
    bandwidthShare: share,
  });
  const [plainBytes, outlinedBytes] = [await bytesPerVector(plain), await bytesPerVector(outlined)];
  const rows = [
    row("exact", "every vector read", samples.plain, 0, median(samples.share), plainBytes),
    row("exact, many at once", "every vector read, 128 queries", samples.plainMany, 0, null, plainBytes),
    row("exact", "outlines", samples.outlined, 1, null, outlinedBytes),
    row("exact, many at once", "outlines, 200 queries", samples.outlinedMany, 1, null, outlinedBytes),
  ];
  return { rows, truth };
}

async function classicRow(set: DataSet, truth: Float64Array, projections: number, tables: number, seeds: number): Promise<BenchRow> {
  const [recalls, rates, stored, bytes]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let seed = 1; seed <= seeds; seed++) {
    const hash = new RandomBinaryProjections({ name: "rbp", projections, tables, seed });
    const engine = new Engine({ dim: set.dim, distance: "cosine", hashes: [hash] });
    stored.push(await store(engine, set));
    const passes: number[] = [];
    for (let pass = 0; pass < 3; pass++) passes.push(await oneByOne(engine, set, set.queries.length / set.dim));
    rates.push(Math.max(...passes));
    recalls.push(await recallOf(engine, set, truth));
    bytes.push(await bytesPerVector(engine));
    const brute = bruteForceRecall(hash, set, truth, 200);
    const same = await recallOf(engine, limited(set, Number.POSITIVE_INFINITY, 200), truth);
    const count = await candidates(engine, set);
    const perCandidate = await allocation(engine, set, count.unique);
    console.error(
      `rbp ${projections} × ${tables}, seed ${seed}: recall ${recalls[seed - 1].toFixed(4)} (first 200 queries ${same.toFixed(4)}, same planes by brute force ${brute.toFixed(4)}), ` +
        `candidates ${digits(count.raw)}, unique ${digits(count.unique)}; ${digits(perCandidate)} bytes allocated per candidate`,
    );
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    system: "RandomBinaryProjections",
    set: set.name,
    parameters: `${projections} bits × ${tables} tables, ${seeds} seeds`,
    recall: mean(recalls),
    qps: mean(rates),
    storedPerSecond: mean(stored),
    bytesPerVector: mean(bytes),
    bandwidthShare: null,
  };
}

async function store(engine: Engine, set: DataSet): Promise<number> {
  const start = performance.now();
  await engine.storeManyVectors(set.base);
  return set.base.length / set.dim / ((performance.now() - start) / 1000);
}

async function oneByOne(engine: Engine, set: DataSet, count: number): Promise<number> {
  const start = performance.now();
  for (let q = 0; q < count; q++) await engine.neighbours(query(set, q), { k });
  return count / ((performance.now() - start) / 1000);
}

async function atOnce(engine: Engine, set: DataSet, count: number): Promise<number> {
  const start = performance.now();
  await engine.neighboursOfMany(set.queries.subarray(0, count * set.dim), { k, columns: true });
  return count / ((performance.now() - start) / 1000);
}

/** Distance of each query's k-th nearest vector. */
async function kthDistances(engine: Engine, set: DataSet): Promise<Float64Array> {
  const { distances, offsets } = await engine.neighboursOfMany(set.queries, { k, columns: true });
  return Float64Array.from({ length: offsets.length - 1 }, (_, q) => distances[offsets[q + 1] - 1]);
}

/** Part of the k results no farther than the true k-th: by distance, so that ties count. */
async function recallOf(engine: Engine, set: DataSet, truth: Float64Array): Promise<number> {
  let hits = 0;
  const count = set.queries.length / set.dim;
  for (let q = 0; q < count; q++)
    for (const { distance } of await engine.neighbours(query(set, q), { k })) if (distance <= truth[q] + 1e-9) hits++;
  return hits / (count * k);
}

/** The recall that these planes allow, found without buckets: every stored vector that shares a key with the query in some table, measured. */
function bruteForceRecall(hash: Hash, set: DataSet, truth: Float64Array, count: number): number {
  const keysOf = (values: Float32Array) => {
    const keys = new Keys();
    hash.keys({ kind: "dense", dim: set.dim, count: values.length / set.dim, values }, keys);
    return keys;
  };
  const [stored, asked] = [keysOf(set.base), keysOf(set.queries.subarray(0, count * set.dim))];
  let hits = 0;
  for (let q = 0; q < count; q++) {
    const near = new Set<number>();
    for (let e = 0; e < stored.count; e++) {
      const mine = q * hash.tables + stored.tables[e];
      if (stored.hi[e] === asked.hi[mine] && stored.lo[e] === asked.lo[mine]) near.add(stored.rows[e]);
    }
    let found = 0;
    for (const row of near) if (cosine(query(set, q), set.base.subarray(row * set.dim, (row + 1) * set.dim)) <= truth[q] + 1e-9) found++;
    hits += Math.min(k, found);
  }
  return hits / (count * k);
}

function cosine(x: Float32Array, y: Float32Array): number {
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += x[i] * x[i];
    yy += y[i] * y[i];
    xy += x[i] * y[i];
  }
  return 1 - xy / Math.sqrt(xx * yy);
}

async function candidates(engine: Engine, set: DataSet): Promise<{ raw: number; unique: number }> {
  let [raw, unique] = [0, 0];
  for (let q = 0; q < 200; q++) {
    const count = await engine.candidateCount(query(set, q));
    raw += count.raw / 200;
    unique += count.unique / 200;
  }
  return { raw, unique };
}

/** Bytes that a query leaves on the JavaScript heap, by candidate: so few queries that no collection comes between. */
async function allocation(engine: Engine, set: DataSet, unique: number): Promise<number> {
  const count = 50;
  for (let q = 0; q < count; q++) await engine.neighbours(query(set, q), { k });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let q = 0; q < count; q++) await engine.neighbours(query(set, q), { k });
  return (process.memoryUsage().heapUsed - before) / count / unique;
}

async function bytesPerVector(engine: Engine): Promise<number> {
  const { bytes, size } = await engine.stats();
  return (bytes.vectors + bytes.rows + bytes.buckets) / size;
}

function query(set: DataSet, q: number): Float32Array {
  return set.queries.subarray(q * set.dim, (q + 1) * set.dim);
}

function printed(row: BenchRow): Record<string, string> {
  const optional = (value: number | null, write: (value: number) => string) => (value === null ? "–" : write(value));
  return {
    system: row.system,
    parameters: row.parameters,
    "recall@10": optional(row.recall, (value) => value.toFixed(3)),
    "queries/s": optional(row.qps, digits),
    "stored/s": optional(row.storedPerSecond, digits),
    "bytes/vector": optional(row.bytesPerVector, digits),
    "of bandwidth": optional(row.bandwidthShare, digits),
  };
}
