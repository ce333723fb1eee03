import type { KernelBuild, KernelFunctions } from "./contract.js";
import { relaxedModule, sharedRelaxedModule, sharedSimdModule, simdModule } from "./generated.js";

/** The builds that are WebAssembly. */
export type WasmBuild = Exclude<KernelBuild, "reference">;

/** The modules as base64: one for memories of this thread's own, one for shared ones, since a module declares which it takes. */
const sources: Record<WasmBuild, { readonly own: string; readonly shared: string }> = {
  simd: { own: simdModule, shared: sharedSimdModule },
  "relaxed-simd": { own: relaxedModule, shared: sharedRelaxedModule },
};

const compiled = new Map<string, WebAssembly.Module | null>();

/** Whether this runtime can run the build. */
export function supports(build: WasmBuild): boolean {
  return moduleOf(sources[build].own) !== null;
}

/** Whether this runtime has the 128-bit instructions that every WebAssembly build needs. */
export function simdSupported(): boolean {
  return supports("simd");
}

/** The kernels of the build over `memory`. Compiled once, on first use, so that importing the library costs nothing. */
export function instantiate(memory: WebAssembly.Memory, build: WasmBuild): KernelFunctions {
  const { own, shared } = sources[build];
  const loaded = moduleOf(isShared(memory) ? shared : own);
  if (loaded === null) throw new Error(`WebAssembly of the build "${build}" is not available in this runtime`);
  // The exports are those of kernels/index.ts, which implements this interface; tests compare each with its twin.
  return new WebAssembly.Instance(loaded, { env: { memory } }).exports as unknown as KernelFunctions;
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
}

function moduleOf(base64: string): WebAssembly.Module | null {
  const known = compiled.get(base64);
  if (known !== undefined) return known;
  const module = compile(base64);
  compiled.set(base64, module);
  return module;
}

function compile(base64: string): WebAssembly.Module | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    // Runtimes that forbid compiling at run time (some content security policies) still have the plain kernels.
    return null;
  }
}
