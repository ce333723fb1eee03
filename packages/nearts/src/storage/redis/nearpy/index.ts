export type { NearPyEntry } from "./entry.js";
export type { NearPyIndexOptions, SendCommand } from "./read-nearpy-index.js";
export { readNearPyIndex } from "./read-nearpy-index.js";
