import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { guardedFolder, removeFolder } from "../../servers/guarded.mjs";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const source = (path: string): string => join(root, "packages/nearts/src", path);

/** A change of one source file, for programs that are to be wrong on purpose. */
export interface Break {
  /** Below packages/nearts/src. */
  readonly file: string;
  /** Text that is there exactly once, and what stands in its place. */
  readonly from: string;
  readonly to: string;
}

/** A program of the tests made of the library's sources, runnable by Node; `remove` when done. */
export interface Bundle {
  readonly path: string;
  remove(): void;
}

/** Bundles engine-process.ts with the library as its sources are now, or as they are with some changes. */
export async function bundled(breaks: readonly Break[] = []): Promise<Bundle> {
  // Below node_modules, so that packages that stay outside are found from there.
  const cache = join(root, "node_modules/.cache/nearts-faults");
  mkdirSync(cache, { recursive: true });
  const folder = guardedFolder("bundle", cache);
  // Else Node takes no file below node_modules for a module of its own.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const done = new Set<Break>();
  await build({
    // The process itself, and the one that LMDB's storage starts to look at an index that was not closed, which must lie beside it.
    entryPoints: {
      "engine-process": fileURLToPath(new URL("engine-process.ts", import.meta.url)),
      "child-main": source("storage/lmdb/child-main.ts"),
    },
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["lmdb", "@redis/client", "ioredis"],
    alias: {
      nearts: source("index.ts"),
      "nearts/lmdb": source("storage/lmdb/index.ts"),
      "nearts/redis": source("storage/redis/index.ts"),
      "#platform": source("platform/node.ts"),
    },
    plugins: [changing(breaks, done)],
    logLevel: "error",
  });
  for (const change of breaks) if (!done.has(change)) throw new Error(`${change.file} is not part of the program: its break does nothing`);
  return { path: join(folder, "engine-process.js"), remove: () => removeFolder(folder) };
}

function changing(breaks: readonly Break[], done: Set<Break>): Plugin {
  return {
    name: "breaks",
    setup: (building) => {
      for (const file of new Set(breaks.map((change) => change.file))) {
        const filter = new RegExp(`${source(file).replace(/[.+/\\-]/g, "\\$&")}$`);
        building.onLoad({ filter }, ({ path }) => {
          let text = readFileSync(path, "utf8");
          for (const change of breaks.filter((candidate) => candidate.file === file)) {
            if (text.split(change.from).length !== 2)
              throw new Error(`${file} has not exactly one ${JSON.stringify(change.from)} to break`);
            text = text.replace(change.from, () => change.to);
            done.add(change);
          }
          return { contents: text, loader: "ts" };
        });
      }
    },
  };
}
