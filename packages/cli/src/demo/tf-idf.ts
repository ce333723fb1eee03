import type { SparseRows } from "nearts";

/**
 * Each text as a sparse unit vector: word w has weight (1 + ln tf) · √ln(1 + n/df), for tf occurrences in this text and df texts of n that hold it.
 * The root is there because a product of two vectors then counts rarity once, as ltc.lnc does (Manning et al. 2008, section 6.4.3). No text may be empty.
 */
export function tfIdf(texts: readonly Uint32Array[], words: number): SparseRows {
  const counts = new Uint32Array(words);
  const distinct = texts.map((text) => countDistinct(text, counts));
  const holders = new Uint32Array(words);
  for (const { indices } of distinct) for (const word of indices) holders[word]++;
  const offsets = new Uint32Array(texts.length + 1);
  for (let r = 0; r < texts.length; r++) offsets[r + 1] = offsets[r] + distinct[r].indices.length;
  const indices = new Uint32Array(offsets[texts.length]);
  const values = new Float32Array(offsets[texts.length]);
  for (let r = 0; r < texts.length; r++) {
    const row = distinct[r];
    indices.set(row.indices, offsets[r]);
    weigh(row, holders, texts.length, values.subarray(offsets[r], offsets[r + 1]));
  }
  return { kind: "sparse", dim: words, count: texts.length, offsets, indices, values };
}

interface Distinct {
  readonly indices: Uint32Array;
  readonly counts: Uint32Array;
}

/** The words of a text, ascending, and how often each occurs. `counts` is all zeros, before and after. */
function countDistinct(text: Uint32Array, counts: Uint32Array): Distinct {
  const seen: number[] = [];
  for (const word of text) if (counts[word]++ === 0) seen.push(word);
  const indices = Uint32Array.from(seen).sort();
  const distinct = { indices, counts: indices.map((word) => counts[word]) };
  for (const word of seen) counts[word] = 0;
  return distinct;
}

function weigh({ indices, counts }: Distinct, holders: Uint32Array, texts: number, out: Float32Array): void {
  let squares = 0;
  for (let i = 0; i < indices.length; i++) {
    const weight = (1 + Math.log(counts[i])) * Math.sqrt(Math.log(1 + texts / holders[indices[i]]));
    out[i] = weight;
    squares += weight * weight;
  }
  const length = Math.sqrt(squares);
  for (let i = 0; i < out.length; i++) out[i] /= length;
}
