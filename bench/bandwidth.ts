import asc from "assemblyscript/asc";
import { type Benchmark, benchmark } from "./benchmark.js";

/** Bytes read per pass: far beyond any cache, so that memory is what answers. */
const bytes = 512 * 2 ** 20;

/** Reads everything with eight independent 128-bit sums, so that neither latency nor arithmetic is in the way. */
const source = `
export function sum(from: usize, end: usize): i32 {
  let a = i32x4.splat(0), b = i32x4.splat(0), c = i32x4.splat(0), d = i32x4.splat(0);
  let e = i32x4.splat(0), f = i32x4.splat(0), g = i32x4.splat(0), h = i32x4.splat(0);
  for (let at = from; at < end; at += 128) {
    a = i32x4.add(a, v128.load(at));
    b = i32x4.add(b, v128.load(at, 16));
    c = i32x4.add(c, v128.load(at, 32));
    d = i32x4.add(d, v128.load(at, 48));
    e = i32x4.add(e, v128.load(at, 64));
    f = i32x4.add(f, v128.load(at, 80));
    g = i32x4.add(g, v128.load(at, 96));
    h = i32x4.add(h, v128.load(at, 112));
  }
  const s = i32x4.add(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)), i32x4.add(i32x4.add(e, f), i32x4.add(g, h)));
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3);
}`;

/** A meter of the memory read bandwidth of one thread: each call is one pass, in bytes per second. */
export async function bandwidthMeter(): Promise<() => number> {
  const { error, binary } = await asc.compileString(source, {
    optimizeLevel: 3,
    runtime: "stub",
    importMemory: true,
    enable: ["simd"],
    use: ["abort="],
  });
  if (error !== null || binary === null) throw new Error(`the bandwidth loop did not compile: ${String(error)}`);
  const memory = new WebAssembly.Memory({ initial: bytes / 65_536 });
  new Uint32Array(memory.buffer).fill(1); // written once, or the system would answer every page with the same zeros
  const { instance } = await WebAssembly.instantiate(binary.slice(), { env: { memory } });
  const sum = instance.exports.sum as (from: number, end: number) => number; // the one export of the source above
  return () => {
    const start = performance.now();
    if (sum(0, bytes) !== bytes / 4) throw new Error("the bandwidth loop lost some of its ones");
    return bytes / ((performance.now() - start) / 1000);
  };
}

/** The ceiling of a scan that reads every vector. */
export const bandwidth: Benchmark = benchmark(
  {
    name: "bandwidth",
    about: "memory read bandwidth of one thread, the ceiling of a scan that reads every vector",
    notes: "The best of 7 passes over 512 MiB.",
    options: {},
  },
  async () => {
    const meter = await bandwidthMeter();
    console.log(`${(Math.max(...Array.from({ length: 7 }, meter)) / 1e9).toFixed(1)} GB/s`);
  },
);
