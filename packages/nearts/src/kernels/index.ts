export { type ArenaOptions, bestBuild, createArena, createArenaOver } from "./arena.js";
export type { Arena, KernelBuild, KernelFunctions, Views } from "./contract.js";
export { padded, scanJob, scanPlan } from "./contract.js";
