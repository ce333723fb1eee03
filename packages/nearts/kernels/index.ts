// SIMD kernels over one linear memory. All pointers are byte offsets; `stride` and `words` count 4-byte values and are
// multiples of 4, rows being padded with zeros. The plain twin of each, which is its specification: src/kernels/reference.ts.
export { project } from "./project";
export { squaredEuclidean, squaredEuclideanMany, dot, dotMany, manhattan, hamming } from "./rank";
export { sparseRank, mergeRank } from "./sparse";
export { setRank } from "./sets";
export { minHashFast, minHashClassic } from "./min-hash";
export { signatures } from "./signatures";
export { offer, drain } from "./select";
export { smallest } from "./smallest";
export { outline } from "./outline";
export { exactCosines, exactSquares, exactDot } from "./exact";
export { lookup, quantise, gaps } from "./lookup";
export { scan } from "./scan";
export { rotate } from "./rotate";
export { rankRows } from "./rank-rows";
export { nearestBounded } from "./bounded";
export { widen } from "./formats";
export { pack, packedSquares } from "./packed";
export { narrow, projectNarrow, projectManyNarrow, same, centre } from "./narrow";
export { choose, encode } from "./encode";
export { closeUp } from "./close-up";
export { nearest, accumulate, centreRows } from "./assign";
export { narrowRows, nearestRows } from "./nearest-rows";
export { transpose, transposeWide, gram, substitute } from "./orthogonal";
