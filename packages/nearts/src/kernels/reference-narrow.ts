import type { KernelFunctions, Views } from "./contract.js";

/** Plain twins of kernels/narrow.ts. */
export function referenceNarrowKernels(
  views: () => Views,
): Pick<KernelFunctions, "narrow" | "projectNarrow" | "projectManyNarrow" | "same" | "centre"> {
  const kernels: ReturnType<typeof referenceNarrowKernels> = {
    narrow(values, count, scale, out) {
      const { f32, u8 } = views();
      const i16 = new Int16Array(u8.buffer);
      const factor = Math.fround(scale);
      for (let i = 0; i < count; i++) i16[(out >>> 1) + i] = saturated(roundEven(Math.fround(f32[(values >>> 2) + i] * factor)));
    },
    same(x, y, count) {
      const { f32 } = views();
      for (let i = 0; i < count; i++) if (f32[(x >>> 2) + i] !== f32[(y >>> 2) + i]) return 0;
      return 1;
    },
    centre(x, origin, count, unit, out) {
      const { f32 } = views();
      const square = unit === 0 ? 0 : squareOf(f32, x >>> 2, count);
      const scale = square > 0 ? Math.fround(1 / Math.fround(Math.sqrt(square))) : 1;
      for (let i = 0; i < count; i++) f32[(out >>> 2) + i] = Math.fround(f32[(x >>> 2) + i] * scale) - f32[(origin >>> 2) + i];
      return squareOf(f32, out >>> 2, count);
    },
    projectNarrow(q, matrix, planes, stride, scale, out) {
      const { f32, u8 } = views();
      const i16 = new Int16Array(u8.buffer);
      for (let p = 0; p < planes; p++) {
        let sum = 0;
        for (let i = 0; i < stride; i++) sum += i16[(q >>> 1) + i] * i16[(matrix >>> 1) + p * stride + i];
        f32[(out >>> 2) + p] = Math.fround(Math.fround(sum) * Math.fround(scale));
      }
    },
    projectManyNarrow(queries, count, matrix, planes, stride, scales, out) {
      for (let r = 0; r < count; r++) {
        const scale = views().f32[(scales >>> 2) + r];
        kernels.projectNarrow(queries + r * stride * 2, matrix, planes, stride, scale, out + r * planes * 4);
      }
    },
  };
  return kernels;
}

/** In four lanes, as the kernel sums. */
function squareOf(f32: Float32Array, at: number, count: number): number {
  const lanes = new Float32Array(4);
  for (let i = 0; i < count; i++) lanes[i & 3] += Math.fround(f32[at + i] * f32[at + i]);
  return Math.fround(Math.fround(lanes[0] + lanes[1]) + Math.fround(lanes[2] + lanes[3]));
}

/** To 16 bits; NaN becomes 0, as in WebAssembly. */
export function saturated(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(-32_768, Math.min(32_767, value));
}

export function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
