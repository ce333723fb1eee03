import type { KernelFunctions } from "./contract.js";
import { simdModule } from "./generated.js";

let compiled: WebAssembly.Module | null | undefined;

/** Whether this runtime can run the SIMD build. */
export function simdSupported(): boolean {
  return module() !== null;
}

/** The SIMD kernels over `memory`. Compiled once, on first use, so that importing the library costs nothing. */
export function instantiate(memory: WebAssembly.Memory): KernelFunctions {
  const loaded = module();
  if (loaded === null) throw new Error("WebAssembly SIMD is not available in this runtime");
  // The exports are those of kernels/index.ts, which implements this interface; tests compare each with its twin.
  return new WebAssembly.Instance(loaded, { env: { memory } }).exports as unknown as KernelFunctions;
}

function module(): WebAssembly.Module | null {
  if (compiled === undefined) compiled = compile();
  return compiled;
}

function compile(): WebAssembly.Module | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = Uint8Array.from(atob(simdModule), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    // Runtimes that forbid compiling at run time (some content security policies) still have the plain kernels.
    return null;
  }
}
