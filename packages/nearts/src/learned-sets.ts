import type { SetRows } from "./core/rows.js";
import { rowAt } from "./core/rows.js";
import type { Learned, LearnOptions } from "./engine/options.js";
import { MinHash } from "./hashes/min-hash.js";
import { type Bands, bandsFor } from "./numeric/bands.js";
import { jaccard, overlap } from "./numeric/sets.js";
import type { Steps } from "./numeric/steps.js";

/** Sets of the sample that are compared with others of it, how many these are, and neighbours that queries are expected to ask for. */
const queries = 96;
const others = 4096;
const neighbours = 10;

/** The distances of some sets of a sample to most of it, ascending, without themselves. */
export function* distancesIn(sample: SetRows): Steps<Float64Array[]> {
  const all: Float64Array[] = [];
  const count = Math.min(others, sample.count);
  for (let q = 0; q < Math.min(queries, count); q++) {
    const query = rowAt<"set">(sample, q);
    const distances = new Float64Array(count - 1);
    for (let r = 0, at = 0; r < count; r++) {
      if (r === q) continue;
      const other = rowAt<"set">(sample, r);
      distances[at++] = jaccard(overlap(query, other), query.members.length, other.members.length);
    }
    all.push(distances.sort());
    yield;
  }
  return all;
}

/** What an engine of sets learns: bands that find the neighbours as far away as they are in a sample; null where comparing with all sets is as soon. */
export function* learnSets(sample: SetRows, { size, recall = 0.95 }: LearnOptions): Steps<Learned | null> {
  const distances = yield* distancesIn(sample);
  const members = sample.offsets[sample.count] / Math.max(1, sample.count);
  // In the sample neighbours are farther than among all.
  const near = distances.flatMap((each) => [...each.subarray(0, neighbours)]);
  const bands = bandsFor({ near, distances, size, members, recall });
  return bands === null ? null : { hash: hashOf(bands, members), sketch: null, lists: bands.tables };
}

/** Sets of fewer members leave too many of the bins of one order empty for their values to be as good as independent. */
const leastMembers = 128;

function hashOf({ rows, tables }: Bands, members: number): MinHash {
  return new MinHash({ name: "learned", rows, tables, permutations: members < leastMembers ? "classic" : "one", seed: 1 });
}
