import { Candidates, Keys, Probes } from "../core/columns.js";
import type { Hash } from "../core/contracts.js";
import { slice } from "../core/rows.js";
import { openHashes } from "../engine/shape.js";
import { Postings } from "../storage/postings/postings.js";
import { HashLedger, type Reached } from "./hash-ledger.js";
import { type HashSample, rowsPerRow } from "./hash-sample.js";

/** A setting of a hash, with what a query by it costs. */
export interface Tried extends Reached {
  /** In candidates: those of the query, and as many as could be measured while its probes are made. */
  readonly cost: number;
}

/** Buckets that are read of all tables (of few vectors a quarter of their number: more buckets cost more than all vectors), and at least of each. */
const mostBuckets = 1024;
const leastProbes = 16;
const timedQueries = 8;
const rowsAtOnce = 512;

/** What a hash reaches on a sample with every number of probes; with every number of tables too where `prefixes`. Candidates are of all vectors to be stored. */
export async function tryHash(hash: Hash, sample: HashSample, prefixes: boolean, turn: () => Promise<void> | undefined): Promise<Tried[]> {
  const { queries, leaveOut, near, k, rows } = sample;
  openHashes([hash], sample.shape);
  const postings = await enter(hash, sample, turn);
  const most = Math.max(leastProbes, Math.floor(Math.min(mostBuckets, rows.count / 4) / hash.tables));
  const ledger = new HashLedger(rows.count, hash.tables, most, prefixes);
  const [probes, read] = [new Probes(), new Candidates()];
  for (let q = 0; q < queries.count; q++) {
    probes.clear();
    hash.probes(slice(queries, q, q + 1), postings, most * hash.tables, probes);
    ledger.begin(near[q], Math.min(k, near[q].length), leaveOut[q]);
    for (let p = 0; p < probes.count; p++) {
      read.clear();
      postings.scan(probes, p, read, null, 0);
      ledger.read(probes.tables[p], read.rows, read.count);
    }
    ledger.end(probes.count < most * hash.tables);
    await turn();
  }
  const times = timesOf(hash, sample, postings, most);
  return Array.from(ledger.reached(), (reached) => priced(reached, sample, times));
}

function priced(reached: Reached, sample: HashSample, { perTable, perProbe }: Times): Tried {
  const scale = rowsPerRow(sample);
  const candidates = reached.candidates * scale;
  const micros = reached.tables * (perTable + (reached.probes - 1) * perProbe);
  return {
    ...reached,
    candidates,
    candidatesError: reached.candidatesError * scale,
    cost: candidates + micros / sample.microsPerCandidate,
  };
}

async function enter(hash: Hash, { rows }: HashSample, turn: () => Promise<void> | undefined): Promise<Postings> {
  const postings = new Postings(hash.name, hash.tables, hash.keysPerTable ?? 1);
  postings.reserve(rows.count);
  const keys = new Keys();
  for (let from = 0; from < rows.count; from += rowsAtOnce) {
    keys.clear();
    hash.keys(slice(rows, from, Math.min(rows.count, from + rowsAtOnce)), keys);
    for (let e = 0; e < keys.count; e++) postings.add(from + keys.rows[e], keys, e);
    await turn();
  }
  return postings;
}

/** Microseconds for a table's own bucket, and for each one more: to find its key, and the key's bucket. */
interface Times {
  readonly perTable: number;
  readonly perProbe: number;
}

function timesOf(hash: Hash, { queries }: HashSample, postings: Postings, most: number): Times {
  const probes = new Probes();
  /** The least time of a few queries, as others may work on the same machine. */
  const timed = (budget: number): { micros: number; count: number } => {
    let best = { micros: Number.POSITIVE_INFINITY, count: 0 };
    for (let q = 0; q < Math.min(timedQueries, queries.count); q++) {
      const begun = performance.now();
      probes.clear();
      hash.probes(slice(queries, q, q + 1), postings, budget, probes);
      for (let p = 0; p < probes.count; p++) postings.find(probes.tables[p], probes.hi[p], probes.lo[p]);
      const micros = (performance.now() - begun) * 1000;
      if (micros < best.micros) best = { micros, count: probes.count };
    }
    return best;
  };
  const own = timed(hash.tables);
  const all = timed(most * hash.tables);
  const more = Math.max(1, all.count - own.count);
  return { perTable: own.micros / hash.tables, perProbe: Math.max(0, all.micros - own.micros) / more };
}
