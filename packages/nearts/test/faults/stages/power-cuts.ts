import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DiskEvent, readLog } from "../disk/log.js";
import { cutPower, writeImage } from "../disk/power-cut.js";
import { shimmed } from "../disk/shim.js";
import { Oracle } from "../oracle.js";
import type { Bundle } from "../process/bundle.js";
import { EngineChild } from "../process/engine-child.js";
import type { Workload } from "../workload.js";
import { Checker } from "./checker.js";
import type { StageMaker, Trials } from "./stage.js";

/** Operations written over one log, and images made of it. */
const OPERATIONS = 40;
const IMAGES = 20;

/** What one writer did to its disk, from the making of the index on, and said. */
interface Recording {
  readonly root: string;
  readonly workload: Workload;
  readonly events: readonly DiskEvent[];
}

/** The power of an LMDB writer's disk goes at any moment; `amongWrites` says how often that was after an acknowledgement. */
export const powerCuts: StageMaker<Trials & { amongWrites(): number }> = async (bundle, folder) => {
  const checker = new Checker(bundle);
  let recording: Recording | undefined;
  let amongWrites = 0;
  return {
    amongWrites: () => amongWrites,
    [Symbol.asyncDispose]: () => checker[Symbol.asyncDispose](),
    async trial(number, dice) {
      if (recording === undefined || number % IMAGES === 0) recording = await record(bundle, join(folder, `log-${number}`), number);
      const { root, workload, events } = recording;
      const at = dice.roll(events.length + 1);
      const oracle = heard(workload, events.slice(0, at));
      if (oracle.acked > 0) amongWrites++;
      const image = join(folder, `image-${number}`);
      mkdirSync(image);
      writeImage(cutPower(events, at, dice), root, image);
      const verdict = await checker.check(join(image, "index"), oracle);
      // What went wrong stays to be looked at.
      if (verdict.lost || verdict.inconsistent || verdict.crashed) {
        return { ...verdict, why: [...(verdict.why ?? []), `the image is ${image}, cut after event ${at} of ${events.length}`] };
      }
      rmSync(image, { recursive: true, force: true });
      return verdict;
    },
  };
};

async function record(bundle: Bundle, folder: string, seed: number): Promise<Recording> {
  const [root, log] = [join(folder, "root"), join(folder, "log")];
  mkdirSync(root, { recursive: true });
  const workload: Workload = { seed: 2000 + seed, lanes: 2, most: 24 };
  const child = await EngineChild.start(bundle, shimmed({ root, log, syncMicros: (seed / IMAGES) % 2 === 0 ? 0 : 2000 }));
  await child.call({ do: "open", storage: { kind: "lmdb", path: join(root, "index") } });
  await child.call({ do: "write", workload, from: 1, count: OPERATIONS });
  await child.kill();
  return { root, workload, events: readLog(log) };
}

/** An oracle that heard what the writer said before its power went. */
function heard(workload: Workload, events: readonly DiskEvent[]): Oracle {
  const oracle = new Oracle(workload, true);
  const lines = events.flatMap((event) => (event.kind === "said" ? event.text.split("\n") : []));
  for (const line of lines) {
    const number = Number(line.slice(2));
    if (line.startsWith("s ")) oracle.sent(number);
    else if (line.startsWith("a ")) oracle.answered(number);
  }
  return oracle;
}
