import type { KernelFunctions, Views } from "./contract.js";

const { fround } = Math;
const rootHalf = fround(Math.SQRT1_2);

/** The random rotation in plain TypeScript; part of the reference kernels. */
export function referenceRotate(views: () => Views): Pick<KernelFunctions, "rotate"> {
  return {
    rotate: (rows, count, stride, size, signs, out) => {
      const { f32 } = views();
      const block = 2 ** (31 - Math.clz32(size));
      for (let r = 0; r < count; r++) {
        const at = (out >>> 2) + r * size;
        f32.copyWithin(at, (rows >>> 2) + r * stride, (rows >>> 2) + r * stride + size);
        for (let round = 0; round < 4; round++) {
          for (let i = 0; i < size; i++) f32[at + i] *= f32[(signs >>> 2) + round * size + i];
          hadamard(f32, at + (round % 2) * (size - block), block);
          if (round === 1 && block < size) halves(f32, at, size);
        }
      }
    },
  };
}

function hadamard(f32: Float32Array, at: number, block: number): void {
  for (let step = 1; step < block; step *= 2) {
    for (let i = 0; i < block; i++) {
      if ((i & step) !== 0) continue;
      const [a, b] = [f32[at + i], f32[at + i + step]];
      f32[at + i] = a + b;
      f32[at + i + step] = a - b;
    }
  }
  const scale = fround(1 / Math.sqrt(block));
  for (let i = 0; i < block; i++) f32[at + i] *= scale;
}

function halves(f32: Float32Array, at: number, size: number): void {
  const half = Math.floor(size / 8) * 4;
  for (let i = at, j = at + size - half; i < at + half; i++, j++) {
    const [a, b] = [f32[i], f32[j]];
    f32[i] = fround(a + b) * rootHalf;
    f32[j] = fround(a - b) * rootHalf;
  }
}
