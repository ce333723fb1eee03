import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../campaign.js";
import { type ShimOptions, shimmed } from "../disk/shim.js";
import { Oracle } from "../oracle.js";
import { Ended, EngineChild, Refused, together } from "../process/engine-child.js";
import type { Workload } from "../workload.js";
import { Checker } from "./checker.js";
import type { StageMaker, Trials } from "./stage.js";

/** What goes wrong at some call. */
const FAULTS = [
  { call: "write", error: "ENOSPC" },
  { call: "write", error: "EIO" },
  { call: "write", error: "EFBIG" },
  { call: "write", error: "short" },
  { call: "sync", error: "EIO" },
  { call: "sync", error: "ENOSPC" },
] as const;

/** Longest that closing may take after a failure, in milliseconds: two seconds, and what a busy machine adds. */
const CLOSING = 6000;

/**
 * What lmdb 3.5.6 says when a write has failed it puts into 100 bytes, and that may take 106 (`last_error` in mdb_page_flush of its mdb.c): it then has damaged
 * the memory of the process, and the allocator may end that, with words of its own behind the message.
 */
const DAMAGED = /Write error: .*(free\(\)|malloc\(\)|realloc\(\)|corrupt)/s;

/** The k-th write or sync of an LMDB writer fails; `codes` counts what it rejected with, `damaged()` the processes that lmdb's message ended. */
export const failingDisk: StageMaker<Trials & { readonly codes: ReadonlyMap<string, number>; damaged(): number }> = async (
  bundle,
  folder,
) => {
  const checker = new Checker(bundle);
  const codes = new Map<string, number>();
  let damaged = 0;
  const count = (code: string): void => void codes.set(code, (codes.get(code) ?? 0) + 1);
  return {
    codes,
    damaged: () => damaged,
    [Symbol.asyncDispose]: () => checker[Symbol.asyncDispose](),
    async trial(number, dice) {
      const root = join(folder, `failing-${number}`);
      mkdirSync(root);
      const fault: ShimOptions["fault"] = { ...FAULTS[number % FAULTS.length], at: 8 + dice.roll(40), forever: dice.roll(2) === 0 };
      const workload: Workload = { seed: 2500 + number, lanes: 1, most: 12 };
      const oracle = new Oracle(workload, true);
      const child = await EngineChild.start(bundle, shimmed({ root, fault }));
      child.report(oracle, count);
      const path = join(root, "index");
      let during: Verdict = {};
      try {
        await child.call({ do: "open", storage: { kind: "lmdb", path } });
        await child.call({ do: "write", workload, from: 1, count: 20 });
        const start = performance.now();
        await child.call({ do: "close" });
        const millis = Math.round(performance.now() - start);
        if (millis > CLOSING) during = { crashed: 1, why: [`closing took ${millis} ms after ${fault.call} ${fault.error}`] };
      } catch (failure) {
        if (failure instanceof Ended && failure.signal === "SIGABRT" && DAMAGED.test(failure.message)) damaged++;
        else if (failure instanceof Ended) during = { crashed: 1, why: [`${fault.call} ${fault.at} ${fault.error}: ${failure.message}`] };
        else if (failure instanceof Refused) count(String(failure.code));
        else throw failure;
      }
      await child.kill();
      const after = await checker.check(path, oracle);
      rmSync(root, { recursive: true, force: true });
      return together(during, after);
    },
  };
};
