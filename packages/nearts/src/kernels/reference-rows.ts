import { fromHalf } from "../core/half.js";
import type { KernelFunctions, Views } from "./contract.js";

type RowKernels = Pick<KernelFunctions, "rankRows" | "nearestBounded" | "widen">;

/** The kernels that read rows of any format, in plain TypeScript; part of {@link referenceKernels}, whose `offer` is given. */
export function referenceRowKernels(views: () => Views, offer: KernelFunctions["offer"]): RowKernels {
  const rankRows: KernelFunctions["rankRows"] = (metric, format, q, values, base, rowBytes, rows, count, out) => {
    const { f32, u32 } = views();
    const query = f32.slice(q >>> 2, (q >>> 2) + values);
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
  };
}

/** The values of a row: a copy. */
function valuesOf({ u8, f32 }: Views, format: number, row: number, count: number): Float32Array {
  if (format === 0) return f32.slice(row >>> 2, (row >>> 2) + count);
  if (format === 1) return Float32Array.from(new Uint16Array(u8.buffer, row, count), fromHalf);
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
