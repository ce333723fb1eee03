import { Engine } from "../bound-engine.js";
import { Candidates, Keys, Probes } from "../core/columns.js";
import { NearError, show } from "../core/errors.js";
import { gather, type Rows, rowAt, type SetRows, slice } from "../core/rows.js";
import { type QueriesInput, queriesOf } from "../engine/bulk-input.js";
import { refuseUnknown, requireOptions } from "../engine/guards.js";
import { checkRecall } from "../engine/tune-options.js";
import { MinHash } from "../hashes/min-hash.js";
import { distancesIn } from "../learned-sets.js";
import { type BandCosts, type Bands, bandsFor } from "../numeric/bands.js";
import { spread } from "../numeric/spread.js";
import { runSteps } from "../numeric/steps.js";
import { Postings } from "../storage/postings/postings.js";

/** What {@link chooseBands} chooses for. */
export interface ChooseBandsOptions {
  /** Sets like those to be stored: at least two, better some thousands. */
  readonly sample: QueriesInput;
  /** The Jaccard similarity from which on sets are to be found, over 0 to 1. */
  readonly threshold: number;
  /** The share of them that is to be found; 0.95 when not given. */
  readonly recall?: number;
  /** Sets that will be stored; as many as the sample has when not given. */
  readonly size?: number;
  /** Name of the hash; "bands" when not given. */
  readonly name?: string;
  /** Seed of the hash; 0 when not given. */
  readonly seed?: number | string;
}

/** A hash with what is expected of it. */
export interface BandsChoice extends Bands {
  /** New, for `new Engine({ kind: "set", hashes: [hash] })`. */
  readonly hash: MinHash;
  /** What the parts of a query took, in nanoseconds, on this machine. */
  readonly costs: BandCosts;
  /** The same as a sentence. */
  readonly text: string;
}

/** Sets of a sample that are looked at. */
const mostSets = 65_536;

const optionNames = ["sample", "threshold", "recall", "size", "name", "seed"];
const everything = { kind: "set", dim: 2 ** 32 } as const;

/**
 * Chooses the values of a key and the keys of a set of a {@link MinHash} for a threshold: all that find the recall of sets of the similarities that a sample has
 * above it are compared by what a query would cost among all the similarities of the sample, at the speed of this machine. E_BAD_OPTION for bad options;
 * E_UNSUPPORTED where no bands reach the recall, or comparing a query with all sets costs less.
 */
export async function chooseBands(options: ChooseBandsOptions): Promise<BandsChoice> {
  requireOptions(options, "chooseBands");
  refuseUnknown(options, optionNames, "chooseBands");
  const { threshold, name = "bands", seed = 0 } = options;
  if (!(typeof threshold === "number" && threshold > 0 && threshold <= 1)) {
    throw new NearError("E_BAD_OPTION", `threshold is ${show(threshold)}; give a Jaccard similarity over 0, up to 1`, { threshold });
  }
  const recall = checkRecall(options.recall ?? 0.95);
  const given = setsOf(options.sample);
  const size = options.size ?? given.count;
  if (!Number.isInteger(size) || size < given.count) {
    throw new NearError("E_BAD_OPTION", `size is ${show(size)}; give at least the ${given.count} sets of the sample`, { size });
  }
  const order = spread(given.count, 0, Math.min(given.count, mostSets));
  const sample = gather("set", given.dim, order.length, (i) => rowAt<"set">(given, order[i]));
  const { histogram, nearest } = runSteps(distancesIn(sample));
  const costs = await costsOf(sample);
  const above = nearest.flatMap((each) => Array.from(each).filter((distance) => distance <= 1 - threshold));
  const members = sample.offsets[sample.count] / sample.count;
  // As many at the threshold itself as above it, as the sample may have none so near to it.
  const near = [...above, ...new Array<number>(Math.max(1, above.length)).fill(1 - threshold)];
  const bands = bandsFor({ near, histogram, size, members, recall, cost: costs });
  if (bands === null) {
    const message = `no bands find sets of similarity ${threshold} with a recall of ${recall} sooner than comparing a query with all ${size} sets: leave the hashes out, or raise the threshold`;
    throw new NearError("E_UNSUPPORTED", message, { threshold, recall, size });
  }
  const hash = new MinHash({ name, rows: bands.rows, tables: bands.tables, seed });
  return { ...bands, hash, costs, text: textOf(bands, threshold) };
}

function textOf({ rows, tables, recall, candidates, nanos }: Bands, threshold: number): string {
  const found = `${(100 * recall).toFixed(1)} % of the sets of similarity ${threshold} and more`;
  return `${tables} keys of ${rows} values: ${found}, comparing a query with ${Math.round(candidates)} sets, in about ${Math.round(nanos / 1000)} µs.`;
}

function setsOf(given: QueriesInput): SetRows {
  const sample: Rows = queriesOf(given, everything);
  if (sample.kind === "set" && sample.count >= 2) return sample;
  throw new NearError("E_BAD_OPTION", `the sample has ${sample.count} sets; give at least 2, better some thousands`, {
    count: sample.count,
  });
}

const timedSets = 256;
const timedTables = 8;
const repeats = 3;

/** What the parts of a query take on this machine: the least of a few times, as others may work on it. */
async function costsOf(sample: SetRows): Promise<BandCosts> {
  const some = slice<"set">(sample, 0, Math.min(timedSets, sample.count));
  const hash = new MinHash({ name: "timed", rows: 1, tables: timedTables });
  hash.open({ kind: "set", dim: sample.dim });
  const keys = new Keys();
  const value = await least(() => {
    keys.clear();
    hash.keys(some, keys);
    return keys.count;
  });
  const postings = new Postings("timed", timedTables, 1);
  postings.reserve(some.count);
  for (let e = 0; e < keys.count; e++) postings.add(keys.rows[e], keys, e);
  const probes = new Probes();
  for (let e = 0; e < keys.count; e++) probes.add(keys.tables[e], keys.hi[e], keys.lo[e], 0);
  const bucket = await least(() => {
    for (let p = 0; p < probes.count; p++) postings.find(probes.tables[p], probes.hi[p], probes.lo[p]);
    return probes.count;
  });
  const read = new Candidates();
  const entry = await least(() => {
    read.clear();
    for (let p = 0; p < probes.count; p++) postings.scan(probes, p, read, null, 0);
    return Math.max(1, read.count);
  });
  const engine = new Engine({ kind: "set", dim: sample.dim });
  await engine.storeManyVectors(some);
  const measured = await least(async () => {
    await engine.neighboursOfMany(slice<"set">(some, 0, Math.min(16, some.count)), { k: 10 });
    return Math.min(16, some.count) * some.count;
  });
  await engine.close();
  return { value, bucket, entry, measured };
}

/** Nanoseconds of one of the things that `work` does so many of. */
async function least(work: () => number | Promise<number>): Promise<number> {
  let nanos = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const begun = performance.now();
    const count = await work();
    nanos = Math.min(nanos, ((performance.now() - begun) * 1e6) / count);
  }
  return Math.max(0.1, nanos);
}
