import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../servers/until.js";
import { shimmed } from "../disk/shim.js";
import { Oracle } from "../oracle.js";
import { EngineChild } from "../process/engine-child.js";
import type { Workload } from "../workload.js";
import type { StageMaker, Trials } from "./stage.js";

/** An LMDB writer is killed again and again; each is judged by the next, which then goes on. */
export const kills: StageMaker<Trials & { readonly oracle: Oracle }> = async (bundle, folder) => {
  const workload: Workload = { seed: 1000, lanes: 2, most: 24 };
  const oracle = new Oracle(workload, true);
  const path = join(folder, "index");
  return {
    oracle,
    [Symbol.asyncDispose]: async () => {},
    async trial(number, dice) {
      // Slow syncs in every second cycle: an acknowledgement that does not wait for them would show.
      const slow = number % 2 === 1 ? shimmed({ root: folder, syncMicros: 3000 }) : {};
      const child = await EngineChild.start(bundle, slow);
      await child.call({ do: "open", storage: { kind: "lmdb", path } });
      const verdict = await child.judged(oracle);
      child.report(oracle);
      const some = oracle.acked + dice.roll(8);
      const ended = child.call({ do: "write", workload, from: oracle.next, count: 1_000_000 }).catch((error: unknown) => error);
      await Promise.race([until("acknowledged writes", async () => oracle.acked >= some, 60_000, 1), ended]);
      await sleep(dice.roll(8));
      await child.kill();
      await ended;
      return verdict;
    },
  };
};
