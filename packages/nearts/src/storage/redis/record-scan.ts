import { Estimate } from "../../core/codes.js";
import type { Candidates, Probes } from "../../core/columns.js";
import type { Estimation, RowSet } from "../../core/contracts.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { planBytes, type Region, type ScanMemory } from "../postings/code-memory.js";
import { CodeScan, checkScan } from "../postings/code-scan.js";
import { ScanJobs } from "../postings/scan-jobs.js";
import { deadRow, type RecordLayout } from "./records.js";
import { SeenRows } from "./seen-rows.js";

/** The records of one bucket of one shard, as they were received, and the probe that asked for them. */
export interface Received {
  readonly probe: number;
  readonly bytes: Buffer;
}

/** What a scan of received records goes by. */
export interface RecordPlan {
  readonly unique: boolean;
  /** Whether rows can come more than once. */
  readonly repeats: boolean;
  readonly estimation: Estimation;
  readonly allowed: RowSet | undefined;
  /** Seconds of the server's clock: records with an end at or before it are over. 0 where none has an end. */
  readonly now: number;
}

/** How many records there are before the room that shrinking buckets leave. */
export function recordCount(bytes: Buffer, width: number): number {
  let count = Math.floor(bytes.length / width);
  while (count > 0 && bytes.readUInt32LE((count - 1) * width) === deadRow) count--;
  return count;
}

/** Reads received records by their codes, with the kernel that reads small buckets in memory. */
export class RecordScan {
  readonly #layout: RecordLayout;
  readonly #memory: RecordMemory;
  readonly #records: Region;
  readonly #scan: CodeScan;
  readonly #jobs = new ScanJobs();
  readonly #estimate: Estimate;
  readonly #seen = new SeenRows();

  constructor(layout: RecordLayout) {
    this.#layout = layout;
    this.#memory = new RecordMemory(layout.scannedGroups);
    this.#records = this.#memory.region();
    this.#scan = new CodeScan(this.#memory);
    this.#estimate = new Estimate(layout.scannedGroups);
  }

  /** Appends the rows that may be among the nearest, with lower bounds. E_CONFIG or E_BAD_OPTION where estimate or plan do not fit. */
  run(received: readonly Received[], probes: Probes, estimate: Estimate, plan: RecordPlan, out: Candidates): void {
    checkScan(this.#layout.groups, estimate, plan.estimation, probes);
    const renumbered = plan.unique && plan.repeats;
    this.#copy(received, estimate);
    if (plan.now > 0) this.#dropEnded(plan.now);
    if (renumbered) this.#renumber();
    const first = out.count;
    // Beyond the code's own groups the table is 0: there the record has its end.
    this.#estimate.table.set(estimate.table.subarray(0, this.#layout.groups * 16));
    this.#estimate.step = estimate.step;
    this.#estimate.bias = estimate.bias;
    this.#estimate.rounding = estimate.rounding;
    const estimation = { ...plan.estimation, stop: null };
    this.#scan.run(this.#jobs, this.#estimate, estimation, renumbered ? undefined : plan.allowed, renumbered ? this.#seen.count : 0, out);
    if (renumbered) for (let i = first; i < out.count; i++) out.rows[i] = this.#seen.at(out.rows[i]);
    if (plan.now > 0) dropInfinite(out, first);
  }

  /** Lays the records one after the other into the arena, a job for each bucket. */
  #copy(received: readonly Received[], { centres, spreads }: Estimate): void {
    const width = this.#layout.bytes;
    this.#jobs.clear();
    const counts = received.map(({ bytes }) => recordCount(bytes, width));
    this.#records.fit(counts.reduce((sum, count) => sum + count, 0) * width + 64);
    const { u8 } = this.#memory.arena.views();
    let at = this.#records.at;
    received.forEach(({ probe, bytes }, i) => {
      if (counts[i] === 0) return;
      u8.set(bytes.subarray(0, counts[i] * width), at);
      this.#jobs.add(at, counts[i], centres[probe], spreads[probe], Number.NEGATIVE_INFINITY, 1);
      at += counts[i] * width;
    });
  }

  /** Makes records that are over as far away as can be. */
  #dropEnded(now: number): void {
    const { u32, f32 } = this.#memory.arena.views();
    const words = this.#layout.bytes / 4;
    const from = this.#records.at / 4;
    for (let e = 0, at = from; e < this.#jobs.entries; e++, at += words) {
      const end = u32[at + words - 1];
      if (end > 0 && end <= now) f32[at + 1] = Number.POSITIVE_INFINITY;
    }
  }

  /** Numbers rows by their first appearance, so that a stamp for each tells repeats. */
  #renumber(): void {
    const { u32 } = this.#memory.arena.views();
    const words = this.#layout.bytes / 4;
    this.#seen.clear();
    for (let e = 0, at = this.#records.at / 4; e < this.#jobs.entries; e++, at += words) u32[at] = this.#seen.number(u32[at]);
  }
}

function dropInfinite(out: Candidates, from: number): void {
  let kept = from;
  for (let i = from; i < out.count; i++) {
    if (out.lower[i] === Number.POSITIVE_INFINITY) continue;
    out.lower[kept] = out.lower[i];
    out.rows[kept++] = out.rows[i];
  }
  out.count = kept;
}

/** An arena of regions, each of which moves to the end when it grows: a query's scratch, used again by the next. */
class RecordMemory implements ScanMemory {
  readonly arena: Arena = createArena();
  readonly groups: number;
  readonly plan = 64;
  #used: number = 64 + planBytes;

  constructor(groups: number) {
    this.groups = groups;
  }

  region(): Region {
    const region = {
      at: 0,
      bytes: 0,
      fit: (bytes: number) => {
        if (region.at !== 0 && bytes <= region.bytes) return false;
        // By doubling, so that what is left behind is no more than what is in use.
        region.bytes = Math.ceil(Math.max(bytes, region.bytes * 2, 1024) / 16) * 16;
        this.arena.ensure(this.#used + region.bytes);
        region.at = this.#used;
        this.#used += region.bytes;
        return true;
      },
    };
    return region;
  }
}
