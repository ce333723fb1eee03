import type { Estimate } from "../../core/codes.js";
import type { Candidates, Probes } from "../../core/columns.js";
import type { Estimation, ScanPlan } from "../../core/contracts.js";
import type { ScanMemory } from "./code-memory.js";
import { CodeScan, checkScan } from "./code-scan.js";
import { ScanJobs } from "./scan-jobs.js";

/** Buckets whose entries can be listed as jobs of a scan. */
export interface ReadableBuckets {
  /** Number of the bucket with this key, or −1. */
  find(table: number, hi: number, lo: number): number;
  /** Numbers of the buckets that probe `p` reads, in the order of reading: borrowed until the next call or write. */
  probed(probes: Probes, p: number): Uint32Array;
  /** Adds jobs for the entries of a bucket, all but the first with an order of −∞, as a bucket is read whole. */
  addJobs(table: number, bucket: number, jobs: ScanJobs, centre: number, spread: number, order: number): void;
}

/** A scan's plan where there are estimates. */
export type CodePlan = Pick<ScanPlan, "unique" | "allowed"> & { readonly estimation: Estimation };

/** Reads the buckets of one hash by their codes, in scratch of its own. */
export class CodeReader {
  readonly #groups: number;
  readonly #buckets: ReadableBuckets;
  readonly #jobs: ScanJobs = new ScanJobs();
  #scan: CodeScan;
  #firstJobs: Uint32Array = new Uint32Array(16);

  constructor(buckets: ReadableBuckets, memory: ScanMemory) {
    this.#groups = memory.groups;
    this.#buckets = buckets;
    this.#scan = new CodeScan(memory);
  }

  get bytes(): number {
    return this.#jobs.bytes + this.#firstJobs.byteLength;
  }

  /** Reads other memory from now on. */
  use(memory: ScanMemory): void {
    this.#scan = new CodeScan(memory);
  }

  /** As {@link CodeScan.reserve}. */
  reserve(jobs: number, entries: number, nearest: number): void {
    this.#scan.reserve(jobs, entries, nearest);
  }

  /**
   * Appends the rows under the probes of hash number `hash` that may be among the nearest by their codes, with lower bounds. Row numbers are below `rows`.
   * E_CONFIG or E_BAD_OPTION where estimate or plan do not fit.
   */
  read(probes: Probes, hash: number, estimate: Estimate, plan: CodePlan, rows: number, manyKeys: boolean, out: Candidates): void {
    const { unique, estimation, allowed } = plan;
    checkScan(this.#groups, estimate, estimation, probes);
    const ranges = this.#makeJobs(probes, hash, estimate);
    // Exact probes are of different buckets, so that a row with one key comes once.
    const repeats = unique && (ranges || manyKeys);
    this.#scan.run(this.#jobs, estimate, estimation, allowed, repeats ? rows : 0, out);
    if (estimation.trace !== undefined) this.#scan.trace(probes, hash, this.#firstJobs, this.#jobs.count, estimation.trace);
  }

  /** Lists what the probes of a hash read; says whether one of them reads more than one bucket. Only the first job of a probe can stop a scan. */
  #makeJobs(probes: Probes, hash: number, { centres, spreads, orders }: Estimate): boolean {
    const jobs = this.#jobs;
    jobs.clear();
    if (this.#firstJobs.length < probes.count) this.#firstJobs = new Uint32Array(probes.count * 2);
    let ranges = false;
    const { hashes, tables, hi, lo, prefixBits, count } = probes;
    for (let p = 0; p < count; p++) {
      const first = jobs.count;
      this.#firstJobs[p] = first;
      if (hashes[p] !== hash) continue;
      if (prefixBits[p] >= 64) {
        const bucket = this.#buckets.find(tables[p], hi[p], lo[p]);
        if (bucket >= 0) this.#buckets.addJobs(tables[p], bucket, jobs, centres[p], spreads[p], orders[p]);
        continue;
      }
      ranges = true;
      const buckets = this.#buckets.probed(probes, p);
      for (let i = 0; i < buckets.length; i++) {
        const order = jobs.count === first ? orders[p] : Number.NEGATIVE_INFINITY;
        this.#buckets.addJobs(tables[p], buckets[i], jobs, centres[p], spreads[p], order);
      }
    }
    return ranges;
  }
}
