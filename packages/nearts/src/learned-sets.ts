import { Candidates } from "./core/columns.js";
import { type SetRows, slice } from "./core/rows.js";
import type { Learned, LearnOptions } from "./engine/options.js";
import { MinHash } from "./hashes/min-hash.js";
import { type Bands, bandsFor, histogramBins } from "./numeric/bands.js";
import { keepNearest } from "./numeric/select.js";
import type { Steps } from "./numeric/steps.js";
import { SetVectors } from "./storage/vectors/set-vectors.js";

/** Sets of a sample that are compared with all others of it, nearest of each that are noted, and neighbours that queries are expected to ask for. */
const queries = 64;
const noted = 64;
const neighbours = 10;

/** How far the sets of a sample are apart. */
export interface SampledDistances {
  /** How many distances lie in each of {@link histogramBins} equal parts of 0 to 1. */
  readonly histogram: Float64Array;
  /** For some sets the distances of those nearest to each, ascending. */
  readonly nearest: readonly Float64Array[];
}

/** The distances of some sets of a sample to all others of it. */
export function* distancesIn(sample: SetRows): Steps<SampledDistances> {
  const vectors = new SetVectors(sample, Math.max(2 ** 20, 8 * sample.members.length));
  vectors.reserve(sample, sample.count);
  for (let r = 0; r < sample.count; r++) vectors.write(r, sample, r);
  const histogram = new Float64Array(histogramBins);
  const nearest: Float64Array[] = [];
  const others = new Candidates();
  yield;
  for (let q = 0; q < Math.min(queries, sample.count); q++) {
    // Spread over the sample, as sets that are stored together may be alike.
    const query = Math.floor((q * sample.count) / Math.min(queries, sample.count));
    others.clear();
    for (let r = 0; r < sample.count; r++) if (r !== query) others.add(r);
    vectors.rank("jaccard", slice<"set">(sample, query, query + 1), others);
    for (let i = 0; i < others.count; i++) histogram[Math.min(histogramBins - 1, Math.floor(others.distances[i] * histogramBins))]++;
    keepNearest(others, noted);
    nearest.push(others.distances.slice(0, others.count));
    yield;
  }
  return { histogram, nearest };
}

/** What an engine of sets learns: bands that find the neighbours as far away as they are in a sample; null where comparing with all sets is as soon. */
export function* learnSets(sample: SetRows, { size, recall = 0.95 }: LearnOptions): Steps<Learned | null> {
  const { histogram, nearest } = yield* distancesIn(sample);
  const members = sample.offsets[sample.count] / Math.max(1, sample.count);
  // Of the nearest of all only their share is in the sample.
  const known = Math.max(1, Math.round(neighbours * Math.min(1, sample.count / size)));
  const near = nearest.flatMap((each) => [...each.subarray(0, known)]);
  const bands = bandsFor({ near, histogram, size, members, recall });
  return bands === null ? null : { hash: hashOf(bands, members), sketch: null, lists: bands.tables };
}

/** Sets of fewer members leave too many of the bins of one order empty for their values to be as good as independent. */
const leastMembers = 128;

function hashOf({ rows, tables }: Bands, members: number): MinHash {
  return new MinHash({ name: "learned", rows, tables, permutations: members < leastMembers ? "classic" : "one", seed: 1 });
}
