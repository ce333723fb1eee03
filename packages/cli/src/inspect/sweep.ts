import { Keys, RandomBinaryProjections } from "nearts";
import { breathe } from "../search/breathe.js";
import type { Ground } from "../search/trial.js";
import { pick, type RealRows, sampleOf } from "../search/vectors.js";
import { Progress } from "../terminal/progress.js";

/** What random planes do at one setting. */
export interface Setting {
  readonly bits: number;
  readonly tables: number;
  readonly recall: number;
  /** Different rows that a query measures. */
  readonly candidates: number;
  /** Work of a query over that of exact search: projections and candidates, against all rows. */
  readonly work: number;
}

/** Seed of the planes that are counted: the hash that is suggested has the same ones. */
export const SWEEP_SEED = 1;

const MOST_BITS = 24;
const MOST_TABLES = 32;
/** Rows on which candidates are counted. */
const SAMPLE = 2000;

/**
 * For every even number of bits the fewest tables, of at most 32, with which the buckets of the queries hold `target` of their true neighbours (given as
 * stored rows); all 32 where none do. One pass over the keys of a number of bits gives all its tables: what counts is the first in which two rows meet.
 */
export async function sweep({ stored, queries, signal }: Ground, neighbours: readonly Uint32Array[], target: number): Promise<Setting[]> {
  const sample = sampleOf(stored, SAMPLE);
  const near = pick(
    stored,
    neighbours.flatMap((rows) => Array.from(rows)),
  );
  const progress = new Progress({ label: "counting settings", unit: "bits", total: MOST_BITS });
  const settings: Setting[] = [];
  for (let bits = 2; bits <= MOST_BITS; bits += 2) {
    const hash = new RandomBinaryProjections({ name: "sweep", projections: bits, tables: MOST_TABLES, seed: SWEEP_SEED });
    hash.open({ kind: stored.kind, dim: stored.dim });
    const [asked, wanted, others] = [queries, near, sample].map((rows) => keysOf(hash, rows));
    const found = new Meetings();
    const met = new Meetings();
    for (let q = 0, from = 0; q < queries.count; from += neighbours[q++].length) {
      found.count(asked, q, wanted, from, from + neighbours[q].length);
      met.count(asked, q, others, 0, sample.count);
    }
    const tables = found.fewestTables(target);
    const candidates = met.share(tables) * stored.count;
    settings.push({ bits, tables, recall: found.share(tables), candidates, work: (bits * tables + candidates) / stored.count });
    progress.update(bits);
    await breathe(signal);
  }
  progress.end();
  return settings;
}

/** The setting of least work that reaches the target, the one with fewer tables where two are within a tenth; undefined where none does. */
export function bestOf(settings: readonly Setting[], target: number): Setting | undefined {
  const good = settings.filter((setting) => setting.recall >= target);
  const least = Math.min(...good.map((setting) => setting.work));
  return good.filter((setting) => setting.work <= least * 1.1).sort((a, b) => a.tables - b.tables || a.work - b.work)[0];
}

/** The keys of each row, table by table: 24 bits and fewer lie in the upper word alone. */
function keysOf(hash: RandomBinaryProjections, rows: RealRows): Uint32Array {
  const keys = new Keys();
  hash.keys(rows, keys);
  return keys.hi;
}

/** How many pairs of rows have the same key in one table or another. */
class Meetings {
  /** Pairs that meet in table t and in none before it; at the end those that meet in none. */
  readonly #firsts = new Float64Array(MOST_TABLES + 1);
  #pairs = 0;

  /** Counts row `q` of `a` with the rows `from … to)` of `b`. */
  count(a: Uint32Array, q: number, b: Uint32Array, from: number, to: number): void {
    const own = q * MOST_TABLES;
    for (let row = from; row < to; row++) {
      const other = row * MOST_TABLES;
      let t = 0;
      while (t < MOST_TABLES && a[own + t] !== b[other + t]) t++;
      this.#firsts[t]++;
    }
    this.#pairs += to - from;
  }

  /** The part of all pairs that meet in one of the first `tables` tables. */
  share(tables: number): number {
    let pairs = 0;
    for (let t = 0; t < tables; t++) pairs += this.#firsts[t];
    return this.#pairs === 0 ? 0 : pairs / this.#pairs;
  }

  /** The fewest tables in which a part of at least `target` meets; all where none does. */
  fewestTables(target: number): number {
    let tables = 1;
    while (tables < MOST_TABLES && this.share(tables) < target) tables++;
    return tables;
  }
}
