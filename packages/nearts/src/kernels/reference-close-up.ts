import type { KernelFunctions, Views } from "./contract.js";

/** Plain twin of kernels/close-up.ts. */
export function referenceCloseUp(views: () => Views): Pick<KernelFunctions, "closeUp"> {
  return { closeUp: (...how) => plainCloseUp(views().u32)(...how) };
}

/** The twin over words that need no arena. */
export function plainCloseUp(words: Uint32Array<ArrayBufferLike>): KernelFunctions["closeUp"] {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  return (rows, count, width, lead, dim, finite) => {
    let from = rows >>> 2;
    let to = rows >>> 2;
    for (let r = 0; r < count; r++) {
      if (lead === 1 && words[from++] !== dim) return r;
      words.copyWithin(to, from, from + width);
      if (finite === 1 && !allFinite(floats, to, width)) return -1 - r;
      from += width;
      to += width;
    }
    return count;
  };
}

/** 0·x is NaN for values that are not finite, and stays so in sums. */
function allFinite(values: Float32Array, at: number, count: number): boolean {
  let sum = 0;
  for (let i = at; i < at + count; i++) sum += 0 * values[i];
  return sum === 0;
}
