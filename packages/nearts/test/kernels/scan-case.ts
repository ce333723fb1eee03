import { Random } from "../../src/core/random.js";
import { type Arena, scanJob, scanPlan } from "../../src/kernels/contract.js";

/** What a scan is made of: rows are drawn from a small range, so that they repeat. */
export interface ScanCase {
  readonly seed: number;
  readonly groups: number;
  /** Entries of each job; records where negative. */
  readonly jobs: readonly number[];
  readonly rows?: number;
  readonly nearest?: number;
  readonly within?: number;
  readonly deviations?: number;
  /** Scanning stops by this rule when given. */
  readonly stop?: { readonly factor: number; readonly offset: number };
  /** Share of the rows that are allowed; all without a bitmap when not given. */
  readonly allowed?: number;
  readonly unique?: boolean;
}

/** An entry as it was written, for those who estimate it anew. */
export interface Entry {
  readonly job: number;
  readonly row: number;
  readonly add: number;
  readonly scale: number;
  readonly error: number;
  readonly nibbles: readonly number[];
}

export interface Laid {
  readonly plan: number;
  readonly jobs: number;
  readonly jobCount: number;
  readonly found: number;
  readonly capacity: number;
  readonly bytes: number;
  readonly entries: readonly Entry[];
  readonly table: Uint8Array;
  readonly isAllowed: (row: number) => boolean;
}

const stampValue = 77;
const align = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** Writes plan, table, jobs and entries of a case into an arena, the same bytes for the same case. */
export function lay(arena: Arena, scan: ScanCase): Laid {
  const random = new Random(scan.seed);
  const { groups, rows = 500, nearest = 10 } = scan;
  const recordBytes = Math.ceil(groups / 8) * 4 + 16;
  const blockBytes = groups * 16 + 512;
  const capacity = scan.jobs.reduce((sum, count) => sum + Math.abs(count), 0);
  const plan = 16;
  const table8 = plan + align(scanPlan.bytes);
  const heap = table8 + groups * 16;
  const allowed = heap + align(nearest * 4);
  const allowedRows = Math.ceil(rows * 0.9);
  const stamps = allowed + align(Math.ceil(rows / 32) * 4);
  const jobs = stamps + align(rows * 4);
  const found = jobs + align(scan.jobs.length * scanJob.bytes);
  let next = found + align(capacity * 8);
  const starts = scan.jobs.map((count) => {
    const start = next;
    next += align(count < 0 ? -count * recordBytes : Math.ceil(count / 32) * blockBytes) + 16;
    return start;
  });
  arena.ensure(next);
  const { u8, u32, f32 } = arena.views();
  u8.fill(0, 0, next);

  const levels = Math.min(255, Math.floor(65_535 / groups));
  for (let e = 0; e < groups * 16; e++) u8[table8 + e] = random.below(levels + 1);
  const word = (offset: number, given: number) => {
    u32[(plan + offset) >>> 2] = given;
  };
  const value = (offset: number, given: number) => {
    f32[(plan + offset) >>> 2] = given;
  };
  word(scanPlan.table8, table8);
  word(scanPlan.groups, groups);
  value(scanPlan.step, 1 / (levels * Math.sqrt(groups)));
  value(scanPlan.bias, -0.3);
  value(scanPlan.deviations, scan.deviations ?? 1.9);
  word(scanPlan.nearest, nearest);
  value(scanPlan.within, scan.within ?? Number.POSITIVE_INFINITY);
  value(scanPlan.stopFactor, scan.stop?.factor ?? 0);
  value(scanPlan.stopOffset, scan.stop?.offset ?? 0);
  word(scanPlan.stops, scan.stop === undefined ? 0 : 1);
  word(scanPlan.heap, heap);
  word(scanPlan.allowed, scan.allowed === undefined ? 0 : allowed);
  word(scanPlan.allowedRows, allowedRows);
  word(scanPlan.stamps, scan.unique ? stamps : 0);
  word(scanPlan.stamp, stampValue);
  word(scanPlan.foundCapacity, capacity);
  for (let row = 0; row < rows; row++) {
    if (random.uniform() < (scan.allowed ?? 1)) u32[(allowed >>> 2) + (row >>> 5)] |= 1 << (row & 31);
    u32[(stamps >>> 2) + row] = random.below(stampValue);
  }
  const bits = u32.slice(allowed >>> 2, (allowed >>> 2) + Math.ceil(rows / 32));

  const entries: Entry[] = [];
  scan.jobs.forEach((signed, job) => {
    const at = (jobs + job * scanJob.bytes) >>> 2;
    u32[at + (scanJob.entries >>> 2)] = starts[job];
    u32[at + (scanJob.count >>> 2)] = Math.abs(signed);
    f32[at + (scanJob.centre >>> 2)] = random.uniform() + job * 0.1;
    f32[at + (scanJob.spread >>> 2)] = 0.2 * random.uniform();
    f32[at + (scanJob.order >>> 2)] = job * 0.1;
    u32[at + (scanJob.kind >>> 2)] = signed < 0 ? 1 : 0;
    // What lies in the rest of a last block must not matter: it is filled with entries that would be found.
    const laidOut = signed < 0 ? -signed : Math.ceil(signed / 32) * 32;
    for (let e = 0; e < laidOut; e++) {
      const counts = e < Math.abs(signed);
      const nibbles = Array.from({ length: groups }, () => random.below(16));
      const entry = {
        job,
        row: random.below(rows),
        add: counts ? random.uniform() : -1000,
        scale: random.uniform(),
        error: random.uniform(),
        nibbles,
      };
      if (counts) entries.push(entry);
      if (signed < 0) writeRecord(arena, starts[job] + e * recordBytes, entry);
      else writeEntry(arena, starts[job] + (e >>> 5) * blockBytes, e & 31, entry);
    }
  });
  const isAllowed = (row: number) => scan.allowed === undefined || (row < allowedRows && ((bits[row >>> 5] >>> (row & 31)) & 1) === 1);
  return {
    plan,
    jobs,
    jobCount: scan.jobs.length,
    found,
    capacity,
    bytes: next,
    entries,
    table: u8.slice(table8, table8 + groups * 16),
    isAllowed,
  };
}

function writeRecord(arena: Arena, at: number, { row, add, scale, error, nibbles }: Entry): void {
  const { u8, u32, f32 } = arena.views();
  u32[at >>> 2] = row;
  f32.set([add, scale, error], (at >>> 2) + 1);
  nibbles.forEach((nibble, g) => {
    u8[at + 16 + (g >>> 1)] |= nibble << ((g & 1) * 4);
  });
}

function writeEntry(arena: Arena, block: number, e: number, { row, add, scale, error, nibbles }: Entry): void {
  const { u8, u32, f32 } = arena.views();
  nibbles.forEach((nibble, g) => {
    u8[block + g * 16 + (e & 15)] |= e < 16 ? nibble : nibble << 4;
  });
  const factors = ((block + nibbles.length * 16) >>> 2) + e;
  f32[factors] = add;
  f32[factors + 32] = scale;
  f32[factors + 64] = error;
  u32[factors + 96] = row;
}

/** All that a scan leaves behind, as bits. */
export function outcome(arena: Arena, laid: Laid, count: number): { [name: string]: number | number[] } {
  const { u32 } = arena.views();
  const column = (at: number, length: number) => Array.from(u32.subarray(at >>> 2, (at >>> 2) + length));
  return {
    count,
    rows: column(laid.found, count),
    lower: column(laid.found + laid.capacity * 4, count),
    written: column(laid.plan + scanPlan.jobsDone, 3),
    traces: Array.from({ length: laid.jobCount }, (_, j) => u32[(laid.jobs + j * scanJob.bytes + scanJob.kind) >>> 2]),
  };
}
