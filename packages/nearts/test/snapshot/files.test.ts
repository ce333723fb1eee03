import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "nearts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../acceptance/vectors.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nearts-snapshot-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function engineOfOne(): Promise<Engine> {
  const engine = new Engine({ dim: 2 });
  await engine.storeVector([1, 2], { id: "one" });
  return engine;
}

describe("a snapshot in a file", () => {
  it("is loaded by its path, and only its owner may read it", async () => {
    const path = join(folder, "ä index");
    await (await engineOfOne()).save(path);

    expect((await (await Engine.load(path)).get("one"))?.vector).toEqual(Float32Array.of(1, 2));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["ä index"]);
  });

  it("is found by a path through a linked folder, relative to where the process is too", async () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("real", join(folder, "linked"));
    await (await engineOfOne()).save(join(folder, "linked", "index"));

    expect(readdirSync(join(folder, "real"))).toEqual(["index"]);
    expect(await (await Engine.load(join(folder, "linked", "index"))).size()).toBe(1);
  });

  it("is refused with the path and the reason where that leads to something else", async () => {
    const engine = await engineOfOne();
    const [directory, link, pipe, readOnly] = ["directory", "link", "pipe", "read-only"].map((name) => join(folder, name));
    mkdirSync(directory);
    await engine.save(join(folder, "file"));
    symlinkSync("file", link);
    execFileSync("mkfifo", [pipe]);
    writeFileSync(readOnly, "mine");
    chmodSync(readOnly, 0o444);
    const missing = join(folder, "no", "where");
    const inside = join(folder, "file", "inside");

    for (const [path, reason] of [
      [directory, "directory"],
      [link, "symbolic link"],
      [pipe, "pipe"],
      [readOnly, "read-only"],
      [missing, "no such file or folder"],
      [inside, "no folder"],
    ]) {
      const refused = await refusal(() => engine.save(path));
      expect([refused.code, refused.message.includes(reason), refused.message.includes(JSON.stringify(path))], refused.message).toEqual([
        "E_IO",
        true,
        true,
      ]);
    }
    expect(readFileSync(readOnly, "utf8")).toBe("mine");
    for (const path of [directory, link, pipe, missing, inside]) {
      const refused = await refusal(() => Engine.load(path));
      expect([refused.code, refused.details["path"]], refused.message).toEqual(["E_IO", path]);
    }
    expect(readdirSync(folder).sort()).toEqual(["directory", "file", "link", "pipe", "read-only"]);
  });

  it("is not disturbed by what others left: what a process that is gone left is swept, what another one is writing is not", async () => {
    const path = join(folder, "index");
    const gone = spawnedAndGone();
    const left = `index.tmp-${gone}-0123456789ab`;
    const own = `index.tmp-${process.pid}-0123456789ab`;
    const living = `index.tmp-${process.ppid}-0123456789ab`;
    const kept = ["index.tmp-1-0123", "other.tmp-1-0123456789ab", "index.tmp", living];
    for (const name of [left, own, ...kept]) writeFileSync(join(folder, name), "");
    // As of a process of the same number before this one began.
    utimesSync(join(folder, own), new Date(0), new Date(0));

    await (await engineOfOne()).save(path);

    expect(readdirSync(folder).sort()).toEqual(["index", ...kept].sort());
  });

  it("is refused when it is cut short anywhere, or longer than it was", async () => {
    const engine = new Engine({ dim: 64 });
    // Larger than what is read ahead, so that checksums are compared on the way.
    await engine.storeManyVectors(Float32Array.from({ length: 64 * 2000 }, (_, i) => Math.sin(i)));
    const path = join(folder, "index");
    await engine.save(path);
    const bytes = readFileSync(path);
    for (const length of [0, 7, 31, 40, 200, 300_000, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      const refused = await refusal(() => Engine.load(path));
      expect([refused.code, refused.details["section"]], refused.message).toEqual(["E_CORRUPT", "head"]);
    }
    writeFileSync(path, Buffer.concat([bytes, Buffer.of(0)]));
    expect((await refusal(() => Engine.load(path))).code).toBe("E_CORRUPT");
  });

  it("is refused with the section and the byte where a bit of it has changed", async () => {
    const engine = new Engine({ dim: 64, recall: 0.9, distance: "euclidean" });
    await engine.storeManyVectors(
      Float32Array.from({ length: 64 * 900 }, (_, i) => Math.sin(i * i)),
      { ids: Array.from({ length: 900 }, (_, i) => `id ${i}`) },
    );
    await engine.train();
    const bytes = await engine.save();
    const view = new DataView(bytes.buffer);
    const sections = new Set<unknown>();
    let at = 32 + 16 * view.getUint32(12, true);
    for (let i = 0; i < view.getUint32(12, true); i++) {
      const length = view.getUint32(32 + 16 * i + 8, true);
      const damaged = bytes.slice();
      damaged[at + Math.floor(length * 0.6)] ^= 4;
      const { code, details } = await refusal(() => Engine.load(damaged));
      sections.add(details["section"]);
      expect([code, (details["offset"] as number) >= at && (details["offset"] as number) <= at + length + 4]).toEqual(["E_CORRUPT", true]);
      at += length + 4;
    }
    expect([...sections]).toEqual(["META", "VECT", "IDTX", "HASH"]);
  });
});

/** The number of a process that has ended. */
function spawnedAndGone(): number {
  return Number(execFileSync(process.execPath, ["-e", "console.log(process.pid)"], { encoding: "utf8" }));
}
