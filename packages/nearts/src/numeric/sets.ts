import type { SetVector } from "../core/rows.js";

/** How many members two sets have in common. */
export function overlap({ members: x }: SetVector, { members: y }: SetVector): number {
  let common = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length; ) {
    const a = x[i];
    const b = y[j];
    if (a === b) common++;
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return common;
}

/** 1 − |X∩Y|/|X∪Y|, as a quotient of integers: 0 between two empty sets, 1 between an empty one and another. */
export function jaccard(common: number, x: number, y: number): number {
  const union = x + y - common;
  return union === 0 ? 0 : (union - common) / union;
}

/** 1 − |Q∩X|/|Q|: 0 for an empty Q, all of which is in every set. */
export function uncontained(common: number, q: number): number {
  return q === 0 ? 0 : (q - common) / q;
}
