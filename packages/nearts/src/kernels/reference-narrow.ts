import type { KernelFunctions, Views } from "./contract.js";

/** Plain twins of kernels/narrow.ts. */
export function referenceNarrowKernels(views: () => Views): Pick<KernelFunctions, "narrow" | "projectNarrow"> {
  return {
    narrow(values, count, scale, out) {
      const { f32, u8 } = views();
      const i16 = new Int16Array(u8.buffer);
      const factor = Math.fround(scale);
      for (let i = 0; i < count; i++) i16[(out >>> 1) + i] = saturated(roundEven(Math.fround(f32[(values >>> 2) + i] * factor)));
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
  };
}

/** NaN becomes 0, as in WebAssembly. */
function saturated(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(-32_768, Math.min(32_767, value));
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
