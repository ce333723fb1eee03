import { Engine, MemoryStorage, UniBucket } from "nearts";
import { bandwidthMeter } from "../bandwidth.js";
import type { DataSet } from "../data/set.js";
import { median } from "../statistics.js";
import { digits } from "../table.js";
import { atOnce, bytesPerVector, oneByOne, store } from "./measure.js";
import type { BenchRow } from "./row.js";
import { trueDistances } from "./truth.js";

const rounds = 5;

/** An exact engine with its measured rates: vectors stored per second, and queries per second in each round. */
interface Measured {
  readonly engine: Engine;
  readonly stored: number;
  readonly one: number[];
  readonly many: number[];
}

/** Exact search with every vector read, and with outlines; one by one and many at once, interleaved with the bandwidth. Its answers are the truth. */
export async function exactRows(set: DataSet): Promise<{ rows: BenchRow[]; truth: Float64Array }> {
  const [plain, outlined] = [await measured(set, false), await measured(set, true)];
  const truth = await trueDistances(plain.engine, set);
  const share = median(await interleaved(set, plain, outlined));
  const gain = median(plain.many.map((many, round) => many / plain.one[round]));
  console.error(
    `exact, every vector read: ${digits(share)} of the bandwidth; many at once ${digits(gain)} × that per query (medians of ${rounds} rounds)`,
  );
  const asked = set.queries.length / set.dim;
  const rows = [
    ...(await bothRows(set, plain, "every vector read", Math.min(128, asked), share)),
    ...(await bothRows(set, outlined, "outlines", Math.min(200, asked), null)),
  ];
  return { rows, truth };
}

async function measured(set: DataSet, outlines: boolean): Promise<Measured> {
  const engine = new Engine({
    dim: set.dim,
    distance: "cosine",
    hashes: [new UniBucket({ name: "all" })],
    storage: new MemoryStorage({ outlines }),
  });
  return { engine, stored: await store(engine, set), one: [], many: [] };
}

/** Measures both engines in turn and returns, by round, the part of the bandwidth that the plain one reaches. */
async function interleaved(set: DataSet, plain: Measured, outlined: Measured): Promise<number[]> {
  const meter = await bandwidthMeter();
  const asked = (most: number) => Math.min(most, set.queries.length / set.dim);
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const bandwidth = Math.max(meter(), meter());
    plain.one.push(await oneByOne(plain.engine, set, asked(40)));
    plain.many.push(await atOnce(plain.engine, set, asked(128)));
    shares.push((plain.one[round] * set.base.byteLength) / bandwidth);
    outlined.one.push(await oneByOne(outlined.engine, set, asked(200)));
    outlined.many.push(await atOnce(outlined.engine, set, asked(200)));
  }
  return shares;
}

async function bothRows(set: DataSet, { engine, stored, one, many }: Measured, how: string, queries: number, share: number | null) {
  const shared = { set: set.name, recall: 1, storedPerSecond: stored, bytesPerVector: await bytesPerVector(engine) };
  return [
    { ...shared, system: "exact", parameters: how, qps: median(one), bandwidthShare: share },
    { ...shared, system: "exact, many at once", parameters: `${how}, ${queries} queries`, qps: median(many), bandwidthShare: null },
  ] satisfies BenchRow[];
}
