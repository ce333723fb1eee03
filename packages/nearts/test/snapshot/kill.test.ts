import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Engine } from "nearts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { campaign, type Verdict } from "../faults/campaign.js";
import type { Dice } from "../readers/mutate.js";
import { guardedFolder, removeFolder } from "../servers/guarded.mjs";

const stage = { name: "kill -9 of a process that saves", count: 80, seconds: 60, seed: 23 };

/** Milliseconds after its first save at which a process is killed, at most. */
const mostMillis = 30;

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
let folder: string;
let program: string;

beforeAll(async () => {
  folder = guardedFolder("kill");
  program = join(folder, "saving-process.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("saving-process.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    alias: { nearts: source("index.ts"), "#platform": source("platform/node.ts") },
    logLevel: "error",
  });
});
afterAll(() => removeFolder(folder));

/** What a process said until it was killed. */
interface Said {
  readonly opened: number;
  /** The size that the last save which resolved wrote, and that of the one that had begun. */
  readonly saved: number;
  readonly begun: number;
  readonly signal: string | null;
  readonly errors: string;
}

/** Runs a process that saves to `path`, and kills it in the middle of it. */
function killed(path: string, dice: Dice): Promise<Said> {
  const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "pipe"] });
  let [opened, saved, begun, errors] = [-1, -1, -1, ""];
  child.stderr.on("data", (bytes) => {
    errors += String(bytes);
  });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), 20_000);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word, size] = line.split(" ");
    if (word === "open") opened = Number(size);
    else if (word === "store") begun = Number(size);
    else {
      if (saved < 0) setTimeout(() => child.kill("SIGKILL"), dice.roll(mostMillis * 1000) / 1000);
      saved = Number(size);
    }
  });
  return new Promise((resolve) => {
    child.once("close", (_code, signal) => {
      clearTimeout(watchdog);
      resolve({ opened, saved, begun, signal, errors });
    });
  });
}

test("whenever a process that saves is killed, the snapshot is one that it saved, the last one acknowledged or the one after it", async (context) => {
  let path = "";
  let known = 0;
  let leftovers = 0;

  await campaign(context, stage, async (number, dice): Promise<Verdict> => {
    if (number % 20 === 0) {
      // A new index now and then, so that saves stay short.
      const own = join(folder, `index-${number}`);
      mkdirSync(own);
      path = join(own, "index.nearts");
      known = 0;
    }
    const said = await killed(path, dice);
    if (said.signal !== "SIGKILL") return { crashed: 1, why: [`it ended with ${said.signal}: ${said.errors.slice(-400)}`] };
    if (said.opened < known) return { lost: 1, why: [`${said.opened} vectors were there, ${known} had been found`] };
    if (!existsSync(path)) return { lost: 1, why: ["there is no snapshot"] };
    leftovers += readdirSync(join(path, "..")).length - 1;
    const engine = await Engine.load<{ n: number }, "dense">(path);
    known = await engine.size();
    if (known < said.saved) return { lost: 1, why: [`${known} vectors are there, and ${said.saved} were saved`] };
    if (known > Math.max(said.saved, said.begun))
      return { inconsistent: 1, why: [`${known} vectors are there, ${said.begun} had been stored`] };
    for (const n of [0, known - 5, known - 1]) {
      const stored = await engine.get(`n${n}`);
      const [nearest] = await engine.neighbours(new Float32Array(16).fill(n), { k: 1 });
      if (stored?.data?.n !== n || stored.vector[3] !== n || nearest.id !== `n${n}` || nearest.distance !== 0) {
        return { inconsistent: 1, why: [`vector ${n} is ${JSON.stringify(stored)}, its nearest ${JSON.stringify(nearest)}`] };
      }
    }
    return {};
  });

  // Some were killed with a temporary file on the disk; each but the last of an index was swept by the next process.
  expect(leftovers).toBeGreaterThan(0);
  expect(readdirSync(join(path, "..")).length).toBeLessThan(4);
}, 3_600_000);
