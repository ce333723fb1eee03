/** What some number of tables and of probes per table reach on a trial. */
export interface Reached {
  readonly tables: number;
  /** Buckets per table. */
  readonly probes: number;
  /** Mean share of the true neighbours in the buckets read, and the standard error of that mean. */
  readonly recall: number;
  readonly error: number;
  /** Mean of the different vectors in the buckets read, and its standard error. */
  readonly candidates: number;
  readonly candidatesError: number;
}

/**
 * Follows the buckets that queries read, most promising first, and knows in the end what every number of tables and of probes would have read: from one
 * pass, as MRPT tunes itself (Jääsaari et al. 2019, section 3). It relies on two laws: the tables of fewer are the first of the tables of more, and a query's
 * probes in fewer tables are its probes in more, without those of the others, in the same order. So a vector counts for T tables from the first probe on that
 * reads it in one of the first T, at that probe's place among those.
 */
export class HashLedger {
  readonly #tables: number;
  /** Fewest tables that are counted. */
  readonly #fewest: number;
  readonly #most: number;
  /** For each row the lowest table in which it was read; `tables` where in none. */
  readonly #lowest: Uint32Array;
  readonly #good: Uint8Array;
  /** For each number of tables the probes so far. */
  readonly #ranks: Uint32Array;
  /** Vectors first read at (tables, probes), and true neighbours among them: cell (T − 1)·most + P − 1. */
  readonly #fresh: Uint32Array;
  readonly #hits: Uint32Array;
  /** Sums over queries, and of squares, by cell. */
  readonly #recall: Float64Array;
  readonly #recallSquares: Float64Array;
  readonly #read: Float64Array;
  readonly #readSquares: Float64Array;
  /** For each number of tables the most probes that all queries had. */
  readonly #reach: Uint32Array;
  #queries = 0;
  #wanted = 0;
  #near: Uint32Array = new Uint32Array(0);

  /** For `rows` rows in `tables` tables, with at most `most` probes a table. Where `prefixes` is false, only all tables together are counted. */
  constructor(rows: number, tables: number, most: number, prefixes: boolean) {
    this.#tables = tables;
    this.#fewest = prefixes ? 1 : tables;
    this.#most = most;
    this.#lowest = new Uint32Array(rows);
    this.#good = new Uint8Array(rows);
    this.#ranks = new Uint32Array(tables + 1);
    const cells = tables * most;
    this.#fresh = new Uint32Array(cells);
    this.#hits = new Uint32Array(cells);
    this.#recall = new Float64Array(cells);
    this.#recallSquares = new Float64Array(cells);
    this.#read = new Float64Array(cells);
    this.#readSquares = new Float64Array(cells);
    this.#reach = new Uint32Array(tables + 1).fill(most);
  }

  /** Begins a query with `wanted` neighbours, any of the rows `near`. The row `leaveOut`, if it is not −1, counts as read. */
  begin(near: Uint32Array, wanted: number, leaveOut: number): void {
    for (const row of this.#near) this.#good[row] = 0;
    for (const row of near) this.#good[row] = 1;
    this.#near = near;
    this.#wanted = wanted;
    this.#lowest.fill(this.#tables);
    if (leaveOut >= 0) this.#lowest[leaveOut] = 0;
    this.#ranks.fill(0);
    this.#fresh.fill(0);
    this.#hits.fill(0);
  }

  /** The next probe, in table `table`, reads the first `count` of `rows`. */
  read(table: number, rows: Uint32Array, count: number): void {
    for (let tables = table + 1; tables <= this.#tables; tables++) this.#ranks[tables]++;
    for (let i = 0; i < count; i++) if (table < this.#lowest[rows[i]]) this.#count(table, rows[i]);
  }

  /** Ends a query; `exhausted` where there was nothing left to probe. */
  end(exhausted: boolean): void {
    this.#queries++;
    for (let tables = this.#fewest; tables <= this.#tables; tables++) {
      if (!exhausted) this.#reach[tables] = Math.min(this.#reach[tables], Math.floor(this.#ranks[tables] / tables));
      let [read, hits] = [0, 0];
      for (let cell = (tables - 1) * this.#most; cell < tables * this.#most; cell++) {
        read += this.#fresh[cell];
        hits += this.#hits[cell];
        const recall = Math.min(1, hits / this.#wanted);
        this.#recall[cell] += recall;
        this.#recallSquares[cell] += recall * recall;
        this.#read[cell] += read;
        this.#readSquares[cell] += read * read;
      }
    }
  }

  /** What each number of tables and probes reached, for the numbers of probes that every query had. */
  *reached(): Generator<Reached> {
    for (let tables = this.#fewest; tables <= this.#tables; tables++) {
      for (let probes = 1; probes <= this.#reach[tables]; probes++) {
        const cell = (tables - 1) * this.#most + probes - 1;
        const [recall, error] = meanOf(this.#recall[cell], this.#recallSquares[cell], this.#queries);
        const [candidates, candidatesError] = meanOf(this.#read[cell], this.#readSquares[cell], this.#queries);
        yield { tables, probes, recall, error, candidates, candidatesError };
      }
    }
  }

  /** Counts a row for the numbers of tables for which it is new: those that have this table and none of the lower ones in which it was read. */
  #count(table: number, row: number): void {
    const before = this.#lowest[row];
    this.#lowest[row] = table;
    for (let tables = Math.max(table + 1, this.#fewest); tables <= before; tables++) {
      const probes = Math.ceil(this.#ranks[tables] / tables);
      if (probes > this.#most) continue;
      const cell = (tables - 1) * this.#most + probes - 1;
      this.#fresh[cell]++;
      this.#hits[cell] += this.#good[row];
    }
  }
}

function meanOf(sum: number, squares: number, count: number): [mean: number, error: number] {
  const mean = sum / count;
  return [mean, Math.sqrt(Math.max(0, squares / count - mean * mean) / count)];
}
