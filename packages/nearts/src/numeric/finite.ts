import { bestBuild } from "../kernels/arena.js";
import { padded } from "../kernels/contract.js";
import { planeMemory } from "./plane-memory.js";

/** Values looked at by one kernel call: they stay in the first-level cache. */
const block = 4096;

/** Whether the first `count` are finite: in float64 the sum of their squares is, if and only if they all are. */
export function allFinite(values: Float32Array, count: number): boolean {
  const memory = planeMemory(bestBuild());
  const at = memory.scratch(block * 4);
  const { kernels } = memory.arena;
  const { f32 } = memory.arena.views();
  const first = at >>> 2;
  for (let from = 0; from < count; from += block) {
    const some = Math.min(block, count - from);
    f32.set(values.subarray(from, from + some), first);
    f32.fill(0, first + some, first + padded(some));
    if (!(kernels.exactDot(at, at, padded(some)) < Number.POSITIVE_INFINITY)) return false;
  }
  return true;
}
