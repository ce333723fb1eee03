import { scanJob } from "../../kernels/contract.js";

const words = scanJob.bytes / 4;

/** The jobs of a scan, as the kernel reads them, kept here until all are known. */
export class ScanJobs {
  count = 0;
  /** Entries of all jobs together. */
  entries = 0;
  #u32: Uint32Array = new Uint32Array(64 * words);
  #f32: Float32Array = new Float32Array(this.#u32.buffer);

  get bytes(): number {
    return this.#u32.byteLength;
  }

  clear(): void {
    this.count = 0;
    this.entries = 0;
  }

  /** Adds `count` entries at byte offset `at`, in blocks (`kind` 0) or records (1). */
  add(at: number, count: number, centre: number, spread: number, order: number, kind: 0 | 1): void {
    const first = this.count++ * words;
    if (first === this.#u32.length) this.#grow();
    const u32 = this.#u32;
    const f32 = this.#f32;
    u32[first + scanJob.entries / 4] = at;
    u32[first + scanJob.count / 4] = count;
    f32[first + scanJob.centre / 4] = centre;
    f32[first + scanJob.spread / 4] = spread;
    f32[first + scanJob.order / 4] = order;
    u32[first + scanJob.kind / 4] = kind;
    this.entries += count;
  }

  /** Copies the jobs to index `at` of an arena's 4-byte view. */
  copyTo(u32: Uint32Array, at: number): void {
    u32.set(this.#u32.subarray(0, this.count * words), at);
  }

  #grow(): void {
    const grown = new Uint32Array(this.#u32.length * 2);
    grown.set(this.#u32);
    this.#u32 = grown;
    this.#f32 = new Float32Array(grown.buffer);
  }
}
