export { bestBuild, createArena } from "./arena.js";
export type { Arena, KernelBuild, KernelFunctions, Views } from "./contract.js";
export { padded } from "./contract.js";
