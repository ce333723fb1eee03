// Compiles packages/nearts/kernels (AssemblyScript) to WebAssembly and writes the modules as base64 strings
// into packages/nearts/src/kernels/generated.ts. Does nothing when that file already comes from the same sources, flags and compiler.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

const library = fileURLToPath(new URL("../packages/nearts/", import.meta.url));
const target = join(library, "src/kernels/generated.ts");

/** One module each: the constant it becomes, and what its build adds to the common flags. */
const SIMD = ["--enable", "simd"];
const RELAXED = [...SIMD, "--enable", "relaxed-simd"];
// A shared memory's maximum must not be over that which the module declares: here it is the most there can be.
const SHARED = ["--enable", "threads", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"];
const ARTIFACTS = [
  { name: "simdModule", flags: SIMD },
  { name: "relaxedModule", flags: RELAXED },
  { name: "sharedSimdModule", flags: [...SIMD, ...SHARED] },
  { name: "sharedRelaxedModule", flags: [...RELAXED, ...SHARED] },
];

// The memory is ours, so that one page of vectors can be one memory; no abort, so that nothing else has to be imported.
const COMMON_FLAGS = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory", "--use", "abort="];

const stamp = `// inputs: ${inputsDigest()}`;
if (!isFresh()) await build();

function isFresh() {
  try {
    return readFileSync(target, "utf8").split("\n", 2).includes(stamp);
  } catch {
    return false;
  }
}

/** A digest of everything the output depends on. */
function inputsDigest() {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([COMMON_FLAGS, ARTIFACTS]));
  hash.update(readFileSync(createRequire(import.meta.url).resolve("assemblyscript/package.json"))); // names the compiler's version
  const sources = readdirSync(join(library, "kernels"), { recursive: true, encoding: "utf8" });
  for (const name of sources.filter((name) => name.endsWith(".ts")).sort()) {
    hash.update(`\n${name}\n`).update(readFileSync(join(library, "kernels", name)));
  }
  return hash.digest("hex");
}

async function build() {
  const lines = ["// Written by scripts/build-kernels.mjs from the AssemblyScript sources in kernels/.", stamp, ""];
  for (const { name, flags } of ARTIFACTS) {
    const wasm = await compile(flags);
    requireOnlyMemory(name, wasm);
    lines.push(`/** The WebAssembly module, base64: ${wasm.length} bytes. */`);
    lines.push(`export const ${name}: string = "${Buffer.from(wasm).toString("base64")}";`, "");
    console.error(`kernels: ${name}, ${wasm.length} bytes`);
  }
  mkdirSync(join(library, "src/kernels"), { recursive: true });
  writeFileSync(target, lines.join("\n"));
}

/**
 * @param {string[]} flags
 * @returns {Promise<Uint8Array>}
 */
async function compile(flags) {
  // Imported late: loading the compiler takes longer than finding out that there is nothing to do.
  const { default: asc } = await import("assemblyscript/asc");
  const memory = asc.createMemoryStream();
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error } = await asc.main(["kernels/index.ts", "--baseDir", library, "--outFile", "kernels.wasm", ...COMMON_FLAGS, ...flags], {
    stdout: memory,
    stderr: process.stderr,
    writeFile: (_name, contents) => {
      wasm = /** @type {Uint8Array} */ (contents); // the only file asked for is the binary
    },
  });
  if (error || !wasm) throw error ?? new Error("asc wrote no module");
  return wasm;
}

/**
 * Fails the build when a kernel needs more than the memory, for then no page could be instantiated.
 * @param {string} name
 * @param {Uint8Array} wasm
 */
function requireOnlyMemory(name, wasm) {
  // Before version 22 Node has relaxed SIMD behind a flag, later ones do not know the flag.
  if (!WebAssembly.validate(new Uint8Array(wasm))) setFlagsFromString("--experimental-wasm-relaxed-simd");
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(wasm))).map((entry) => `${entry.module}.${entry.name}`);
  if (imports.join() !== "env.memory") throw new Error(`${name} imports ${imports.join(", ") || "nothing"}, expected env.memory alone`);
}
