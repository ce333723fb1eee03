import { makeHashes, parseHash } from "../search/hash-spec.js";
import { type Ground, recall, type Trial, tryOut } from "../search/trial.js";
import { sampleOf } from "../search/vectors.js";

/** One engine of the table. */
export interface Entry {
  /** The hash as `nearts inspect --hash` takes it. */
  readonly hash: string;
  readonly family: string;
  /** Its options beside tables, bits and seed: `width=2`. */
  readonly extra: string;
  readonly tables: number;
  readonly bits: number | undefined;
  readonly probes: number;
  readonly trial: Trial;
  readonly recall: number;
  /** Queries a second over those of exact search. */
  readonly speedUp: number;
}

/** An engine to try: its hash, and how many buckets a query reads in each table. */
export interface Setup {
  readonly hash: string;
  readonly probes: number;
}

/** Rows that principal components are learned from, at most. */
const MOST_TRAINING = 5000;

/** Tries exact search, then the setups. */
export async function contest(ground: Ground, setups: readonly Setup[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  let exact: Trial | undefined;
  for (const { hash, probes } of [{ hash: "exact", probes: 1 }, ...setups]) {
    const spec = parseHash(hash);
    const hashes = makeHashes([spec], () => sampleOf(ground.stored, MOST_TRAINING));
    const trial = await tryOut(ground, { label: hash, hashes, probes });
    exact ??= trial;
    const { bits, projections, tables = 1, seed: _, ...others } = spec.values;
    entries.push({
      hash,
      family: spec.family,
      extra: Object.entries(others)
        .map(([option, value]) => `${option}=${value}`)
        .join(" "),
      tables,
      bits: bits ?? projections,
      probes,
      trial,
      recall: recall(trial.answers, exact.answers),
      speedUp: trial.rate / exact.rate,
    });
  }
  return entries;
}
