import type { KernelFunctions, Views } from "./contract.js";
import { referenceAssign } from "./reference-assign.js";
import { referenceCloseUp } from "./reference-close-up.js";
import { referenceEncode } from "./reference-encode.js";
import { referenceMinHashKernels } from "./reference-min-hash.js";
import { referenceNarrowKernels } from "./reference-narrow.js";
import { referenceOrthogonal } from "./reference-orthogonal.js";
import { referenceRotate } from "./reference-rotate.js";
import { referenceRowKernels } from "./reference-rows.js";
import { referenceScanKernels } from "./reference-scan.js";
import { referenceSetKernels } from "./reference-sets.js";

const { fround } = Math;

/** The kernels in plain TypeScript: their specification, the oracle of their tests, and what runs where there is no WebAssembly SIMD. */
export function referenceKernels(views: () => Views): KernelFunctions {
  const four = (one: KernelFunctions["squaredEuclidean"]): KernelFunctions["squaredEuclideanMany"] => {
    return (queries, base, stride, rows, count, out, outStride) => {
      for (let j = 0; j < 4; j++) one(queries + j * stride * 4, base, stride, rows, count, out + j * outStride * 4);
    };
  };
  const project: KernelFunctions["project"] = (rows, rowCount, matrix, planes, stride, out) => {
    const { f32 } = views();
    for (let r = 0; r < rowCount; r++) {
      for (let p = 0; p < planes; p++) {
        f32[(out >>> 2) + r * planes + p] = projection(f32, (rows >>> 2) + r * stride, (matrix >>> 2) + p * stride, stride);
      }
    }
  };
  const squaredEuclidean: KernelFunctions["squaredEuclidean"] = (q, base, stride, rows, count, out) => {
    rank(views(), q, base, stride, rows, count, out, squaredSum);
  };
  const dot: KernelFunctions["dot"] = (q, base, stride, rows, scale, count, out) => {
    const v = views();
    rank(v, q, base, stride, rows, count, out, productSum);
    for (let c = 0; c < count; c++) v.f32[(out >>> 2) + c] = -v.f32[(out >>> 2) + c] * v.f32[(scale >>> 2) + c];
  };
  const offer: KernelFunctions["offer"] = (ranks, rows, count, heap, held, limit, within) => {
    const { f32, u32 } = views();
    const kept = Array.from({ length: held }, (_, i) => ({ rank: f32[(heap >>> 2) + i], row: u32[(heap >>> 2) + limit + i] }));
    for (let c = 0; c < count; c++) {
      if (f32[(ranks >>> 2) + c] <= within) kept.push({ rank: f32[(ranks >>> 2) + c], row: u32[(rows >>> 2) + c] });
    }
    kept.sort((a, b) => b.rank - a.rank || b.row - a.row);
    const best = kept.slice(-limit);
    best.forEach(({ rank, row }, i) => {
      f32[(heap >>> 2) + i] = rank;
      u32[(heap >>> 2) + limit + i] = row;
    });
    return best.length;
  };
  const drain: KernelFunctions["drain"] = (heap, held, limit) => {
    const { f32, u32 } = views();
    f32.subarray(heap >>> 2, (heap >>> 2) + held).reverse();
    u32.subarray((heap >>> 2) + limit, (heap >>> 2) + limit + held).reverse();
  };
  return {
    ...referenceAssign(views, project),
    ...referenceCloseUp(views),
    ...referenceEncode(views),
    ...referenceMinHashKernels(views),
    ...referenceNarrowKernels(views),
    ...referenceOrthogonal(views),
    ...referenceRotate(views),
    ...referenceScanKernels(views),
    ...referenceSetKernels(views),
    ...referenceRowKernels(views, offer),
    project,
    squaredEuclidean,
    squaredEuclideanMany: four(squaredEuclidean),
    dot,
    dotMany: (queries, base, stride, rows, scale, count, out, outStride) => {
      for (let j = 0; j < 4; j++) dot(queries + j * stride * 4, base, stride, rows, scale, count, out + j * outStride * 4);
    },
    manhattan: (q, base, stride, rows, count, out) => {
      rank(views(), q, base, stride, rows, count, out, absoluteSum);
    },
    hamming: (q, base, words, rows, count, out) => {
      const { u32, f32 } = views();
      for (let c = 0; c < count; c++) {
        const x = (base >>> 2) + u32[(rows >>> 2) + c] * words;
        let bits = 0;
        for (let i = 0; i < words; i++) bits += ones(u32[(q >>> 2) + i] ^ u32[x + i]);
        f32[(out >>> 2) + c] = bits;
      }
    },
    sparseRank: (metric, q, starts, lengths, count, out) => {
      const { f32 } = views();
      sparse(views(), metric, starts, lengths, count, out, (index) => f32[(q >>> 2) + index]);
    },
    mergeRank: (metric, qIndices, qValues, qCount, starts, lengths, count, out) => {
      const { f32, u32 } = views();
      const query = new Map<number, number>();
      for (let e = 0; e < qCount; e++) query.set(u32[(qIndices >>> 2) + e], f32[(qValues >>> 2) + e]);
      sparse(views(), metric, starts, lengths, count, out, (index) => query.get(index) ?? 0);
    },
    offer,
    exactCosines: (q, length, base, stride, rows, count, out) => {
      const { f32, u32, f64 } = views();
      for (let c = 0; c < count; c++) {
        const x = (base >>> 2) + u32[(rows >>> 2) + c] * stride;
        const norm = Math.sqrt(productSum(f32, x, x, stride));
        let sum = 0;
        for (let i = 0; i < stride; i++) sum += (f32[x + i] / norm - f32[(q >>> 2) + i] / length) ** 2;
        f64[(out >>> 3) + c] = norm === 0 || length === 0 ? 1 : sum / 2;
      }
    },
    exactSquares: (q, base, stride, rows, count, out) => {
      const { f32, u32, f64 } = views();
      for (let c = 0; c < count; c++)
        f64[(out >>> 3) + c] = squaredSum(f32, (base >>> 2) + u32[(rows >>> 2) + c] * stride, q >>> 2, stride);
    },
    exactDot: (x, y, count) => productSum(views().f32, x >>> 2, y >>> 2, count),
    outline: (q, step, inside, outside, records, rows, count, out) => {
      const { u8, u32, f32 } = views();
      const codes = new Int8Array(u8.buffer);
      const query = new Int16Array(u8.buffer, q, 56);
      for (let c = 0; c < count; c++) {
        const record = records + u32[(rows >>> 2) + c] * 64;
        let dot = 0;
        for (let i = 0; i < 56; i++) dot += codes[record + i] * query[i];
        f32[(out >>> 2) + c] = dot * step + f32[(record >>> 2) + 15] * inside + f32[(record >>> 2) + 14] * outside;
      }
    },
    drain,
    smallest: (values, numbers, count, heap, limit) => {
      const held = offer(values, numbers, count, heap, 0, limit, Number.POSITIVE_INFINITY);
      drain(heap, held, limit);
      return held;
    },
  };
}

type Sum = (f32: Float32Array, q: number, x: number, stride: number) => number;

function rank(v: Views, q: number, base: number, stride: number, rows: number, count: number, out: number, sum: Sum): void {
  for (let c = 0; c < count; c++) v.f32[(out >>> 2) + c] = sum(v.f32, q >>> 2, (base >>> 2) + v.u32[(rows >>> 2) + c] * stride, stride);
}

function projection(f32: Float32Array, x: number, y: number, stride: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < stride; i += 4) {
    a = fround(a + fround(f32[x + i] * f32[y + i]));
    b = fround(b + fround(f32[x + i + 1] * f32[y + i + 1]));
    c = fround(c + fround(f32[x + i + 2] * f32[y + i + 2]));
    d = fround(d + fround(f32[x + i + 3] * f32[y + i + 3]));
  }
  return fround(fround(a + b) + fround(c + d));
}

function squaredSum(f32: Float32Array, q: number, x: number, stride: number): number {
  let sum = 0;
  for (let i = 0; i < stride; i++) sum += (f32[q + i] - f32[x + i]) * (f32[q + i] - f32[x + i]);
  return sum;
}

function productSum(f32: Float32Array, q: number, x: number, stride: number): number {
  let sum = 0;
  for (let i = 0; i < stride; i++) sum += f32[q + i] * f32[x + i];
  return sum;
}

function absoluteSum(f32: Float32Array, q: number, x: number, stride: number): number {
  let sum = 0;
  for (let i = 0; i < stride; i++) sum += Math.abs(f32[q + i] - f32[x + i]);
  return sum;
}

function sparse(
  v: Views,
  metric: number,
  starts: number,
  lengths: number,
  count: number,
  out: number,
  query: (index: number) => number,
): void {
  for (let c = 0; c < count; c++) {
    const n = v.u32[(lengths >>> 2) + c];
    const start = v.u32[(starts >>> 2) + c] >>> 2;
    let sum = 0;
    for (let e = 0; e < n; e++) sum += term(metric, query(v.u32[start + e]), v.f32[start + n + e]);
    v.f64[(out >>> 3) + c] = sum;
  }
}

function term(metric: number, q: number, x: number): number {
  if (metric === 0) return -q * x;
  return metric === 1 ? (q - x) * (q - x) - q * q : Math.abs(q - x) - Math.abs(q);
}

function ones(word: number): number {
  let w = word - ((word >>> 1) & 0x55555555);
  w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
  return Math.imul((w + (w >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
