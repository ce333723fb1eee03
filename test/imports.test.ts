import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Who may import whom inside packages/nearts/src. A file belongs to the longest name that its path starts with; files directly in src are "src".
 * Files of one layer may import each other unless `apart` says that they may not.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { imports: [] },
  kernels: { imports: ["core"] },
  numeric: { imports: ["core", "kernels"] },
  hashes: { imports: ["core", "numeric", "kernels"], apart: true },
  sketches: { imports: ["core", "numeric", "kernels"], apart: true },
  distances: { imports: ["core", "numeric", "kernels"], apart: true },
  filters: { imports: ["core", "numeric", "kernels"], apart: true },
  "storage/postings": { imports: ["core", "numeric", "kernels"] },
  "storage/vectors": { imports: ["core", "numeric", "kernels"] },
  "storage/resident": { imports: ["core", "numeric", "kernels", "storage/postings", "storage/vectors"] },
  // Runs in Node alone, and brings the client library only where it is used.
  "storage/redis": { imports: ["core", "numeric", "kernels", "storage/postings", "#platform"], packages: ["@redis/client"] },
  "storage/memory": { imports: ["core", "numeric", "kernels", "storage/postings", "storage/vectors", "storage/resident"] },
  "storage/redis/nearpy": { imports: ["core"] },
  "storage/lmdb": {
    imports: ["core", "numeric", "storage/vectors", "storage/resident", "#platform"],
    packages: ["lmdb"],
    node: true,
  },
  platform: { imports: ["core"] },
  readers: { imports: ["core", "kernels", "#platform"] },
  engine: { imports: ["core", "numeric", "kernels", "#platform"] },
  snapshot: {
    imports: [
      "core",
      "numeric",
      "kernels",
      "storage/postings",
      "storage/vectors",
      "storage/resident",
      "storage/memory",
      "engine",
      "platform",
      "#platform",
    ],
  },
  // What workers run composes as well: an engine's pipeline over the memory of another thread's storage.
  threads: {
    imports: [
      "core",
      "numeric",
      "kernels",
      "hashes",
      "sketches",
      "storage/postings",
      "storage/vectors",
      "storage/resident",
      "storage/memory",
      "engine",
      "platform",
      "#platform",
      "src",
    ],
  },
  // An engine of engines.
  mixed: { imports: ["core", "engine", "src"] },
  // src/index.ts and its neighbours compose: they alone know both the engine and the plug-ins.
  src: {
    imports: [
      "core",
      "numeric",
      "kernels",
      "hashes",
      "sketches",
      "distances",
      "filters",
      "storage/postings",
      "storage/vectors",
      "storage/resident",
      "storage/memory",
      "engine",
      "mixed",
      "snapshot",
      "threads",
      "choosing",
      "#platform",
    ],
  },
  // Composes too: it tries engines of what is built in.
  choosing: {
    imports: [
      "core",
      "numeric",
      "hashes",
      "sketches",
      "distances",
      "filters",
      "storage/postings",
      "storage/memory",
      "engine",
      "#platform",
      "src",
    ],
  },
  testing: { imports: ["core", "src"] },
};

/** The files that may import Node's modules. */
const NODE_FILES = ["platform/node.ts", "platform/node-files.ts"];

interface Layer {
  readonly imports: readonly string[];
  /** Files of this layer are plug-ins, which never import each other. */
  readonly apart?: boolean;
  /** Optional peers that its subpath needs. */
  readonly packages?: readonly string[];
  /** It runs on Node only, by a subpath of its own, and may import Node's modules. */
  readonly node?: boolean;
}

interface Import {
  /** Path of the importing file below its src folder. */
  readonly file: string;
  readonly specifier: string;
}

const library = fileURLToPath(new URL("../packages/nearts/src/", import.meta.url));
const lab = fileURLToPath(new URL("../packages/lab/src/", import.meta.url));
const cli = fileURLToPath(new URL("../packages/cli/src/", import.meta.url));

describe("the import rules of nearts", () => {
  it("every file of the library belongs to a layer with a rule", () => {
    const homeless = sourcesBelow(library).filter((file) => layerOf(file) === undefined);

    expect(homeless, "add the folder, and what it may import, to LAYERS in test/imports.test.ts").toEqual([]);
  });

  it("every relative import names an existing file by its .js name", () => {
    const wrong = [library, lab, cli].flatMap((root) =>
      importsBelow(root)
        .filter(({ specifier }) => specifier.startsWith("."))
        .filter(({ file, specifier }) => !specifier.endsWith(".js") || !existsSync(join(root, targetOf(file, specifier))))
        .map(({ file, specifier }) => `${file}: ${specifier}`),
    );

    expect(wrong).toEqual([]);
  });

  it("a layer of the library imports only the layers below it", () => {
    expect(importsBelow(library).flatMap(violations)).toEqual([]);
  });

  it("the library imports no package but the optional peer of a subpath there, and Node's modules in the platform's Node files and such subpaths alone", () => {
    const foreign = importsBelow(library)
      .filter(({ specifier }) => !specifier.startsWith(".") && specifier !== "#platform")
      .filter(({ file, specifier }) => !(NODE_FILES.includes(file) && specifier.startsWith("node:")))
      .filter(({ file, specifier }) => {
        const { packages = [], node = false }: Layer = LAYERS[layerOf(file) ?? ""] ?? { imports: [] };
        return !packages.includes(specifier) && !(node && specifier.startsWith("node:"));
      })
      .map(({ file, specifier }) => `${file}: ${specifier}`);

    expect(foreign).toEqual([]);
  });

  it("the lab and the cli know the library by its public names only, and the lab knows nothing of the cli", () => {
    const intruding = [...importsBelow(lab), ...importsBelow(cli)]
      .filter(({ file, specifier }) =>
        specifier.startsWith(".") ? targetOf(file, specifier).startsWith("..") : specifier.startsWith("nearts/") && !isPublic(specifier),
      )
      .map(({ file, specifier }) => `${file}: ${specifier}`);

    expect(intruding).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds an import however it is written, and none in comments or strings of prose", () => {
    const source = `
      import "./a.js";
      import type { B } from "./b.js";
      import {
        C,
      } from './c.js';
      export * from "./d.js";
      const e = await import("./e.js");
      type F = import("./f.js").F;
      // import "./comment.js";
      /* from "./block.js" */
      const url = "http://host/import"; const text = "taken from \\"x\\"";
    `;

    expect(specifiersIn(source)).toEqual(["./a.js", "./b.js", "./c.js", "./d.js", "./e.js", "./f.js"]);
  });

  it("refuses what the rules forbid and says what would be allowed", () => {
    expect(violations({ file: "core/rows.ts", specifier: "../engine/engine.js" })).toEqual([
      "core/rows.ts imports ../engine/engine.js: core may import nothing else, not engine",
    ]);
    expect(violations({ file: "hashes/a.ts", specifier: "./b.js" })).toEqual([
      "hashes/a.ts imports ./b.js: files of hashes are plug-ins and never import each other; what they share belongs in numeric or core",
    ]);
    expect(violations({ file: "engine/engine.ts", specifier: "../hashes/uni-bucket.js" })).toHaveLength(1);
    expect(violations({ file: "readers/npy.ts", specifier: "../platform/node.js" })).toHaveLength(1);
    expect(violations({ file: "index.ts", specifier: "./testing/index.js" })).toHaveLength(1);
  });

  it("lets pass what the rules allow", () => {
    expect(violations({ file: "hashes/a.ts", specifier: "../numeric/eigen.js" })).toEqual([]);
    expect(violations({ file: "engine/engine.ts", specifier: "./stats.js" })).toEqual([]);
    expect(violations({ file: "readers/npy.ts", specifier: "#platform" })).toEqual([]);
    expect(violations({ file: "index.ts", specifier: "./engine/engine.js" })).toEqual([]);
  });
});

function violations({ file, specifier }: Import): string[] {
  const from = layerOf(file);
  const to = specifier === "#platform" ? specifier : specifier.startsWith(".") ? layerOf(targetOf(file, specifier)) : undefined;
  if (from === undefined || to === undefined) return []; // other tests report these
  const { imports, apart = false } = LAYERS[from];
  if (from === to) {
    return apart
      ? [
          `${file} imports ${specifier}: files of ${from} are plug-ins and never import each other; what they share belongs in numeric or core`,
        ]
      : [];
  }
  return imports.includes(to)
    ? []
    : [`${file} imports ${specifier}: ${from} may import ${imports.join(", ") || "nothing else"}, not ${to}`];
}

/** The layer of a path below src; undefined where no rule covers it. */
function layerOf(file: string): string | undefined {
  if (!file.includes("/")) return "src";
  return Object.keys(LAYERS)
    .filter((name) => file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function targetOf(file: string, specifier: string): string {
  return normalize(join(dirname(file), specifier.replace(/\.js$/, ".ts")));
}

function isPublic(specifier: string): boolean {
  const { exports } = JSON.parse(readFileSync(join(library, "../package.json"), "utf8")) as { exports: Record<string, unknown> };
  return `.${specifier.slice("nearts".length)}` in exports;
}

function importsBelow(root: string): Import[] {
  return sourcesBelow(root).flatMap((file) =>
    specifiersIn(readFileSync(join(root, file), "utf8")).map((specifier) => ({ file, specifier })),
  );
}

function sourcesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && statSync(join(root, file)).isFile())
    .map((file) => relative(root, join(root, file)).replaceAll("\\", "/"))
    .sort();
}

/** What a source imports, statically, dynamically or as a type, in order. */
function specifiersIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
  const statements = code.matchAll(
    /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3]);
}
