import { NearError } from "../../core/errors.js";
import { type Arena, scanJob } from "../../kernels/contract.js";
import { planBytes, type Region, type ScanMemory } from "./code-memory.js";
import type { KeyTable } from "./key-table.js";
import { ScanJobs } from "./scan-jobs.js";

/** The buckets of one table, in the order of their numbers. */
export interface SharedBuckets {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
  readonly lengths: Uint32Array;
  /** The runs of bucket b are those from `first[b]` to `first[b + 1]` − 1. */
  readonly first: Uint32Array;
  /** Of each run: byte offset, entries, and 0 for blocks or 1 for records. */
  readonly runs: Uint32Array;
}

/** Buckets with codes as other threads read them: valid until the next write. The memory is shared, so that this can be posted to a worker as it is. */
export interface SharedCodes {
  readonly memory: WebAssembly.Memory;
  readonly groups: number;
  /** Row numbers are below it. */
  readonly rows: number;
  /** Whether a row can be in several buckets of a table. */
  readonly manyKeys: boolean;
  /** Most probes a table of a scan, and most neighbours that it may look for. */
  readonly probes: number;
  readonly nearest: number;
  readonly tables: readonly SharedBuckets[];
  /** Scratch of threads 1, 2, … */
  readonly scratch: readonly { readonly at: number; readonly bytes: number }[];
}

/** A copy of where the entries of a table are; `list` adds the jobs of a bucket. */
export function sharedBuckets(keys: KeyTable, list: (bucket: number, jobs: ScanJobs) => void): SharedBuckets {
  const { count } = keys;
  const jobs = new ScanJobs();
  const first = new Uint32Array(count + 1);
  for (let bucket = 0; bucket < count; bucket++) {
    list(bucket, jobs);
    first[bucket + 1] = jobs.count;
  }
  const all = new Uint32Array((jobs.count * scanJob.bytes) / 4);
  jobs.copyTo(all, 0);
  const runs = new Uint32Array(jobs.count * 3);
  for (let run = 0; run < jobs.count; run++) {
    const at = (run * scanJob.bytes) / 4;
    runs[run * 3] = all[at + scanJob.entries / 4];
    runs[run * 3 + 1] = all[at + scanJob.count / 4];
    runs[run * 3 + 2] = all[at + scanJob.kind / 4];
  }
  return { hi: keys.hi.slice(0, count), lo: keys.lo.slice(0, count), lengths: keys.lengths.slice(0, count), first, runs };
}

/** Scratch that a thread needs so that no scan by `probes` probes a table, each of one bucket, for `nearest` neighbours needs more. */
export function threadScratchBytes(scans: {
  readonly groups: number;
  readonly tables: readonly SharedBuckets[];
  readonly probes: number;
  readonly nearest: number;
  readonly rows: number;
}): number {
  const { jobs, entries } = mostRead(scans.tables, scans.probes);
  const regions = [scans.groups * 16, scans.nearest * 4, jobs * scanJob.bytes, entries * 8, scans.rows * 4];
  return regions.reduce((sum, bytes) => sum + aligned(bytes), planBytes);
}

/** Most jobs and entries that `probes` probes of one bucket each can read in every table. */
export function mostRead(tables: readonly SharedBuckets[], probes: number): { jobs: number; entries: number } {
  let [jobs, entries] = [0, 0];
  for (const { lengths, first } of tables) {
    const runs = lengths.map((_, bucket) => first[bucket + 1] - first[bucket]);
    jobs += sumOfLargest(runs, probes);
    entries += sumOfLargest(lengths, probes);
  }
  return { jobs, entries };
}

/** The scratch of one thread in an arena whose entries are those of all threads. */
export class ThreadScratch implements ScanMemory {
  readonly arena: Arena;
  readonly groups: number;
  readonly plan: number;
  #next: number;
  readonly #end: number;

  constructor(arena: Arena, groups: number, { at, bytes }: { readonly at: number; readonly bytes: number }) {
    this.arena = arena;
    this.groups = groups;
    this.plan = at;
    this.#next = at + planBytes;
    this.#end = at + bytes;
  }

  region(): Region {
    return new ThreadRegion((bytes) => this.#take(bytes));
  }

  #take(bytes: number): number {
    const at = this.#next;
    if (at + aligned(bytes) > this.#end) {
      const message = `a scan needs ${bytes} more bytes of scratch and its thread has ${this.#end - at}: use one thread for this query`;
      throw new NearError("E_MEMORY", message, { bytes, left: this.#end - at });
    }
    this.#next += aligned(bytes);
    return at;
  }
}

/** A region that takes what is next of its thread's scratch, and never gives it back. */
class ThreadRegion implements Region {
  at = 0;
  bytes = 0;
  readonly #take: (bytes: number) => number;

  constructor(take: (bytes: number) => number) {
    this.#take = take;
  }

  fit(bytes: number): boolean {
    if (this.at !== 0 && bytes <= this.bytes) return false;
    this.at = this.#take(bytes);
    this.bytes = aligned(bytes);
    return true;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function sumOfLargest(values: Uint32Array, count: number): number {
  const sorted = values.slice().sort();
  let sum = 0;
  for (let i = Math.max(0, sorted.length - count); i < sorted.length; i++) sum += sorted[i];
  return sum;
}
