import { Engine, MemoryStorage, type Schema } from "nearts";
import { expect, test } from "vitest";
import { loadSnapshot } from "../../src/snapshot/load.js";
import { saveSnapshot } from "../../src/snapshot/save.js";
import { Dice, gaussian, refusal } from "../acceptance/vectors.js";
import { Disk } from "./disk.js";

const name = "index.nearts";
const path = `/disk/${name}`;
const codes = { ENOSPC: "E_FULL", EDQUOT: "E_FULL", EFBIG: "E_FULL", EIO: "E_IO", EACCES: "E_IO" } as const;

async function filled() {
  const storage = new MemoryStorage();
  const engine = new Engine({ dim: 8, storage });
  const dice = new Dice(4);
  const store = () => engine.storeManyVectors(Array.from({ length: 60 }, () => gaussian(dice, 8)));
  await store();
  return { storage, engine, store };
}

test("whichever call of a save fails, and however, the old file stays as it is, nothing is left beside it, and the engine goes on", async () => {
  const { storage, engine, store } = await filled();
  const counted = new Disk();
  await saveSnapshot(storage, name, {}, () => {}, counted);
  const before = await engine.save();
  await store();
  let tried = 0;

  for (const [code, expected] of Object.entries(codes)) {
    // The first save makes the file, the second replaces it: one more call, to look what is there.
    for (let at = 1; at <= counted.calls.length; at++) {
      const disk = new Disk();
      disk.files.set(path, before);
      disk.fault = { at, code };
      const refused = await refusal(() => saveSnapshot(storage, name, {}, () => {}, disk));
      tried++;

      expect([refused.code, refused.details["path"], refused.cause]).toEqual([expected, name, expect.objectContaining({ code })]);
      // Only the sync of the folder comes after the new file, which is whole and on the disk, has taken the place of the old one.
      const whole = disk.calls[at - 1] === "syncFolder" ? await engine.save() : before;
      expect(Buffer.compare(disk.files.get(path) ?? new Uint8Array(0), whole)).toBe(0);
      expect([...disk.files.keys()]).toEqual([path]);
      await saveSnapshot(storage, "elsewhere", {}, () => {}, disk);
      expect(Buffer.compare(disk.files.get("/disk/elsewhere") ?? new Uint8Array(0), await engine.save())).toBe(0);
    }
  }
  expect(counted.calls).toContain("sync");
  expect(tried).toBeGreaterThan(40);
});

test("a sync that failed is not tried again", async () => {
  const { storage } = await filled();
  const disk = new Disk();
  await saveSnapshot(storage, name, {}, () => {}, disk);
  const failing = new Disk();
  failing.fault = { at: disk.calls.indexOf("sync") + 1, code: "EIO" };

  await expect(saveSnapshot(storage, name, {}, () => {}, failing)).rejects.toMatchObject({ code: "E_IO" });
  expect(failing.calls.filter((call) => call === "sync")).toEqual(["sync"]);
  expect(failing.calls).not.toContain("rename");
});

test("a temporary file that could not be taken away is swept by the next save", async () => {
  const { storage } = await filled();
  const disk = new Disk();
  await saveSnapshot(storage, name, {}, () => {}, disk);
  disk.fault = { at: disk.calls.length + disk.calls.indexOf("rename") + 1, code: "EIO" };
  const remove = disk.remove.bind(disk);
  disk.remove = async () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
  await expect(saveSnapshot(storage, name, {}, () => {}, disk)).rejects.toMatchObject({ code: "E_IO" });
  expect([...disk.files.keys()].filter((file) => file.includes(".tmp-"))).toHaveLength(1);
  disk.remove = remove;

  await saveSnapshot(storage, name, {}, () => {}, disk);

  expect([...disk.files.keys()]).toEqual([path]);
});

test("two saves to one path come one after the other, and the last stays", async () => {
  const { storage, engine, store } = await filled();
  const disk = new Disk();
  const first = saveSnapshot(storage, name, {}, () => {}, disk);
  const stored = store();
  const second = saveSnapshot(storage, name, {}, () => {}, disk);
  await Promise.all([first, stored, second]);

  const order = disk.calls.filter((call) => ["create", "rename", "syncFolder"].includes(call));
  expect(order).toEqual(["create", "rename", "syncFolder", "create", "rename", "syncFolder"]);
  expect(Buffer.compare(disk.files.get(path) ?? new Uint8Array(0), await engine.save())).toBe(0);
});

test("a read that fails is told with the path", async () => {
  const { storage } = await filled();
  const disk = new Disk();
  await saveSnapshot(storage, name, {}, () => {}, disk);
  const open = async ({ schema }: { readonly schema: Schema }) => {
    const empty = new MemoryStorage();
    empty.open(schema);
    return empty;
  };
  const reading = new Disk();
  reading.files.set(name, disk.files.get(path) ?? new Uint8Array(0));
  await loadSnapshot(name, { open }, reading);
  expect(reading.calls.length).toBeGreaterThan(2);
  for (let at = 1; at <= reading.calls.length; at++) {
    const failing = new Disk();
    failing.files.set(name, disk.files.get(path) ?? new Uint8Array(0));
    failing.fault = { at, code: "EIO" };
    const refused = await refusal(() => loadSnapshot(name, { open }, failing));

    expect([refused.code, refused.details["path"]]).toEqual(["E_IO", name]);
  }
});
