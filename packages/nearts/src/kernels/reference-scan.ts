import { type KernelFunctions, scanJob, scanPlan, type Views } from "./contract.js";

const { fround } = Math;

type ScanKernels = Pick<KernelFunctions, "lookup" | "quantise" | "gaps" | "scan">;

/** The kernels that estimate by codes, in plain TypeScript; part of {@link referenceKernels}. */
export function referenceScanKernels(views: () => Views): ScanKernels {
  return {
    lookup: (q, books, width, groups, factor, out) => {
      const { f32 } = views();
      for (let g = 0; g < groups; g++) {
        for (let j = 0; j < 16; j++) {
          let sum = 0;
          for (let i = g * width; i < (g + 1) * width; i++) {
            const product = fround(f32[(q >>> 2) + i] * f32[(books >>> 2) + i * 16 + j]);
            sum = i === g * width ? product : fround(sum + product);
          }
          f32[(out >>> 2) + g * 16 + j] = fround(factor) * sum;
        }
      }
    },
    quantise: (table, groups, levels, table8, out) => {
      const { f32, u8 } = views();
      const group = (g: number) => f32.subarray((table >>> 2) + g * 16, (table >>> 2) + g * 16 + 16);
      let range = 0;
      let bias = 0;
      for (let g = 0; g < groups; g++) {
        const least = Math.min(...group(g));
        range = Math.max(range, fround(Math.max(...group(g)) - least));
        bias += least;
      }
      const step = fround(range / levels) || 1;
      for (let g = 0; g < groups; g++) {
        const least = Math.min(...group(g));
        group(g).forEach((value, j) => {
          u8[table8 + g * 16 + j] = Math.min(nearest(fround(fround(value - least) / step)), levels);
        });
      }
      f32[out >>> 2] = step;
      f32[(out >>> 2) + 1] = bias;
    },
    gaps: (products, squares, count, out) => {
      const { f32 } = views();
      for (let c = 0; c < count; c++) f32[(out >>> 2) + c] = f32[(squares >>> 2) + c] - fround(2 * f32[(products >>> 2) + c]);
    },
    scan: (plan, jobs, jobCount, found) => new Scan(views(), plan, found).run(jobs, jobCount),
  };
}

/** To the nearest whole number, ties to the even one, of a value ≥ 0. */
function nearest(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** One call of the scan kernel. */
class Scan {
  readonly #u8: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #f32: Float32Array;
  readonly #plan: number;
  readonly #found: number;
  #count = 0;
  #smallest: number[] = [];
  #threshold = Number.POSITIVE_INFINITY;

  constructor({ u8, u32, f32 }: Views, plan: number, found: number) {
    this.#u8 = u8;
    this.#u32 = u32;
    this.#f32 = f32;
    this.#plan = plan;
    this.#found = found >>> 2;
  }

  run(jobs: number, jobCount: number): number {
    let done = 0;
    let entries = 0;
    for (; done < jobCount; done++) {
      const job = jobs + done * scanJob.bytes;
      const records = this.#u32[(job + scanJob.kind) >>> 2] !== 0;
      this.#f32[(job + scanJob.kind) >>> 2] = this.#threshold;
      if (this.#stopsAt(this.#f32[(job + scanJob.order) >>> 2])) break;
      this.#scanJob(job, records);
      entries += this.#u32[(job + scanJob.count) >>> 2];
    }
    this.#u32[(this.#plan + scanPlan.jobsDone) >>> 2] = done;
    this.#u32[(this.#plan + scanPlan.entriesScanned) >>> 2] = entries;
    this.#f32[(this.#plan + scanPlan.threshold) >>> 2] = this.#threshold;
    return this.#compacted();
  }

  #word(offset: number): number {
    return this.#u32[(this.#plan + offset) >>> 2];
  }

  #value(offset: number): number {
    return this.#f32[(this.#plan + offset) >>> 2];
  }

  #bound(): number {
    return fround(Math.min(this.#threshold, this.#value(scanPlan.within)) + this.#value(scanPlan.slack));
  }

  #stopsAt(order: number): boolean {
    if (this.#word(scanPlan.stops) === 0 || this.#threshold === Number.POSITIVE_INFINITY) return false;
    return order > fround(fround(this.#value(scanPlan.stopFactor) * this.#threshold) + this.#value(scanPlan.stopOffset));
  }

  #scanJob(job: number, records: boolean): void {
    const start = this.#u32[(job + scanJob.entries) >>> 2];
    const count = this.#u32[(job + scanJob.count) >>> 2];
    const centre = this.#f32[(job + scanJob.centre) >>> 2];
    const width = fround(this.#value(scanPlan.deviations) * this.#f32[(job + scanJob.spread) >>> 2]);
    const groups = this.#word(scanPlan.groups);
    for (let e = 0; e < count; e++) {
      if (records) {
        const record = start + e * (Math.ceil(groups / 8) * 4 + 16);
        this.#entry(this.#recordSum(record + 16, groups), (record >>> 2) + 1, 1, record >>> 2, centre, width);
      } else {
        const block = start + (e >>> 5) * (groups * 16 + 512);
        const factors = ((block + groups * 16) >>> 2) + (e & 31);
        this.#entry(this.#blockSum(block, e & 31, groups), factors, 32, factors + 96, centre, width);
      }
    }
  }

  #recordSum(code: number, groups: number): number {
    const table = this.#word(scanPlan.table8);
    let sum = 0;
    for (let g = 0; g < groups; g++) sum += this.#u8[table + g * 16 + ((this.#u8[code + (g >>> 1)] >>> ((g & 1) * 4)) & 15)];
    return sum;
  }

  #blockSum(block: number, entry: number, groups: number): number {
    const table = this.#word(scanPlan.table8);
    let sum = 0;
    for (let g = 0; g < groups; g++) {
      const byte = this.#u8[block + g * 16 + (entry & 15)];
      sum += this.#u8[table + g * 16 + (entry < 16 ? byte & 15 : byte >>> 4)];
    }
    return sum;
  }

  /** Of an entry: the sum of its table entries, where its factors are (`apart` values from one another), and its row. */
  #entry(sum: number, factors: number, apart: number, row: number, centre: number, width: number): void {
    const f32 = this.#f32;
    const u = fround(fround(this.#value(scanPlan.step) * sum) + this.#value(scanPlan.bias));
    const estimate = fround(fround(f32[factors] + fround(f32[factors + apart] * u)) + centre);
    const lower = fround(estimate - fround(width * f32[factors + 2 * apart]));
    if (lower <= this.#bound() && this.#find(this.#u32[row], lower)) this.#hold(estimate);
  }

  #find(row: number, lower: number): boolean {
    const allowed = this.#word(scanPlan.allowed);
    if (allowed !== 0) {
      if (row >= this.#word(scanPlan.allowedRows)) return false;
      if (((this.#u32[(allowed >>> 2) + (row >>> 5)] >>> (row & 31)) & 1) === 0) return false;
    }
    const capacity = this.#word(scanPlan.foundCapacity);
    if (this.#count === capacity) return false;
    const stamps = this.#word(scanPlan.stamps);
    if (stamps !== 0) {
      if (this.#u32[(stamps >>> 2) + row] === this.#word(scanPlan.stamp)) return false;
      this.#u32[(stamps >>> 2) + row] = this.#word(scanPlan.stamp);
    }
    this.#u32[this.#found + this.#count] = row;
    this.#f32[this.#found + capacity + this.#count] = lower;
    this.#count++;
    return true;
  }

  /** Keeps the `nearest` smallest estimates. The order in which a heap lies in memory is nobody's business, so here they are kept sorted. */
  #hold(estimate: number): void {
    const nearest = this.#word(scanPlan.nearest);
    if (nearest === 0 || (this.#smallest.length === nearest && !(estimate < this.#threshold))) return;
    const at = this.#smallest.findIndex((other) => other > estimate);
    this.#smallest.splice(at < 0 ? this.#smallest.length : at, 0, estimate);
    if (this.#smallest.length > nearest) this.#smallest.pop();
    if (this.#smallest.length === nearest) this.#threshold = this.#smallest[nearest - 1];
  }

  #compacted(): number {
    const bound = this.#bound();
    const capacity = this.#word(scanPlan.foundCapacity);
    let kept = 0;
    for (let from = this.#found; from < this.#found + this.#count; from++) {
      if (this.#f32[from + capacity] > bound) continue;
      this.#u32[this.#found + kept] = this.#u32[from];
      this.#f32[this.#found + capacity + kept] = this.#f32[from + capacity];
      kept++;
    }
    return kept;
  }
}
