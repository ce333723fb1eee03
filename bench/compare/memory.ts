import { readFileSync, writeFileSync } from "node:fs";

/** What the process grew by while something was built, in bytes: what stayed, and the most there was on the way. */
export interface Growth {
  readonly kept: number;
  readonly peak: number;
}

/**
 * Runs `build` and tells by how much the resident memory of the process grew. Memory that earlier work gave back to the allocator, not to the system, is used again without
 * being seen, so this is a lower bound; where the system keeps no high-water mark (Linux does), the peak is what stayed.
 */
export async function growthOf<T>(build: () => Promise<T>): Promise<{ result: T; growth: Growth }> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const marked = resetHighWater();
  const result = await build();
  const highWater = marked ? (highWaterBytes() ?? 0) : 0;
  globalThis.gc?.();
  const kept = process.memoryUsage.rss() - before;
  return { result, growth: { kept: Math.max(0, kept), peak: Math.max(0, kept, highWater - before) } };
}

/** Linux: proc(5), /proc/pid/clear_refs, value 5. */
function resetHighWater(): boolean {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}

function highWaterBytes(): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
