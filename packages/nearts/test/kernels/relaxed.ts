import { setFlagsFromString } from "node:v8";
import type { KernelBuild } from "../../src/kernels/contract.js";
import { relaxedModule } from "../../src/kernels/generated.js";

/** The WebAssembly builds; import this before any arena is made, for Node 20 has relaxed SIMD behind a flag and later versions do not know the flag. */
export const wasmBuilds = ["simd", "relaxed-simd"] as const satisfies readonly KernelBuild[];

if (!WebAssembly.validate(Buffer.from(relaxedModule, "base64"))) setFlagsFromString("--experimental-wasm-relaxed-simd");
