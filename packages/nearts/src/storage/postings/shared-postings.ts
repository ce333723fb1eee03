import type { Estimate } from "../../core/codes.js";
import type { Candidates, Probes } from "../../core/columns.js";
import type { KeyDirectory } from "../../core/contracts.js";
import { createArenaOver } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { probedIn } from "./buckets.js";
import { type CodePlan, CodeReader, type ReadableBuckets } from "./code-reader.js";
import { KeyTable } from "./key-table.js";
import type { ScanJobs } from "./scan-jobs.js";
import { mostRead, type SharedBuckets, type SharedCodes, ThreadScratch } from "./shared-codes.js";

/** Buckets with codes that another thread keeps, to be read and never written. */
export class SharedPostings implements KeyDirectory, ReadableBuckets {
  readonly epoch = 0;
  readonly #tables: readonly SharedBuckets[];
  readonly #keys: readonly KeyTable[];
  readonly #reader: CodeReader;
  readonly #rows: number;
  readonly #manyKeys: boolean;
  readonly #one: Uint32Array = new Uint32Array(1);

  /** To be read by number `thread`, from 1, as number 0 keeps them; only one of that number may read at a time. `arena` is over the memory of `codes`. */
  constructor(codes: SharedCodes, thread: number, arena: Arena = createArenaOver(codes.memory)) {
    this.#tables = codes.tables;
    this.#rows = codes.rows;
    this.#manyKeys = codes.manyKeys;
    this.#keys = codes.tables.map(keyTableOf);
    this.#reader = new CodeReader(this, new ThreadScratch(arena, codes.groups, codes.scratch[thread - 1]));
    const { jobs, entries } = mostRead(codes.tables, codes.probes);
    this.#reader.reserve(jobs, entries, codes.nearest);
  }

  /** As `CodedPostings.scanByCodes`. */
  scanByCodes(probes: Probes, hash: number, estimate: Estimate, plan: CodePlan, out: Candidates): void {
    this.#reader.read(probes, hash, estimate, plan, this.#rows, this.#manyKeys, out);
  }

  probed(probes: Probes, p: number): Uint32Array {
    return probedIn(this.#keys[probes.tables[p]], probes, p, this.#one);
  }

  addJobs(table: number, bucket: number, jobs: ScanJobs, centre: number, spread: number, order: number): void {
    const { first, runs } = this.#tables[table];
    for (let run = first[bucket]; run < first[bucket + 1]; run++) {
      const at = run * 3;
      jobs.add(
        runs[at],
        runs[at + 1],
        centre,
        spread,
        run === first[bucket] ? order : Number.NEGATIVE_INFINITY,
        runs[at + 2] === 0 ? 0 : 1,
      );
    }
  }

  size(table: number): number {
    return this.#keys[table].count;
  }

  keyHi(table: number, i: number): number {
    return this.#keys[table].hi[i];
  }

  keyLo(table: number, i: number): number {
    return this.#keys[table].lo[i];
  }

  countAt(table: number, i: number): number {
    return this.#keys[table].lengths[i];
  }

  find(table: number, hi: number, lo: number): number {
    return this.#keys[table].find(hi, lo);
  }

  sorted(table: number): Uint32Array {
    return this.#keys[table].sorted();
  }
}

/** A table that gives the keys the same numbers. */
function keyTableOf({ hi, lo, lengths }: SharedBuckets): KeyTable {
  const table = new KeyTable();
  for (let bucket = 0; bucket < hi.length; bucket++) {
    table.findOrAdd(hi[bucket], lo[bucket]);
    table.lengths[bucket] = lengths[bucket];
  }
  return table;
}
