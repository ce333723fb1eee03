import type { KernelFunctions, Views } from "./contract.js";

/** The kernels of sets in plain TypeScript. */
export function referenceSetKernels(views: () => Views): Pick<KernelFunctions, "setRank" | "signatures"> {
  return {
    signatures: (q, bytes, base, count, least, found) => {
      const { u8, u32 } = views();
      let kept = 0;
      for (let r = 0; r < count; r++) {
        let equal = 0;
        for (let i = 0; i < bytes; i++) if (u8[q + i] === u8[base + r * bytes + i]) equal++;
        if (equal < least) continue;
        u32[(found >>> 2) + 2 * kept] = r;
        u32[(found >>> 2) + 2 * kept++ + 1] = equal;
      }
      return kept;
    },
    setRank: (metric, q, qCount, starts, lengths, count, out) => {
      const { u32, f64 } = views();
      const query = new Set(u32.subarray(q >>> 2, (q >>> 2) + qCount));
      for (let c = 0; c < count; c++) {
        const from = u32[(starts >>> 2) + c] >>> 2;
        const length = u32[(lengths >>> 2) + c];
        let both = 0;
        for (let i = from; i < from + length; i++) if (query.has(u32[i])) both++;
        const all = metric === 0 ? qCount + length - both : qCount;
        f64[(out >>> 3) + c] = all === 0 ? 0 : (all - both) / all;
      }
    },
  };
}
