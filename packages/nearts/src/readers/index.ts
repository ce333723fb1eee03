export type { ReadOptions, ReadProgress } from "./decode.js";
export { type FormatName, OPEN_DIM, type Reject, type VectorChunk } from "./format.js";
export type { IntegerRows } from "./formats/ivecs.js";
export { collect, readAll } from "./read-all.js";
export { readIntegers } from "./read-integers.js";
export { readVectors, type VectorOptions } from "./read-vectors.js";
export { FORMAT_NAMES } from "./registry.js";
export type { Source } from "./source.js";
