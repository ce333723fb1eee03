import { createArenaOver } from "../kernels/arena.js";
import { mapperOf, type SharedMapping } from "./map-rows.js";
import { assignBlock, type SharedNearest } from "./nearest-blocks.js";

/** Work in parts as other threads are told of it, by its kind. */
export type SharedWork = SharedMapping | SharedNearest;

/** Does parts of a work in thread number `thread`, one that it was shared with. */
export function partsOf(work: SharedWork, thread: number): (part: number) => void {
  if (work.kind === "map") return mapperOf(work);
  work.memory.grow(0); // grown by another thread, it shows its new size here once it is asked to grow
  const arena = createArenaOver(work.memory);
  return (part) => assignBlock(arena, work.at, part, thread);
}
