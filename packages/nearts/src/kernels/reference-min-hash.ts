import type { KernelFunctions, Views } from "./contract.js";

const bins = 128;
const none = 0xffffffff;

/** The kernels of MinHash in plain TypeScript. */
export function referenceMinHashKernels(views: () => Views): Pick<KernelFunctions, "minHashClassic" | "minHashFast"> {
  return {
    minHashFast: (tables, keys, blocks, members, offsets, count, out) => {
      const { u32 } = views();
      for (let r = 0; r < count; r++) {
        const first = (out >>> 2) + r * blocks * bins;
        const values = u32.subarray(first, first + blocks * bins).fill(none);
        const set = setAt(u32, members, offsets, r);
        for (const member of set) {
          const [low, high] = mixedWords(u32, tables >>> 2, member);
          for (let b = 0; b < blocks; b++) {
            const key = (keys >>> 2) + b * 4;
            const bin = Math.imul(low ^ u32[key], u32[key + 1]) >>> 25;
            const value = Math.min(stirred(Math.imul(high ^ u32[key + 2], u32[key + 3])), none - 1);
            values[b * bins + bin] = Math.min(values[b * bins + bin], value);
          }
        }
        if (set.length === 0) continue;
        for (let b = 0; b < blocks; b++) fillEmpty(values.subarray(b * bins, (b + 1) * bins), u32[(keys >>> 2) + b * 4]);
      }
    },
    minHashClassic: (tables, keys, count, members, offsets, rows, out) => {
      const { u32 } = views();
      for (let r = 0; r < rows; r++) {
        const first = (out >>> 2) + r * count;
        const values = u32.subarray(first, first + count).fill(none);
        for (const member of setAt(u32, members, offsets, r)) {
          const [word] = mixedWords(u32, tables >>> 2, member);
          for (let v = 0; v < count; v++) {
            const value = stirred(Math.imul(word ^ u32[(keys >>> 2) + v], u32[(keys >>> 2) + count + v]));
            values[v] = Math.min(values[v], value);
          }
        }
      }
    },
  };
}

/** Two random words for a member: 4 × 256 entries of 4 words from `tables` on, then 4 × 256 of two. */
export function mixedWords(u32: Uint32Array, tables: number, member: number): [low: number, high: number] {
  let [low, high, derived] = [0, 0, 0];
  for (let c = 0; c < 4; c++) {
    const entry = tables + (c * 256 + ((member >>> (8 * c)) & 255)) * 4;
    low ^= u32[entry];
    high ^= u32[entry + 1];
    derived ^= u32[entry + 2];
  }
  for (let c = 0; c < 4; c++) {
    const entry = tables + 4096 + (c * 256 + ((derived >>> (8 * c)) & 255)) * 2;
    low ^= u32[entry];
    high ^= u32[entry + 1];
  }
  return [low >>> 0, high >>> 0];
}

/** The last step of a value's permutation: a bijection. */
export function stirred(word: number): number {
  return Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) >>> 0;
}

function setAt(u32: Uint32Array, members: number, offsets: number, r: number): Uint32Array {
  const [from, to] = [u32[(offsets >>> 2) + r], u32[(offsets >>> 2) + r + 1]];
  return u32.subarray((members >>> 2) + from, (members >>> 2) + to);
}

/** For each bin the one it has its value from, in the order in which a round of gifts reaches those without; itself where it has members. */
export function sourcesOf(full: readonly boolean[], key: number): Uint8Array {
  const sources = Uint8Array.from(full.keys());
  const given = [...full];
  for (let round = 1; given.includes(false); round++) {
    for (let from = 0; from < full.length; from++) {
      const to = target(round, from, key);
      if (!full[from] || given[to]) continue;
      given[to] = true;
      sources[to] = from;
    }
  }
  return sources;
}

function fillEmpty(values: Uint32Array, key: number): void {
  const sources = sourcesOf(
    Array.from(values, (value) => value !== none),
    key,
  );
  sources.forEach((from, to) => {
    values[to] = values[from];
  });
}

function target(round: number, from: number, key: number): number {
  let h = ((round << 7) | from) ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h >>> 25;
}
