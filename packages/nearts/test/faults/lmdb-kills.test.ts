import { join } from "node:path";
import { verifyLmdb } from "nearts/lmdb";
import { expect, it } from "vitest";
import { campaign, patience } from "./campaign.js";
import { bundled } from "./process/bundle.js";
import { scratch } from "./scratch.js";
import { kills } from "./stages/kills.js";

const KILLS = { name: "lmdb writer killed", count: 80, seconds: 120, seed: 1001 };

it("an LMDB writer that is killed leaves every acknowledged write, whole batches, and an index that the next process opens", {
  timeout: patience(KILLS),
}, async (context) => {
  using folder = scratch();
  const bundle = await bundled();
  try {
    await using stage = await kills(bundle, folder.path);

    await campaign(context, KILLS, (number, dice) => stage.trial(number, dice));

    expect(stage.oracle.acked).toBeGreaterThan(KILLS.count);
    expect(await verifyLmdb(join(folder.path, "index"))).toMatchObject({ problems: [] });
  } finally {
    bundle.remove();
  }
});
