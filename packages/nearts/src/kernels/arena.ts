import { NearError } from "../core/errors.js";
import type { Arena, KernelBuild, KernelFunctions, Views } from "./contract.js";
import { referenceKernels } from "./reference.js";
import { instantiate, simdSupported, supports, type WasmBuild } from "./wasm.js";

const wasmPage = 65_536;
/** Memories larger than this grow by no less. */
const leastGrowth = 4 * 2 ** 20;
const gibibyte = 2 ** 30;
/** Of 32-bit addresses. */
const largestMemory = 2 ** 32;

/** The quickest build that runs here. */
export function bestBuild(): KernelBuild {
  if (supports("relaxed-simd")) return "relaxed-simd";
  return simdSupported() ? "simd" : "reference";
}

/** How an arena's memory is made. */
export interface ArenaOptions {
  /** Whether workers can be given its {@link Arena.memory}, to make an arena over the same bytes by {@link createArenaOver}. */
  readonly shared?: boolean;
}

/**
 * An empty arena of at most `limit` bytes (1 GiB when not given), with its own kernels. Throws E_UNSUPPORTED where it is to be shared and the runtime has no
 * shared memory, or the build is the plain one.
 */
export function createArena(build: KernelBuild = bestBuild(), limit: number = gibibyte, { shared = false }: ArenaOptions = {}): Arena {
  if (shared) requireShared(build);
  if (build === "reference") return new ReferenceArena(limit);
  const maximum = Math.ceil(limit / wasmPage);
  const memory = reserve(() => new WebAssembly.Memory({ initial: 1, maximum, shared }), wasmPage);
  return new WasmArena(build, memory, maximum * wasmPage);
}

/**
 * An arena over the bytes of another, whose {@link Arena.memory} it is given: in a worker when that is shared. It may grow to the memory's own limit. Nothing
 * keeps threads from writing to the same bytes at once: whoever shares them gives each its own. Throws E_UNSUPPORTED for the plain build.
 */
export function createArenaOver(memory: WebAssembly.Memory, build: KernelBuild = bestBuild()): Arena {
  if (build === "reference") throw new NearError("E_UNSUPPORTED", "the plain kernels do not run over a WebAssembly memory", { build });
  return new WasmArena(build, memory, largestMemory);
}

/** Throws E_UNSUPPORTED where there is no shared memory, or the build is the plain one. */
export function requireShared(build: KernelBuild = bestBuild()): void {
  if (build === "reference") {
    throw new NearError("E_UNSUPPORTED", "only the WebAssembly builds have shared memory, not the plain kernels", { build });
  }
  if (typeof SharedArrayBuffer === "undefined") {
    throw new NearError(
      "E_UNSUPPORTED",
      "this runtime has no shared memory: use one thread, or in a browser serve the page with COOP and COEP headers",
      { build },
    );
  }
}

class WasmArena implements Arena {
  readonly build: WasmBuild;
  readonly kernels: KernelFunctions;
  readonly memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #shared: boolean;
  #views: Views;

  constructor(build: WasmBuild, memory: WebAssembly.Memory, limit: number) {
    this.build = build;
    this.memory = memory;
    this.#limit = limit;
    this.kernels = instantiate(memory, build);
    this.#views = viewsOf(memory.buffer);
    this.#shared = !(memory.buffer instanceof ArrayBuffer);
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }

  views(): Views {
    // A grown memory has a new buffer; the old one is detached and its views are empty, or, when it is shared, too short.
    // To ask a memory for its buffer costs more than most calls of kernels, so only a shared one is asked.
    const { length } = this.#views.u8;
    if (length === 0 || (this.#shared && length !== this.memory.buffer.byteLength)) this.#views = viewsOf(this.memory.buffer);
    return this.#views;
  }

  ensure(bytes: number): void {
    if (bytes <= this.size) return;
    refuseOver(this.#limit, bytes);
    // Each growth makes a new buffer, which the garbage collector counts as all of the memory anew: many small ones keep it busy. Pages that nobody has
    // written yet cost nothing.
    const ahead = Math.min(this.#limit, this.size + Math.max(leastGrowth, this.size / 8));
    const pages = (wanted: number) => Math.ceil((wanted - this.size) / wasmPage);
    if (ahead > bytes && this.size > leastGrowth) {
      try {
        this.memory.grow(pages(ahead));
        return;
      } catch {
        // There may still be room for what is needed.
      }
    }
    reserve(() => this.memory.grow(pages(bytes)), bytes);
  }
}

class ReferenceArena implements Arena {
  readonly build = "reference";
  readonly memory = null;
  readonly kernels: KernelFunctions;
  readonly #limit: number;
  #views: Views = viewsOf(new ArrayBuffer(wasmPage));

  constructor(limit: number) {
    this.#limit = limit;
    this.kernels = referenceKernels(() => this.#views);
  }

  get size(): number {
    return this.#views.u8.byteLength;
  }

  views(): Views {
    return this.#views;
  }

  ensure(bytes: number): void {
    if (bytes <= this.size) return;
    refuseOver(this.#limit, bytes);
    const size = Math.min(Math.max(bytes, this.size * 1.5), Math.max(bytes, this.#limit));
    const next = reserve(() => viewsOf(new ArrayBuffer(Math.ceil(size / 16) * 16)), bytes);
    next.u8.set(this.#views.u8);
    this.#views = next;
  }
}

function viewsOf(buffer: ArrayBufferLike): Views {
  return { u8: new Uint8Array(buffer), u32: new Uint32Array(buffer), f32: new Float32Array(buffer), f64: new Float64Array(buffer) };
}

function refuseOver(limit: number, bytes: number): void {
  if (bytes > limit) throw new NearError("E_MEMORY", `an arena of at most ${limit} bytes cannot hold ${bytes}`, { limit, bytes });
}

function reserve<T>(allocate: () => T, bytes: number): T {
  try {
    return allocate();
  } catch (cause) {
    throw new NearError(
      "E_MEMORY",
      `the machine refused ${bytes} bytes of memory: free some, or store fewer or shorter vectors`,
      { bytes },
      { cause },
    );
  }
}
