import type { Estimate } from "../../core/codes.js";
import type { Candidates, Probes } from "../../core/columns.js";
import type { Estimation, RowSet } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { scanJob, scanPlan } from "../../kernels/contract.js";
import type { Region, ScanMemory } from "./code-memory.js";
import type { ScanJobs } from "./scan-jobs.js";

/** What a scan needs in the arena beside the entries: table, heap, jobs, found columns, allowed rows and stamps. */
export class CodeScan {
  readonly #memory: ScanMemory;
  readonly #table: Region;
  readonly #heap: Region;
  readonly #jobs: Region;
  readonly #found: Region;
  readonly #allowed: Region;
  readonly #stamps: Region;
  /** What is in the arena of the set of rows last used. */
  #words: Uint32Array | null = null;
  #wordsCount = -1;
  #stamp = 0;

  constructor(memory: ScanMemory) {
    this.#memory = memory;
    this.#table = memory.region();
    this.#heap = memory.region();
    this.#jobs = memory.region();
    this.#found = memory.region();
    this.#allowed = memory.region();
    this.#stamps = memory.region();
  }

  /** Makes room for scans of so many jobs and entries that look for so many neighbours, so that none of these needs more. */
  reserve(jobs: number, entries: number, nearest: number): void {
    const { groups } = this.#memory;
    this.#table.fit(groups * 16);
    this.#heap.fit(nearest * 4);
    this.#jobs.fit(jobs * scanJob.bytes);
    this.#found.fit(entries * 8);
  }

  /** Scans the jobs and appends what is found to `out`, with lower bounds. Each row once where rows below `stampedRows` can come twice; 0 where none can. */
  run(jobs: ScanJobs, estimate: Estimate, estimation: Estimation, allowed: RowSet | undefined, stampedRows: number, out: Candidates): void {
    const { arena, plan } = this.#memory;
    this.reserve(jobs.count, jobs.entries, estimation.nearest);
    if (allowed !== undefined) this.#allow(allowed);
    if (stampedRows > 0) this.#freshStamp(stampedRows);
    // From here on nothing grows.
    const { u8, u32, f32 } = arena.views();
    const at = plan >>> 2;
    const { table } = estimate;
    const bytes = this.#memory.groups * 16;
    u8.set(table.length === bytes ? table : table.subarray(0, bytes), this.#table.at);
    jobs.copyTo(u32, this.#jobs.at >>> 2);
    u32[at + scanPlan.table8 / 4] = this.#table.at;
    u32[at + scanPlan.groups / 4] = this.#memory.groups;
    f32[at + scanPlan.step / 4] = estimate.step;
    f32[at + scanPlan.bias / 4] = estimate.bias;
    f32[at + scanPlan.deviations / 4] = estimation.deviations;
    const slack = Math.fround(estimation.deviations * estimate.rounding);
    f32[at + scanPlan.slack / 4] = slack;
    u32[at + scanPlan.nearest / 4] = estimation.nearest;
    f32[at + scanPlan.within / 4] = estimation.within;
    f32[at + scanPlan.stopFactor / 4] = estimation.stop?.factor ?? 0;
    f32[at + scanPlan.stopOffset / 4] = estimation.stop?.offset ?? 0;
    u32[at + scanPlan.stops / 4] = estimation.stop === null ? 0 : 1;
    u32[at + scanPlan.heap / 4] = this.#heap.at;
    u32[at + scanPlan.allowed / 4] = allowed === undefined ? 0 : this.#allowed.at;
    u32[at + scanPlan.allowedRows / 4] = allowed === undefined ? 0 : Math.min(allowed.words.length * 32, 0xffffffff);
    u32[at + scanPlan.stamps / 4] = stampedRows === 0 ? 0 : this.#stamps.at;
    u32[at + scanPlan.stamp / 4] = this.#stamp;
    u32[at + scanPlan.foundCapacity / 4] = jobs.entries;
    const found = arena.kernels.scan(plan, this.#jobs.at, jobs.count, this.#found.at) >>> 0;
    out.raw += u32[at + scanPlan.entriesScanned / 4];
    const done = u32[at + scanPlan.jobsDone / 4];
    out.probed += done;
    if (done < jobs.count) out.stopped = true;
    this.#append(found, jobs.entries, slack, estimation.toRank, out);
  }

  /** Writes T as it was before each probe of `hash`, whose first jobs are numbered in `firstJobs`, as the last run left it. */
  trace(probes: Probes, hash: number, firstJobs: Uint32Array, jobCount: number, trace: Float32Array): void {
    const { u32, f32 } = this.#memory.arena.views();
    const at = this.#memory.plan >>> 2;
    // A job at which the scan stopped was still told T; those after it were not, and T is what it was in the end.
    const told = Math.min(u32[at + scanPlan.jobsDone / 4] + 1, jobCount);
    for (let p = 0; p < probes.count; p++) {
      if (probes.hashes[p] !== hash) continue;
      const job = firstJobs[p];
      trace[p] = f32[job < told ? (this.#jobs.at + job * scanJob.bytes + scanJob.kind) >>> 2 : at + scanPlan.threshold / 4];
    }
  }

  /** Appends what was found, in columns of room for `capacity`, with lower bounds as ranks. */
  #append(found: number, capacity: number, slack: number, { scale, offset }: Estimation["toRank"], out: Candidates): void {
    const { u32, f32 } = this.#memory.arena.views();
    const first = this.#found.at >>> 2;
    out.reserve(found);
    const before = out.bounded;
    out.bound();
    // What came without codes before has no bound.
    if (!before) out.lower.fill(Number.NEGATIVE_INFINITY, 0, out.count);
    const { rows, lower, count } = out;
    // In a loop: so few are copied sooner than views of them are made.
    for (let i = 0; i < found; i++) {
      rows[count + i] = u32[first + i];
      lower[count + i] = scale * (f32[first + capacity + i] - slack) + offset;
    }
    out.count = count + found;
  }

  #allow({ words, count }: RowSet): void {
    const moved = this.#allowed.fit(words.byteLength);
    if (!moved && this.#words === words && this.#wordsCount === count) return;
    this.#memory.arena.views().u32.set(words, this.#allowed.at >>> 2);
    this.#words = words;
    this.#wordsCount = count;
  }

  #freshStamp(rows: number): void {
    const moved = this.#stamps.fit(rows * 4);
    if (moved || this.#stamp === 0xffffffff) {
      this.#memory.arena.views().u8.fill(0, this.#stamps.at, this.#stamps.at + this.#stamps.bytes);
      this.#stamp = 0;
    }
    this.#stamp++;
  }
}

/** Checks what a scan is asked for against what it was given; E_CONFIG and E_BAD_OPTION say what does not fit. */
export function checkScan(groups: number, estimate: Estimate, { nearest, deviations, within, trace }: Estimation, probes: Probes): void {
  if (estimate.table.length < groups * 16) {
    const message = `the estimate has a table of ${estimate.table.length} entries and codes of ${groups} groups need ${groups * 16}: estimate with the sketch that made the codes`;
    throw new NearError("E_CONFIG", message, { entries: estimate.table.length, groups });
  }
  const places = Math.min(estimate.centres.length, estimate.spreads.length, estimate.orders.length, trace?.length ?? probes.count);
  if (places < probes.count) {
    const message = `the estimate or its trace has room for ${places} probes of ${probes.count}: reserve it for all probes`;
    throw new NearError("E_CONFIG", message, { places, probes: probes.count });
  }
  if (!(Number.isInteger(nearest) && nearest >= 0 && nearest < 2 ** 28)) {
    throw new NearError("E_BAD_OPTION", `nearest is ${nearest}; it must be an integer from 0 to ${2 ** 28 - 1}`, { nearest });
  }
  if (!(deviations >= 0 && deviations < Number.POSITIVE_INFINITY)) {
    throw new NearError("E_BAD_OPTION", `deviations is ${deviations}; it must be a number of at least 0`, { deviations });
  }
  if (Number.isNaN(within)) throw new NearError("E_BAD_OPTION", "within is NaN; it must be a number, +∞ for no limit", { within });
}
