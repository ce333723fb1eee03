import type { KernelFunctions, Views } from "./contract.js";
import { roundEven, saturated } from "./reference-narrow.js";

const { fround } = Math;

/** Plain twins of kernels/assign.ts. */
export function referenceAssign(
  views: () => Views,
  project: KernelFunctions["project"],
): Pick<KernelFunctions, "nearest" | "narrowRows" | "nearestRows" | "accumulate" | "centreRows"> {
  const kernels: ReturnType<typeof referenceAssign> = {
    nearest: (products, rows, squares, count, chosen, gaps) => {
      const { f32, u32 } = views();
      for (let r = 0; r < rows; r++) {
        let [number, least] = [count, Number.POSITIVE_INFINITY];
        for (let c = 0; c < count; c++) {
          const gap = fround(f32[(squares >>> 2) + c] - fround(2 * f32[(products >>> 2) + r * count + c]));
          if (gap < least && gap > Number.NEGATIVE_INFINITY) [number, least] = [c, gap];
        }
        u32[(chosen >>> 2) + r] = number;
        f32[(gaps >>> 2) + r] = least;
      }
    },
    narrowRows: (rows, rowCount, stride, longest, out) => {
      const { f32, u8 } = views();
      const i16 = new Int16Array(u8.buffer);
      const factor = fround(32_700 / fround(longest));
      const wide = Math.ceil(stride / 8) * 8;
      for (let r = 0; r < rowCount; r++) {
        const to = (out >>> 1) + r * wide;
        i16.fill(0, to, to + wide);
        for (let i = 0; i < stride; i++) i16[to + i] = saturated(roundEven(fround(f32[(rows >>> 2) + r * stride + i] * factor)));
      }
    },
    nearestRows: (rows, rowCount, stride, centroids, squares, count, _narrowed, _longest, scratch, chosen, gaps) => {
      project(rows, rowCount, centroids, count, stride, scratch);
      kernels.nearest(scratch, rowCount, squares, count, chosen, gaps);
    },
    accumulate: (rows, count, stride, chosen, sums) => {
      const { f32, f64, u32 } = views();
      for (let r = 0; r < count; r++) {
        const sum = (sums >>> 3) + u32[(chosen >>> 2) + r] * stride;
        for (let i = 0; i < stride; i++) f64[sum + i] += f32[(rows >>> 2) + r * stride + i];
      }
    },
    centreRows: (rows, rowCount, count, origin, scale, out, squares) => {
      const { f32 } = views();
      for (let r = 0; r < rowCount; r++) {
        const [from, to] = [(rows >>> 2) + r * count, (out >>> 2) + r * count];
        const factor = scale === 0 ? inverseLength(f32, from, count) : fround(scale);
        const lanes = new Float32Array(4);
        for (let i = 0; i < count; i++) {
          const centred = fround(fround(f32[from + i] * factor) - f32[(origin >>> 2) + i]);
          f32[to + i] = centred;
          lanes[i & 3] += fround(centred * centred);
        }
        f32[(squares >>> 2) + r] = fround(lanes[0] + lanes[1]) + fround(lanes[2] + lanes[3]);
      }
    },
  };
  return kernels;
}

/** 1/‖x‖ in float64, the sum in two lanes; 1 for the zero vector. */
function inverseLength(f32: Float32Array, from: number, count: number): number {
  let [even, odd] = [0, 0];
  for (let i = from; i < from + count; i += 2) {
    even += f32[i] * f32[i];
    odd += f32[i + 1] * f32[i + 1];
  }
  return even + odd > 0 ? 1 / Math.sqrt(even + odd) : 1;
}
