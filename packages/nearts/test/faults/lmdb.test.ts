import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaign, patience, print } from "./campaign.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { scratch } from "./scratch.js";
import { failingDisk } from "./stages/failing-disk.js";
import { flippedBits } from "./stages/flipped-bits.js";
import { powerCuts } from "./stages/power-cuts.js";

const CUTS = { name: "lmdb power cuts", count: 80, seconds: 80, seed: 2001 };
const ERRORS = { name: "lmdb failing writes and syncs", count: 30, seconds: 80, seed: 2002 };
const FLIPS = { name: "lmdb flipped bits", count: 8, seconds: 30, seed: 2003 };

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled();
});
afterAll(() => bundle.remove());

describe("an index in LMDB", () => {
  it("whose power goes at any moment has every acknowledged write, whole batches, and opens", {
    timeout: patience(CUTS),
  }, async (context) => {
    using folder = scratch();
    await using stage = await powerCuts(bundle, folder.path);

    await campaign(context, CUTS, (number, dice) => stage.trial(number, dice));

    expect(stage.amongWrites()).toBeGreaterThan(CUTS.count / 4);
  });

  it("whose disk fails rejects with a code, ends no process but by lmdb's message of it, and keeps what it acknowledged for the next one", {
    timeout: patience(ERRORS),
  }, async (context) => {
    using folder = scratch();
    await using stage = await failingDisk(bundle, folder.path);

    const done = await campaign(context, ERRORS, (number, dice) => stage.trial(number, dice));
    if (stage.damaged() > 0) print(`  ${stage.damaged()} of ${done} processes were ended by lmdb's message of a failed write`);

    expect([...stage.codes.keys()].filter((code) => !["E_FAILED", "E_FULL", "E_IO"].includes(code))).toEqual([]);
    expect(stage.codes.get("E_FAILED")).toBeGreaterThan(0);
    expect(stage.damaged()).toBeLessThan(Math.max(3, done / 10));
  });

  it("in which a bit of a vector was flipped is refused as damaged", { timeout: patience(FLIPS) }, async (context) => {
    using folder = scratch();
    await using stage = await flippedBits(bundle, folder.path);

    expect(await campaign(context, FLIPS, (number, dice) => stage.trial(number, dice))).toBeGreaterThan(0);
  });
});
