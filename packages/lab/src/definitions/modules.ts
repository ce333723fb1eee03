import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { NearError } from "nearts";

/** A module of the user's. */
export interface Loaded {
  readonly exports: Readonly<Record<string, unknown>>;
  /** SHA-256 of its code, with all that it imports by relative paths: what it does may change when this does. */
  readonly hash: string;
}

/** Modules that wait at their top, for a file perhaps, may wait so long. */
const patience = 30_000;

/**
 * Runs a module in JavaScript or TypeScript (types are dropped, not checked) and returns what it exports. `nearts` and `nearts-lab` are the ones that
 * this program runs, whatever is installed beside the module. E_BAD_FILE for one that cannot be read, that throws, or
 * that is not done after `millis`.
 */
export async function loadModule(path: string, millis: number = patience): Promise<Loaded> {
  const code = await compiled(path);
  const folder = await mkdtemp(join(tmpdir(), "nearts-"));
  try {
    const file = join(folder, "module.mjs");
    await writeFile(file, code);
    const imported = import(/* @vite-ignore */ pathToFileURL(file).href) as Promise<Record<string, unknown>>; // what every module is
    const exports = await inTime(imported, millis);
    return { exports, hash: createHash("sha256").update(code).digest("hex") };
  } catch (cause) {
    throw badModule(path, cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the work comes to; rejects when it takes longer. */
async function inTime<T>(work: Promise<T>, millis: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it waits at its top for something that has not come in ${millis / 1000} s`)), millis);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function compiled(path: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      // It runs from another place, which its own address must not tell.
      define: { "import.meta.url": JSON.stringify(pathToFileURL(path).href) },
      plugins: [packagesOutside],
    });
    return outputFiles[0].text;
  } catch (cause) {
    throw badModule(path, cause);
  }
}

const own = createRequire(import.meta.url);
const ownPackage = /^nearts(-lab)?(\/|$)/;

/** Packages are imported from where they lie, by their full address, as the compiled module lies elsewhere. */
const packagesOutside: Plugin = {
  name: "packages-outside",
  setup: (compiler) => {
    compiler.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === "entry-point" || pluginData === "asked") return undefined;
      if (isBuiltin(path)) return { path, external: true };
      if (ownPackage.test(path)) return { path: pathToFileURL(own.resolve(path)).href, external: true };
      const found = await compiler.resolve(path, {
        kind,
        resolveDir: resolveDir === "" ? dirname(importer) : resolveDir,
        pluginData: "asked",
      });
      return found.errors.length > 0 ? { errors: found.errors } : { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

function badModule(path: string, cause: unknown): NearError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NearError("E_BAD_FILE", `${JSON.stringify(path)} cannot be loaded: ${reason}`, { path }, { cause });
}

/** Whether a text names a module rather than something built in. */
export function isModulePath(text: string): boolean {
  return text.startsWith(".") || text.startsWith("/") || /\.[cm]?[jt]s$/.test(text);
}
