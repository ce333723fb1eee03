import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/random.js";
import { Engine, NearError, UniBucket } from "../../../src/index.js";
import { type LmdbStorage, repairLmdb, verifyLmdb } from "../../../src/storage/lmdb/index.js";
import { lmdbFolder } from "./folder.js";

const { path, storage } = lmdbFolder();
const dim = 24;
const count = 300;

function vectorOf(id: number): Float32Array {
  const random = new Random(id);
  return Float32Array.from({ length: dim }, () => random.uniform());
}

async function filled(folder: string): Promise<void> {
  const engine = new Engine({ dim, distance: "euclidean", storage: storage({ path: folder }), hashes: [new UniBucket({ name: "one" })] });
  const ids = Array.from({ length: count }, (_, id) => id);
  await engine.storeManyVectors(ids.map(vectorOf), { ids, data: ids.map((id) => ({ id })) });
  await engine.close();
}

/** What opening an index, and reading all of it, is refused with; null where nothing is wrong. */
async function refusal(folder: string): Promise<NearError | null> {
  const opened: LmdbStorage = storage({ path: folder });
  try {
    const engine = await Engine.open({ storage: opened });
    for await (const { id, vector } of engine.entries()) expect(vector).toEqual(vectorOf(Number(id)));
    return null;
  } catch (error) {
    if (error instanceof NearError) return error;
    throw error;
  } finally {
    await opened.close();
  }
}

/** A copy of an index with its file changed. */
function damaged(good: string, change: (bytes: Buffer) => Buffer): string {
  const folder = path();
  cpSync(good, folder, { recursive: true });
  const file = join(folder, "data.mdb");
  writeFileSync(file, change(readFileSync(file)));
  return folder;
}

describe("an LMDB file that is no sound index", () => {
  it.each<[what: string, change: (bytes: Buffer) => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["shorter than its first page", (bytes) => bytes.subarray(0, 1000)],
    ["cut off in the middle", (bytes) => bytes.subarray(0, (bytes.length >>> 13) << 12)],
    ["all zeros", (bytes) => Buffer.alloc(bytes.length)],
    ["of another kind", (bytes) => Buffer.alloc(bytes.length, "no database ")],
    ["of a page size that is none", (bytes) => overwritten(bytes, [48, 4096 + 48], 77)],
    ["of another version", (bytes) => overwritten(bytes, [28, 4096 + 28], 9)],
  ])("is refused as damaged where it is %s, and the process lives", async (_what, change) => {
    const good = path();
    await filled(good);
    expect((await refusal(damaged(good, change)))?.code).toBe("E_CORRUPT");
  });

  it("is refused where it is another's database", async () => {
    const { open } = await import("lmdb");
    const folder = path();
    const other = open({ path: folder, noSubdir: false });
    await other.put("a", 1);
    await other.close();
    expect((await refusal(folder))?.code).toBe("E_CORRUPT");
  });

  it("is refused where the path is a file, or a folder of something else", async () => {
    const file = path();
    writeFileSync(file, "text");
    await expect(storage({ path: file }).schema()).rejects.toMatchObject({ code: "E_IO" });
    const folder = path();
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine");
    const opened = storage({ path: folder });
    expect(await opened.schema()).toBeNull();
    await expect(opened.storeConfig({ type: "T", version: 1, name: "n" })).rejects.toMatchObject({ code: "E_IO" });
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  it("is not taken for one that a process began to make, which is taken away", async () => {
    const folder = path("half");
    mkdirSync(`${folder}.new-999999999-0123456789ab`);
    await filled(folder);
    expect(readdirSync(join(folder, "..")).filter((name) => name.startsWith("half"))).toEqual(["half"]);
    expect(await refusal(folder)).toBeNull();
  });

  it("gives no wrong vector for any flipped bit: it is refused, by name, or all is as it was", async () => {
    const good = path();
    await filled(good);
    const random = new Random(5);
    const bytes = readFileSync(join(good, "data.mdb"));
    // Where vectors are: a flipped bit elsewhere may end a process, which is for the check in another one.
    const places = Array.from(
      { length: 12 },
      () => bytes.indexOf(Buffer.from(vectorOf(random.below(count)).buffer)) + random.below(dim * 4),
    );
    for (const at of places) {
      const folder = damaged(good, (copy) => {
        copy[at] ^= 1 << random.below(8);
        return copy;
      });
      expect((await refusal(folder))?.code).toBe("E_CORRUPT");
      const { problems } = await verifyLmdb(folder);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^the vector of row \d+ is damaged/);
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it("is repaired into a new index that has all but what was damaged, and says what that was", async () => {
    const good = path();
    await filled(good);
    const folder = damaged(good, (bytes) => {
      for (const id of [3, 77]) bytes[bytes.indexOf(Buffer.from(vectorOf(id).buffer)) + 5] ^= 4;
      const text = bytes.indexOf('{"id":200}');
      bytes[text + 8] ^= 1;
      return bytes;
    });
    const to = path();
    const { saved, lost } = await repairLmdb(folder, { to });
    expect(saved).toBe(count - 2);
    expect(lost.map((sentence) => sentence.split(" is damaged")[0].split(" are damaged")[0])).toEqual([
      "the vector of id 3",
      "the vector of id 77",
      expect.stringMatching(/^the data of row \d+/),
    ]);
    expect(await verifyLmdb(to)).toEqual({ rows: count - 2, problems: [] });
    const engine = await Engine.open({ storage: storage({ path: to }) });
    expect(await engine.getMany([3, 200, 4])).toEqual([
      undefined,
      { id: 200, vector: vectorOf(200) },
      { id: 4, vector: vectorOf(4), data: { id: 4 } },
    ]);
    const [nearest] = await engine.neighbours(vectorOf(9), { k: 1 });
    expect(nearest).toMatchObject({ id: 9, distance: 0 });
    await expect(repairLmdb(folder, { to })).rejects.toMatchObject({ code: "E_IO" });
  }, 60_000);

  it("is checked in another process where it was not closed, and refused where that one dies of it", async () => {
    const good = path();
    await filled(good);
    const folder = damaged(good, (bytes) => {
      bytes.fill(0xff, 8192); // every tree is garbage
      return bytes;
    });
    writeFileSync(join(folder, "writer.json"), JSON.stringify({ pid: 999_999_999, started: "1" }));
    expect((await refusal(folder))?.code).toBe("E_CORRUPT");
    await expect(verifyLmdb(folder)).rejects.toMatchObject({ code: "E_CORRUPT" });
  }, 60_000);
});

describe("a disk that is nearly full", () => {
  it.skipIf(process.getuid?.() !== 0)("refuses a write before the database sees it, and all that was stored is there", async () => {
    const disk = mkdtempSync(join(tmpdir(), "nearts-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=90m", "nearts", disk]);
    try {
      const engine = new Engine({ dim: 1024, distance: "euclidean", storage: storage({ path: join(disk, "index") }) });
      let stored = 0;
      const fill = async () => {
        for (;;) {
          await engine.storeManyVectors(new Float32Array(500 * 1024).fill(stored));
          stored += 500;
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: "E_FULL" });
      expect(stored).toBeGreaterThan(500);
      expect((await engine.neighbours(new Float32Array(1024).fill(500), { k: 1 }))[0].distance).toBe(0);
      await engine.deleteMany([0, 1]);
      await engine.close();
      const again = await Engine.open({ storage: storage({ path: join(disk, "index") }) });
      expect(await again.size()).toBeGreaterThanOrEqual(stored - 2);
      await again.close();
    } finally {
      execFileSync("umount", ["-l", disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });

  it("is one with maxBytes, too", async () => {
    const engine = new Engine({ dim: 256, distance: "euclidean", storage: storage({ maxBytes: 4_000_000 }) });
    await engine.storeManyVectors(new Float32Array(500 * 256));
    await expect(engine.storeManyVectors(new Float32Array(4000 * 256))).rejects.toMatchObject({ code: "E_FULL" });
    expect(await engine.size()).toBe(500);
  });
});

function overwritten(bytes: Buffer, places: readonly number[], word: number): Buffer {
  for (const at of places) bytes.writeUInt32LE(word, at);
  return bytes;
}
