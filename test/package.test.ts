import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What package/program.mjs answers: the neighbours of point 7, where 6 and 8 tie and the earlier row wins, then of one between 7 and 8. */
const EXPECTED = [
  [7, 6, 8],
  [7, 8, 6],
].map((found) => found.map((i) => [`v${i}`, { i }]));

/** Takes Node away from a worker before it runs the bundle, which ends with `report(result)`. */
const BROWSER_LIKE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const beyondBrowsers = ["process", "Buffer", "setImmediate", "clearImmediate", "global", "require", "module", "exports", "__filename", "__dirname"];
  for (const name of beyondBrowsers) delete globalThis[name];
  globalThis.report = (result) => parentPort.postMessage(result);
  (0, eval)(workerData);
`;

describe("the packed library", () => {
  let folder = "";
  let tarball = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nearts-package-"));
    await run("npm", ["pack", join(root, "packages/nearts"), "--pack-destination", folder], folder);
    tarball = join(folder, `nearts-${manifestIn(join(root, "packages/nearts")).version}.tgz`);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], folder);
    for (const name of ["program.mjs", "consumer.mts"]) copyFileSync(join(root, "test/package", name), join(folder, name));
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("brings its licence, its README and no other package", () => {
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["nearts"]);
    expect(readdirSync(join(folder, "node_modules/nearts")).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
  });

  it("holds of each module the code, the types and the map, and nothing else", () => {
    const files = readdirSync(join(folder, "node_modules/nearts/dist"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.includes("."),
    );
    const modules = files.filter((file) => file.endsWith(".js")).map((file) => file.slice(0, -".js".length));

    expect(files.sort()).toEqual(modules.flatMap((name) => [`${name}.js`, `${name}.js.map`, `${name}.d.ts`]).sort());
  });

  it("works by import", async () => {
    const code =
      'import * as nearts from "nearts"; import { program } from "./program.mjs"; console.log(JSON.stringify(await program(nearts)));';
    writeFileSync(join(folder, "main.mjs"), code);

    expect(JSON.parse(await run("node", ["main.mjs"], folder))).toEqual(EXPECTED);
  });

  it("works by require", async () => {
    const code = 'require("./program.mjs").program(require("nearts")).then((result) => console.log(JSON.stringify(result)));';
    writeFileSync(join(folder, "main.cjs"), code);

    expect(JSON.parse(await run("node", ["main.cjs"], folder))).toEqual(EXPECTED);
  });

  it("brings what its threads run", async () => {
    const code = `
      import { Engine } from "nearts";
      import { subscribe } from "node:diagnostics_channel";
      let [helped, troubles] = [0, 0];
      subscribe("nearts:threads", (message) => (message.error === undefined ? (helped += message.helped) : troubles++));
      const engine = new Engine({ dim: 8, distance: "euclidean", recall: 0.9, threads: 2 });
      const values = Float32Array.from({ length: 8 * 6000 }, (_, i) => Math.sin(i * i));
      await engine.storeManyVectors(values);
      await engine.train();
      for (let i = 0; i < 200 && helped === 0; i++) await engine.neighboursOfMany(values, { k: 5, columns: true });
      console.log(JSON.stringify([helped > 0, troubles]));`;
    writeFileSync(join(folder, "threads.mjs"), code);

    expect(JSON.parse(await run("node", ["threads.mjs"], folder))).toEqual([true, 0]);
  });

  it("loads at every subpath that its package.json names", async () => {
    const subpaths = Object.keys(manifestIn(join(folder, "node_modules/nearts")).exports).filter((path) => !path.endsWith(".json"));
    const code = subpaths.map((path) => `await import("nearts${path.slice(1)}");`).join("\n");

    await expect(run("node", ["--input-type=module", "-e", code], folder)).resolves.toBe("");
  });

  it("works in a browser bundle, with nothing of Node at hand", async () => {
    const code =
      'import * as nearts from "nearts"; import { program } from "./program.mjs"; program(nearts).then(report, (e) => report(String(e)));';
    const bundle = await build({
      stdin: { contents: code, resolveDir: folder },
      bundle: true,
      format: "iife",
      minify: true,
      platform: "browser",
      write: false,
      logLevel: "silent",
    });

    expect(await inBrowserLikeWorker(bundle.outputFiles[0].text)).toEqual(EXPECTED);
  });

  it.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("type checks for a consumer with moduleResolution $moduleResolution, down to its declarations", async (resolution) => {
    const project = join(folder, `tsconfig.${resolution.moduleResolution}.json`);
    const compilerOptions = {
      ...resolution,
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ["consumer.mts"] }));

    await expect(run(tool("tsc"), ["-p", project], folder)).resolves.toBe("");
  });

  it("leaves publint nothing to say", async () => {
    await expect(run(tool("publint"), [tarball, "--strict"], folder)).resolves.toContain("All good!");
  });

  it("has types that resolve as its code does (attw)", async () => {
    await expect(run(tool("attw"), [tarball, "--profile", "esm-only"], folder)).resolves.toContain('"nearts/readers"');
  });
});

/** The standard output of a command; rejects with all that it printed when it fails. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env: userEnvironment() });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }; // execFile adds both to its errors
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** The environment without what npm and vitest put there: a command must behave as if a user had typed it in that folder. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|vitest|node_env$|node_options$)/i.test(name)));
}

function tool(name: string): string {
  return join(root, "node_modules/.bin", name);
}

function manifestIn(folder: string): { readonly version: string; readonly exports: object } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string; exports: object }; // ours: publint checks its form
}

async function inBrowserLikeWorker(bundle: string): Promise<unknown> {
  const worker = new Worker(BROWSER_LIKE, { eval: true, workerData: bundle });
  try {
    return await new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  } finally {
    await worker.terminate();
  }
}
