import { Engine } from "../bound-engine.js";
import type { Distance, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { derive, Random, seedFrom } from "../core/random.js";
import { gather, type Kind, type Rows, rowAt, slice } from "../core/rows.js";
import { type QueriesInput, queriesOf } from "../engine/bulk-input.js";
import type { VectorInput } from "../engine/intake.js";
import { checkShape } from "../engine/shape.js";
import { UniqueFilter } from "../filters/unique.js";
import { MemoryStorage } from "../storage/memory/memory-storage.js";

/** Vectors that stand for all that will be stored, and queries with the neighbours they should find among them. */
export interface HashSample {
  readonly shape: Shape;
  /** In random order. */
  readonly rows: Rows;
  /** How many vectors they stand for. */
  readonly size: number;
  readonly queries: Rows;
  /** For each query the row that it is itself; −1 where it is none of them. */
  readonly leaveOut: Int32Array;
  readonly k: number;
  /** For each query the rows no farther than its k-th neighbour: k, or more where distances are equal. */
  readonly near: readonly Uint32Array[];
  /** Microseconds that measuring one candidate takes. */
  readonly microsPerCandidate: number;
}

/** What a sample is made from. */
export interface SampleOptions {
  readonly sample: QueriesInput;
  readonly queries: QueriesInput | undefined;
  readonly dim: number | undefined;
  readonly kind: Kind | undefined;
  readonly distanceOf: (shape: Shape) => Distance;
  readonly k: number;
  readonly size: number | undefined;
  readonly seed: number | string;
  readonly signal: AbortSignal | undefined;
}

/** Rows that are tried: beyond these shares of buckets hardly change. */
export const mostRows = 10_000;
const mostQueries = 400;
/** Asked for beyond k, so that neighbours as far as the k-th are known as such. */
const spare = 10;
/** Queries that are asked one by one, for the time. */
const timedQueries = 8;

/** Checks a sample, draws what is tried of it, and finds the true neighbours of the queries by exact search. E_BAD_OPTION for too few vectors. */
export async function takeSample(options: SampleOptions): Promise<HashSample> {
  const { k, seed, size } = options;
  const shape = shapeOf(options);
  const given = queriesOf(options.sample, shape);
  const count = Math.min(given.count, mostRows);
  if (count < k + 2) {
    const message = `the sample has ${given.count} vectors, too few for ${k} neighbours: give at least ${k + 2}, better some thousands`;
    throw new NearError("E_BAD_OPTION", message, { count: given.count, k });
  }
  if (size !== undefined && size < given.count) {
    const message = `size is ${size}, the sample alone has ${given.count} vectors: leave it out, or give the number to be stored in all`;
    throw new NearError("E_BAD_OPTION", message, { size, count: given.count });
  }
  const rows = drawn(given, count, seed, "sample");
  const asked = options.queries === undefined ? undefined : queriesOf(options.queries, shape);
  if (asked?.count === 0) throw new NearError("E_BAD_OPTION", "there are no queries: give at least some 100, or leave them out", {});
  // Rows are in random order: the first are as good as any.
  const queries =
    asked === undefined ? slice(rows, 0, Math.min(count, mostQueries)) : drawn(asked, Math.min(asked.count, mostQueries), seed, "queries");
  const leaveOut = Int32Array.from({ length: queries.count }, (_, q) => (asked === undefined ? q : -1));
  const truth = await neighboursIn(rows, queries, leaveOut, options, options.distanceOf(shape));
  return { shape, rows, size: size ?? given.count, queries, leaveOut, k, ...truth };
}

/** How many of the vectors that will be stored each row that is tried stands for; the query itself is none of them. */
export function rowsPerRow({ rows, size, leaveOut }: HashSample): number {
  return size / (rows.count - (leaveOut[0] < 0 ? 0 : 1));
}

async function neighboursIn(rows: Rows, queries: Rows, leaveOut: Int32Array, { k, signal }: SampleOptions, distance: Distance) {
  const { kind, dim } = rows;
  const storage = new MemoryStorage({ outlines: false });
  const engine = new Engine({ kind, dim, distance, storage, filters: [new UniqueFilter()] });
  try {
    const given = signal === undefined ? {} : { signal };
    await engine.storeManyVectors(rows, { ids: Array.from({ length: rows.count }, (_, r) => r), ...given });
    const most = Math.min(rows.count, k + 1 + spare, 10_000);
    const { ids, distances, offsets } = await engine.neighboursOfMany(queries, { k: most, columns: true, ...given });
    const near = Array.from({ length: queries.count }, (_, q) => {
      const found: number[] = [];
      let limit = Number.POSITIVE_INFINITY;
      for (let i = offsets[q]; i < offsets[q + 1]; i++) {
        const row = ids[i] as number; // the ids given above
        if (row === leaveOut[q] || distances[i] > limit) continue;
        if (found.push(row) === k) limit = distances[i] + Math.abs(distances[i]) * 1e-6;
      }
      return Uint32Array.from(found);
    });
    let micros = Number.POSITIVE_INFINITY;
    for (let q = 0; q < Math.min(timedQueries, queries.count); q++) {
      const begun = performance.now();
      await engine.neighbours(rowAt(queries, q) as VectorInput, { k }); // what rows hold, an engine takes
      micros = Math.min(micros, (performance.now() - begun) * 1000);
    }
    return { near, microsPerCandidate: Math.max(1e-3, micros / rows.count) };
  } finally {
    await engine.close();
  }
}

/** `count` of the rows in random order: copies. */
function drawn(rows: Rows, count: number, seed: number | string, purpose: string): Rows {
  const order = new Random(derive(derive(seedFrom(seed), "choose hash"), purpose)).permutation(rows.count);
  return gather(rows.kind, rows.dim, count, (i) => rowAt(rows, order[i]));
}

/** The shape of the sample's vectors, as far as it is not given. */
function shapeOf({ sample, dim, kind }: SampleOptions): Shape {
  const first: unknown = Array.isArray(sample) ? sample[0] : sample;
  if (typeof first !== "object" || first === null) {
    const message = `sample is ${show(sample)}; give vectors like those to be stored: an array of them, a flat Float32Array with dim, or columns`;
    throw new NearError("E_BAD_OPTION", message, { option: "sample" });
  }
  const seen = first as { readonly dim?: number; readonly kind?: Kind; readonly length?: number }; // any object may be asked
  const guessed =
    kind ??
    seen.kind ??
    ("indices" in first ? "sparse" : "words" in first ? "bits" : "members" in first || first instanceof Set ? "set" : "dense");
  const length = Array.isArray(sample) ? seen.length : undefined;
  const known = dim ?? seen.dim ?? (guessed === "set" ? 2 ** 32 : length);
  if (known === undefined) throw new NearError("E_BAD_OPTION", "the sample does not say its dimension: give dim", { option: "dim" });
  return checkShape({ dim: known, kind: guessed });
}
