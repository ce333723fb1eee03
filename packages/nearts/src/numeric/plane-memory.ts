import { createArena } from "../kernels/arena.js";
import type { Arena, KernelBuild } from "../kernels/contract.js";
import { type Span, Spans } from "./spans.js";

/** The arena that the planes of all hashes in this process share: a hash takes bytes in it, never a memory of its own. */
export class PlaneMemory {
  readonly arena: Arena;
  readonly #spans = new Spans();
  readonly #abandoned = new FinalizationRegistry<Span>((span) => this.#spans.give(span));
  #scratch: Span = { at: 0, bytes: 0 };

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Takes `bytes` for as long as `owner` lives; says where. E_MEMORY where there is no room, and then nothing changed. Views of the arena are stale. */
  allocate(bytes: number, owner: object): number {
    const span = this.#take(bytes);
    this.#abandoned.register(owner, span);
    return span.at;
  }

  /** Where at least `bytes` lie that the caller may use until anyone asks for scratch again. Views of the arena are stale. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      const larger = this.#take(bytes);
      this.#spans.give(this.#scratch);
      this.#scratch = larger;
    }
    return this.#scratch.at;
  }

  #take(bytes: number): Span {
    const span = this.#spans.take(bytes);
    try {
      this.arena.ensure(this.#spans.end);
    } catch (error) {
      this.#spans.give(span);
      throw error;
    }
    return span;
  }
}

/** The memory shared by all planes that run on this build of the kernels. Made on first use. */
export function planeMemory(build: KernelBuild): PlaneMemory {
  const known = memories.get(build);
  if (known !== undefined) return known;
  const memory = new PlaneMemory(createArena(build, LIMIT));
  memories.set(build, memory);
  return memory;
}

const LIMIT = 4_294_901_760; // 65,535 pages: all that 32-bit pointers reach but the last page, which browsers refuse
const memories = new Map<KernelBuild, PlaneMemory>();
