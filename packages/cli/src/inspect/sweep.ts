import { Keys, RandomBinaryProjections } from "nearts";
import { pick, type RealRows, sampleOf } from "../search/vectors.js";

/** What random planes would do at one setting, counted on a sample. */
export interface Setting {
  readonly bits: number;
  readonly tables: number;
  readonly recall: number;
  /** Different rows that a query measures, of all that are stored. */
  readonly candidates: number;
  /** Work of a query over that of exact search: projections and candidates, against all rows. */
  readonly work: number;
}

/** What is swept. */
export interface SweepGround {
  readonly stored: RealRows;
  readonly queries: RealRows;
  /** True neighbours of each query, as stored rows. */
  readonly neighbours: readonly Uint32Array[];
  readonly seed: number;
}

const MOST_BITS = 24;
const MOST_TABLES = 32;
/** Rows on which candidates are counted. */
const SAMPLE = 8000;

/**
 * For every even number of bits the fewest tables, of at most 32, that reach `target` recall; all 32 where none does. One pass over the keys gives all
 * settings: two rows meet in b bits of some of the first t tables when the longest common prefix of their keys there is at least b.
 */
export function sweep(ground: SweepGround, target: number): Setting[] {
  const hash = new RandomBinaryProjections({ name: "sweep", projections: MOST_BITS, tables: MOST_TABLES, seed: ground.seed });
  hash.open({ kind: ground.stored.kind, dim: ground.stored.dim });
  const sample = sampleOf(ground.stored, SAMPLE);
  const queries = keysOf(hash, ground.queries);
  const found = new Prefixes();
  const met = new Prefixes();
  const others = keysOf(hash, sample);
  for (let q = 0; q < ground.queries.count; q++) {
    const near = keysOf(hash, pick(ground.stored, ground.neighbours[q]));
    for (let i = 0; i < near.length; i += MOST_TABLES) found.add(queries, q * MOST_TABLES, near, i);
    for (let i = 0; i < others.length; i += MOST_TABLES) met.add(queries, q * MOST_TABLES, others, i);
  }
  const rows = ground.stored.count;
  return Array.from({ length: MOST_BITS / 2 }, (_, i) => {
    const bits = 2 * (i + 1);
    let tables = 1;
    while (tables < MOST_TABLES && found.share(bits, tables) < target) tables++;
    const candidates = met.share(bits, tables) * rows;
    return { bits, tables, recall: found.share(bits, tables), candidates, work: (bits * tables + candidates) / rows };
  });
}

/** The setting of least work that reaches the target, the one with fewer tables where two are within a tenth; undefined where none does. */
export function bestOf(settings: readonly Setting[], target: number): Setting | undefined {
  const good = settings.filter((setting) => setting.recall >= target);
  const least = Math.min(...good.map((setting) => setting.work));
  return good.filter((setting) => setting.work <= least * 1.1).sort((a, b) => a.tables - b.tables || a.work - b.work)[0];
}

/** The keys of each row, table by table: their bits from the highest on. */
function keysOf(hash: RandomBinaryProjections, rows: RealRows): Uint32Array {
  const keys = new Keys();
  hash.keys(rows, keys);
  return keys.hi.slice(0, keys.count);
}

/** How long the common prefixes of pairs of rows are. */
class Prefixes {
  /** Pairs whose longest common prefix in the first t + 1 tables has p bits: at t · (MOST_BITS + 1) + p. */
  readonly #counts = new Float64Array(MOST_TABLES * (MOST_BITS + 1));
  #pairs = 0;

  /** Counts the pair whose keys begin at `i` of `a` and `j` of `b`. */
  add(a: Uint32Array, i: number, b: Uint32Array, j: number): void {
    let longest = 0;
    for (let t = 0; t < MOST_TABLES; t++) {
      const shared = Math.clz32(a[i + t] ^ b[j + t]);
      if (shared > longest) longest = Math.min(shared, MOST_BITS);
      this.#counts[t * (MOST_BITS + 1) + longest]++;
    }
    this.#pairs++;
  }

  /** The part of all pairs that meet in `bits` bits of one of the first `tables` tables. */
  share(bits: number, tables: number): number {
    let pairs = 0;
    for (let p = bits; p <= MOST_BITS; p++) pairs += this.#counts[(tables - 1) * (MOST_BITS + 1) + p];
    return this.#pairs === 0 ? 0 : pairs / this.#pairs;
  }
}
