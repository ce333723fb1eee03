import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaign, patience, type Verdict } from "./campaign.js";
import { type DiskEvent, readLog } from "./disk/log.js";
import { cutPower, writeImage } from "./disk/power-cut.js";
import { type FAULTS, shimmed } from "./disk/shim.js";
import { Oracle } from "./oracle.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { Ended, EngineChild, Refused } from "./process/engine-child.js";
import type { Workload } from "./workload.js";

const SEED = 2001;
const CUTS = { name: "lmdb power cuts", count: 80, seconds: 45, seed: SEED };
const ERRORS = { name: "lmdb failing writes and syncs", count: 30, seconds: 45, seed: SEED + 1 };

/** Operations written over one log, and images made of it. */
const OPERATIONS = 40;
const IMAGES = 20;

let bundle: Bundle;
let folder = "";
beforeAll(async () => {
  bundle = await bundled();
  folder = realpathSync(mkdtempSync(join(tmpdir(), "nearts-disk-")));
});
afterAll(async () => {
  await checker?.kill();
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

let checker: EngineChild | undefined;

/** Opens an index in another process and compares it with what the oracle knows; a process that dies, or an index that does not open, is counted. */
async function opened(path: string, oracle: Oracle): Promise<Verdict> {
  // The newest commit that was flushed, also where the machine was not started anew meanwhile.
  checker ??= await EngineChild.start(bundle, { LMDB_RESTORE: "safe" });
  try {
    await checker.call({ do: "open", storage: { kind: "lmdb", path } });
    const verdict = await checker.judged(oracle);
    await checker.call({ do: "close" });
    return verdict;
  } catch (error) {
    await checker.kill();
    checker = undefined;
    if (error instanceof Ended) return { crashed: 1, why: [error.message] };
    if (error instanceof Refused) return { inconsistent: 1, why: [error.message] };
    throw error;
  }
}

describe("the power of an LMDB writer's disk", () => {
  /** What one writer did to its disk, from the making of the index on, and said. */
  async function recorded(number: number, workload: Workload): Promise<readonly DiskEvent[]> {
    const [root, log] = [join(folder, `written-${number}`), join(folder, `log-${number}`)];
    mkdirSync(root);
    const child = await EngineChild.start(bundle, shimmed({ root, log, syncMicros: number % 2 === 0 ? 0 : 2000 }));
    await child.call({ do: "open", storage: { kind: "lmdb", path: join(root, "index") } });
    await child.call({ do: "write", workload, from: 1, count: OPERATIONS });
    await child.kill();
    return readLog(log);
  }

  it("may go at any moment: every acknowledged write is there, whole batches, and the index opens", {
    timeout: patience(CUTS),
  }, async (context) => {
    let events: readonly DiskEvent[] = [];
    let workload: Workload = { seed: SEED, lanes: 2, most: 24 };
    let cutsAmongWrites = 0;

    await campaign(context, CUTS, async (number, dice) => {
      if (number % IMAGES === 0) {
        workload = { ...workload, seed: SEED + number };
        events = await recorded(number, workload);
      }
      const at = dice.roll(events.length + 1);
      const oracle = new Oracle(workload, true);
      for (const event of events.slice(0, at)) if (event.kind === "said") hear(oracle, event.text);
      if (oracle.acked > 0) cutsAmongWrites++;
      const root = join(folder, `written-${number - (number % IMAGES)}`);
      const image = join(folder, `image-${number}`);
      mkdirSync(image);
      writeImage(cutPower(events, at, dice), root, image);
      const verdict = await opened(join(image, "index"), oracle);
      // What went wrong stays to be looked at.
      if (verdict.lost || verdict.inconsistent || verdict.crashed)
        return { ...verdict, why: [...(verdict.why ?? []), `the image is ${image}, cut after event ${at} of ${events.length}`] };
      rmSync(image, { recursive: true, force: true });
      return verdict;
    });

    expect(cutsAmongWrites).toBeGreaterThan(CUTS.count / 3);
  });
});

function hear(oracle: Oracle, text: string): void {
  for (const line of text.split("\n")) {
    const number = Number(line.slice(2));
    if (line.startsWith("s ")) oracle.sent(number);
    else if (line.startsWith("a ")) oracle.answered(number);
  }
}

describe("an LMDB writer whose disk fails", () => {
  it("rejects with a code, stays alive, and keeps what it acknowledged for the next process", {
    timeout: patience(ERRORS),
  }, async (context) => {
    const codes = new Map<string, number>();
    const kinds = (["write", "sync"] as const).flatMap((call) =>
      (["ENOSPC", "EIO", "EFBIG", "short"] as const).map((error) => ({ call, error })),
    );

    await campaign(context, ERRORS, async (number, dice) => {
      const { call, error } = kinds[number % kinds.length];
      const root = join(folder, `failing-${number}`);
      mkdirSync(root);
      const fault = {
        call,
        error: call === "sync" && error === "short" ? ("EIO" as keyof typeof FAULTS) : error,
        at: 8 + dice.roll(40),
        forever: dice.roll(2) === 0,
      };
      const workload: Workload = { seed: SEED + number, lanes: 1, most: 12 };
      const oracle = new Oracle(workload, true);
      const child = await EngineChild.start(bundle, shimmed({ root, fault }));
      child.report(oracle, (code) => codes.set(code, (codes.get(code) ?? 0) + 1));
      const path = join(root, "index");
      let verdict: Verdict = {};
      try {
        await child.call({ do: "open", storage: { kind: "lmdb", path } });
        await child.call({ do: "write", workload, from: 1, count: 20 });
        const start = performance.now();
        await child.call({ do: "close" });
        const millis = performance.now() - start;
        if (millis > 4000) verdict = { crashed: 1, why: [`closing took ${Math.round(millis)} ms after ${call} ${error}`] };
      } catch (failure) {
        if (failure instanceof Ended) verdict = { crashed: 1, why: [`${fault.call} ${fault.at} ${fault.error}: ${failure.message}`] };
        else if (!(failure instanceof Refused) || failure.code === undefined) throw failure;
        else codes.set(failure.code, (codes.get(failure.code) ?? 0) + 1);
      }
      await child.kill();
      const after = await opened(path, oracle);
      rmSync(root, { recursive: true, force: true });
      return { ...after, crashed: (after.crashed ?? 0) + (verdict.crashed ?? 0), why: [...(verdict.why ?? []), ...(after.why ?? [])] };
    });

    expect([...codes.keys()].filter((code) => !["E_FAILED", "E_FULL", "E_IO"].includes(code))).toEqual([]);
    expect(codes.get("E_FAILED")).toBeGreaterThan(0);
  });
});
