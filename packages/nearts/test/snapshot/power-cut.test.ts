import { Engine, MemoryStorage } from "nearts";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/snapshot/replace-file.js";
import { saveSnapshot } from "../../src/snapshot/save.js";
import { gaussian, Dice as Numbers } from "../acceptance/vectors.js";
import { campaign } from "../faults/campaign.js";
import { cutPower } from "../faults/disk/power-cut.js";
import { Dice } from "../readers/mutate.js";
import { Disk } from "./disk.js";

const stage = { name: "power cuts of a snapshot", count: 2000, seconds: 60, seed: 17 };

const name = "index.nearts";
const path = `/disk/${name}`;

test("whenever the power is cut, the snapshot is one that was saved, and the last one whose save had resolved or a newer one", async (context) => {
  const disk = new Disk();
  const storage = new MemoryStorage();
  const engine = new Engine({ dim: 8, storage });
  const dice = new Numbers(2);
  const saved: { readonly bytes: Uint8Array; readonly resolved: number }[] = [];
  for (let round = 0; round < 4; round++) {
    await engine.storeManyVectors(Array.from({ length: 60 }, () => gaussian(dice, 8)));
    await saveSnapshot(storage, name, {}, () => {}, disk);
    saved.push({ bytes: await engine.save(), resolved: disk.events.length });
  }
  const sizes = new Map<number, number>();

  await campaign(context, stage, async (_, trialDice) => {
    const first = saved[0].resolved;
    const count = first + trialDice.roll(disk.events.length - first + 1);
    const last = saved.findLastIndex(({ resolved }) => resolved <= count);
    const found = cutPower(disk.events, count, trialDice).get(path);
    const which = found === undefined ? -1 : saved.findIndex(({ bytes }) => Buffer.compare(bytes, found) === 0);
    if (which < 0) return { inconsistent: 1, why: [`after ${count} events the file has ${found?.length ?? "no"} bytes that nobody saved`] };
    if (which < last) return { lost: 1, why: [`after ${count} events the file is save ${which}, and ${last} had resolved`] };
    sizes.set(which, (sizes.get(which) ?? 0) + 1);
    if (trialDice.roll(20) === 0) await Engine.load(found as Uint8Array); // it is one of those saved
    return {};
  });

  expect(sizes.size).toBe(saved.length);
}, 3_600_000);

test("a cut is noticed where a save does without one of its syncs", async () => {
  for (const left of ["sync", "syncFolder"] as const) {
    const disk = new Disk();
    const contents = ["old", "new"].map((word) => Buffer.from(word.repeat(2000)));
    await replaceFile(disk, name, (sink) => Promise.resolve(sink(contents[0])).then(() => {}));
    const create = disk.create.bind(disk);
    if (left === "syncFolder") disk.syncFolder = async () => {};
    else disk.create = async (at) => ({ ...(await create(at)), sync: async () => {} });
    await replaceFile(disk, name, (sink) => Promise.resolve(sink(contents[1])).then(() => {}));
    const wrong = Array.from({ length: 50 }, (_, seed) => cutPower(disk.events, disk.events.length, new Dice(seed)).get(path));

    expect(wrong.some((found) => found === undefined || Buffer.compare(found, contents[1]) !== 0)).toBe(true);
  }
});
