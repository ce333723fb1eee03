import { fromHalf } from "../core/half.js";
import type { KernelFunctions, Views } from "./contract.js";

type RowKernels = Pick<KernelFunctions, "rankRows" | "nearestBounded" | "widen" | "pack" | "packedSquares">;

/** The kernels that read rows of any format, in plain TypeScript; part of {@link referenceKernels}, whose `offer` is given. */
export function referenceRowKernels(views: () => Views, offer: KernelFunctions["offer"]): RowKernels {
  const rankRows: KernelFunctions["rankRows"] = (metric, format, q, values, base, rowBytes, rows, count, out) => {
    const { f32, u32 } = views();
    const query = valuesOf(views(), format === 4 ? 4 : 0, q, values);
    for (let c = 0; c < count; c++) {
      f32[(out >>> 2) + c] = rankOf(metric, query, valuesOf(views(), format, base + u32[(rows >>> 2) + c] * rowBytes, values));
    }
  };
  return {
    rankRows,
    nearestBounded: (metric, format, q, values, base, rowBytes, rows, bounds, count, heap, held, limit, within) => {
      const { f32, u32 } = views();
      const sorted = Array.from({ length: count }, (_, c) => ({ bound: f32[(bounds >>> 2) + c], row: u32[(rows >>> 2) + c] }));
      sorted.sort((a, b) => a.bound - b.bound);
      for (const { bound, row } of sorted) {
        if (bound > within || (held === limit && bound > f32[heap >>> 2])) break;
        u32[rows >>> 2] = row;
        rankRows(metric, format, q, values, base, rowBytes, rows, 1, bounds);
        held = offer(bounds, rows, 1, heap, held, limit, within);
      }
      return held;
    },
    widen: (format, row, values, out) => {
      views().f32.set(valuesOf(views(), format, row, values), out >>> 2);
    },
    pack: (values, count, out) => {
      const { f32, u8 } = views();
      const given = f32.slice(values >>> 2, (values >>> 2) + count);
      u8.set(given, out);
      return given.every((value, i) => Object.is(value, u8[out + i])) ? 1 : 0;
    },
    packedSquares: (q, values, base, rowBytes, rows, count, out) => {
      const { u8, u32, f64 } = views();
      for (let c = 0; c < count; c++) {
        const x = base + u32[(rows >>> 2) + c] * rowBytes;
        let sum = 0;
        for (let i = 0; i < values; i++) sum += (u8[q + i] - u8[x + i]) ** 2;
        f64[(out >>> 3) + c] = sum;
      }
    },
  };
}

/** The values of a row: a copy. */
function valuesOf({ u8, f32 }: Views, format: number, row: number, count: number): Float32Array {
  if (format === 0) return f32.slice(row >>> 2, (row >>> 2) + count);
  if (format === 1) return Float32Array.from(new Uint16Array(u8.buffer, row, count), fromHalf);
  if (format >= 3) return Float32Array.from(u8.subarray(row, row + count));
  const scale = f32[row >>> 2];
  return Float32Array.from(new Int8Array(u8.buffer, row + 4, count), (code) => scale * code);
}

function rankOf(metric: number, q: Float32Array, x: Float32Array): number {
  let [squares, product, square] = [0, 0, 0];
  for (let i = 0; i < q.length; i++) {
    squares += (q[i] - x[i]) * (q[i] - x[i]);
    product += q[i] * x[i];
    square += x[i] * x[i];
  }
  if (metric === 0) return squares;
  if (metric === 1) return 0 - product;
  return square > 0 ? 0 - product / Math.sqrt(square) : 0;
}
