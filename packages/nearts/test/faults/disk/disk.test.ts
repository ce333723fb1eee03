import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dice } from "../../readers/mutate.js";
import { guardedFolder, removeFolder } from "../../servers/guarded.mjs";
import { readLog } from "./log.js";
import { cutPower, writeImage } from "./power-cut.js";
import { type ShimOptions, shimmed } from "./shim.js";

let folder = "";
let root = "";
let log = "";
beforeEach(() => {
  folder = guardedFolder("disk");
  root = join(folder, "root");
  log = join(folder, "log");
});
afterEach(() => removeFolder(folder));

/** Runs a program of Node's over the shim, in which `fs` is node:fs, `root` the folder that is watched and `say` writes a line at once. */
function run(program: string, options: Partial<ShimOptions> = {}): { said: string; signal: string | null } {
  const code = `const fs = require("node:fs"); const root = ${JSON.stringify(root)}; const say = (text) => fs.writeSync(1, text + "\\n"); fs.mkdirSync(root);`;
  const environment = { ...process.env, ...shimmed({ root, log, ...options }) };
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["-e", code + program], { env: environment, encoding: "utf8" });
  if (stderr !== "") throw new Error(stderr);
  return { said: stdout, signal };
}

/** All that a cut after so many events can leave of a file, over many seeds, as text; "absent" where it is not there. */
function outcomes(path: string, count?: number): string[] {
  const events = readLog(log);
  const seen = Array.from({ length: 200 }, (_, seed) => {
    const bytes = cutPower(events, count ?? events.length, new Dice(seed)).get(join(root, path));
    return bytes === undefined ? "absent" : Buffer.from(bytes).toString("latin1");
  });
  return [...new Set(seen)].sort();
}

describe("the shim", () => {
  it("notes writes, syncs and what is said, in the order in which they happened", () => {
    run(`
      const file = fs.openSync(root + "/a", "w");
      fs.writeSync(file, "hello"); fs.writevSync(file, [Buffer.from("a"), Buffer.from("b")]); fs.writeSync(file, "x", 1); fs.fdatasyncSync(file);
      say("done"); fs.ftruncateSync(file, 3); fs.renameSync(root + "/a", root + "/b"); fs.unlinkSync(root + "/b");
    `);

    const kinds = readLog(log).map((event) => (event.kind === "write" ? `write ${event.offset} ${String(event.bytes)}` : event.kind));
    expect(kinds).toEqual(["write 0 hello", "write 5 ab", "write 1 x", "sync", "synced", "said", "truncate", "rename", "remove"]);
  });

  it("fails the k-th write with the error asked for, once", () => {
    const program = `
      const file = fs.openSync(root + "/a", "w");
      for (const text of ["one", "two", "three"]) { try { fs.writeSync(file, text); say("ok"); } catch (error) { say(error.code); } }
    `;
    expect(run(program, { fault: { call: "write", at: 2, error: "ENOSPC" } }).said).toBe("ok\nENOSPC\nok\n");
  });

  it("fails every sync from the k-th on, and notes none of them as done", () => {
    const program = `
      const file = fs.openSync(root + "/a", "w");
      for (let i = 0; i < 3; i++) { try { fs.fsyncSync(file); say("ok"); } catch (error) { say(error.code); } }
    `;
    expect(run(program, { fault: { call: "sync", at: 2, error: "EIO", forever: true } }).said).toBe("ok\nEIO\nEIO\n");
    expect(readLog(log).filter(({ kind }) => kind === "synced")).toHaveLength(1);
  });

  it("kills at the k-th write, and what was written before is there", () => {
    const program = `const file = fs.openSync(root + "/a", "w"); for (let i = 0; i < 5; i++) fs.writeSync(file, String(i));`;

    expect(run(program, { fault: { call: "write", at: 3, error: "kill" } }).signal).toBe("SIGKILL");
    expect(readFileSync(join(root, "a"), "utf8")).toBe("01");
  });

  it("makes syncs slow", () => {
    const program = `const file = fs.openSync(root + "/a", "w"); const start = Date.now(); fs.fsyncSync(file); say(String(Date.now() - start));`;

    expect(Number(run(program, { syncMicros: 50_000 }).said)).toBeGreaterThanOrEqual(50);
  });
});

describe("a power cut", () => {
  it("keeps what a completed sync found, and any part of what was written later, in any order", () => {
    run(`
      const file = fs.openSync(root + "/a", "w"); fs.writeSync(file, "hello"); fs.fsyncSync(file); fs.writeSync(file, "X", 0); fs.writeSync(file, "YZ", 0);
    `);

    expect(outcomes("a")).toEqual(["XZllo", "Xello", "YZllo", "hello"]);
  });

  it("keeps nothing for sure of what no sync found", () => {
    run(`const file = fs.openSync(root + "/a", "w"); fs.writeSync(file, "hello");`);

    expect(outcomes("a")).toEqual(["", "hello"]);
  });

  it("tears writes at sectors of 512 bytes", () => {
    run(
      `const file = fs.openSync(root + "/a", "w"); fs.writeSync(file, "a".repeat(512) + "b".repeat(512)); fs.fsyncSync(file); fs.writeSync(file, "c".repeat(1024), 0);`,
    );

    const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(512));
    expect(outcomes("a")).toEqual([a + b, a + c, c + b, c + c]);
  });

  it("keeps a rename only where its folder was synced after it", () => {
    run(`
      fs.writeFileSync(root + "/a", "old"); const fd = fs.openSync(root + "/a", "r+"); fs.fsyncSync(fd); fs.fsyncSync(fs.openSync(root, "r"));
      fs.writeFileSync(root + "/b", "new", { flush: true }); fs.renameSync(root + "/b", root + "/a"); say("renamed"); fs.fsyncSync(fs.openSync(root, "r"));
    `);
    const renamed = readLog(log).findIndex((event) => event.kind === "said");

    expect(outcomes("a", renamed)).toEqual(["new", "old"]);
    expect(outcomes("a")).toEqual(["new"]);
  });

  it("after everything was synced is what the files are", () => {
    run(`
      const file = fs.openSync(root + "/a", "w");
      for (let i = 0; i < 300; i++) fs.writeSync(file, Buffer.alloc(1 + (i * 7919) % 3000, i), 0, 1 + (i * 7919) % 3000, (i * 104729) % 90000);
      fs.ftruncateSync(file, 70000); fs.fsyncSync(file);
    `);
    const image = join(folder, "image");
    writeImage(cutPower(readLog(log), Number.POSITIVE_INFINITY, new Dice(1)), root, image);

    expect(readFileSync(join(image, "a")).equals(readFileSync(join(root, "a")))).toBe(true);
  });
});
