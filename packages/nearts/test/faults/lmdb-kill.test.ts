import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../servers/until.js";
import { campaign, patience } from "./campaign.js";
import { shimmed } from "./disk/shim.js";
import { Oracle } from "./oracle.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { EngineChild } from "./process/engine-child.js";
import type { Workload } from "./workload.js";

const SEED = 1001;
const KILLS = { name: "lmdb writer killed", count: 80, seconds: 75, seed: SEED };

let bundle: Bundle;
let folder = "";
beforeAll(async () => {
  bundle = await bundled();
  folder = realpathSync(mkdtempSync(join(tmpdir(), "nearts-kill-")));
});
afterAll(() => {
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("an LMDB writer that is killed", () => {
  it("leaves every acknowledged write, whole batches, and an index that the next process opens", {
    timeout: patience(KILLS),
  }, async (context) => {
    const workload: Workload = { seed: SEED, lanes: 2, most: 24 };
    const oracle = new Oracle(workload, true);
    const path = join(folder, "index");

    await campaign(context, KILLS, async (number, dice) => {
      // Slow syncs in every second cycle: an acknowledgement that does not wait for them would show.
      const slow = number % 2 === 1 ? shimmed({ root: folder, syncMicros: 3000 }) : {};
      const child = await EngineChild.start(bundle, slow);
      await child.call({ do: "open", storage: { kind: "lmdb", path } });
      const verdict = await child.judged(oracle);
      child.report(oracle);
      const some = oracle.acked + dice.roll(8);
      const ended = child.call({ do: "write", workload, from: oracle.next, count: 1_000_000 }).catch((error: unknown) => error);
      await Promise.race([until("acknowledged writes", async () => oracle.acked >= some, 5000, 1), ended]);
      await sleep(dice.roll(8));
      await child.kill();
      await ended;
      return verdict;
    });

    expect(oracle.acked).toBeGreaterThan(2 * KILLS.count);
  });
});
