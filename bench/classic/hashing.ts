import { createArena, type KernelBuild, padded } from "nearts/kernels";
import type { DataSet } from "../data/set.js";
import type { BenchRow } from "./row.js";

const planes = 100;
const block = 64;

/** Projections alone, the work of hashing, by both builds of the kernels in turn: the best of three passes each. */
export function hashingRows(set: DataSet): BenchRow[] {
  const rows = { simd: 20_480, reference: 640 } as const;
  const best = { simd: 0, reference: 0 };
  for (let pass = 0; pass < 3; pass++)
    for (const build of ["simd", "reference"] as const) best[build] = Math.max(best[build], rowsPerSecond(set, build, rows[build]));
  console.error(`hashing by ${planes} planes: SIMD ${(best.simd / best.reference).toFixed(1)} × plain TypeScript`);
  return (["simd", "reference"] as const).map((build) => ({
    system: "hashing alone",
    set: set.name,
    parameters: `${planes} planes, ${build} kernels`,
    recall: null,
    qps: null,
    storedPerSecond: best[build],
    bytesPerVector: null,
    bandwidthShare: null,
  }));
}

function rowsPerSecond(set: DataSet, build: KernelBuild, count: number): number {
  const stride = padded(set.dim);
  const arena = createArena(build);
  const matrix = block * stride * 4;
  const out = matrix + planes * stride * 4;
  arena.ensure(out + block * planes * 4);
  const { f32 } = arena.views();
  for (let p = 0; p < planes; p++) for (let i = 0; i < set.dim; i++) f32[(matrix >>> 2) + p * stride + i] = Math.sin(p * 31 + i);
  const start = performance.now();
  for (let done = 0; done < count; done += block) {
    for (let r = 0; r < block; r++)
      f32.set(
        set.base.subarray(((done + r) * set.dim) % set.base.length, (((done + r) * set.dim) % set.base.length) + set.dim),
        r * stride,
      );
    arena.kernels.project(0, block, matrix, planes, stride, out);
  }
  return count / ((performance.now() - start) / 1000);
}
