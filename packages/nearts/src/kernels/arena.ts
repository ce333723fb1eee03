import { NearError } from "../core/errors.js";
import type { Arena, KernelBuild, KernelFunctions, Views } from "./contract.js";
import { referenceKernels } from "./reference.js";
import { instantiate, simdSupported } from "./wasm.js";

const wasmPage = 65_536;
const gibibyte = 2 ** 30;

/** The build that runs here: SIMD where WebAssembly has it. */
export function bestBuild(): KernelBuild {
  return simdSupported() ? "simd" : "reference";
}

/** An empty arena of at most `limit` bytes (1 GiB when not given), with its own kernels. */
export function createArena(build: KernelBuild = bestBuild(), limit: number = gibibyte): Arena {
  return build === "simd" ? new SimdArena(limit) : new ReferenceArena(limit);
}

class SimdArena implements Arena {
  readonly build = "simd";
  readonly kernels: KernelFunctions;
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  #views: Views;

  constructor(limit: number) {
    this.#limit = Math.ceil(limit / wasmPage) * wasmPage;
    this.#memory = reserve(() => new WebAssembly.Memory({ initial: 1, maximum: this.#limit / wasmPage }), wasmPage);
    this.kernels = instantiate(this.#memory);
    this.#views = viewsOf(this.#memory.buffer);
  }

  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  views(): Views {
    // A grown memory has a new buffer; the old one is detached and its views are empty.
    if (this.#views.u8.byteLength !== this.#memory.buffer.byteLength) this.#views = viewsOf(this.#memory.buffer);
    return this.#views;
  }

  ensure(bytes: number): void {
    if (bytes <= this.size) return;
    refuseOver(this.#limit, bytes);
    const more = Math.ceil((bytes - this.size) / wasmPage);
    reserve(() => this.#memory.grow(more), bytes);
  }
}

class ReferenceArena implements Arena {
  readonly build = "reference";
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

function viewsOf(buffer: ArrayBuffer): Views {
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
