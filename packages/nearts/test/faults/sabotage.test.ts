import { describe, expect, it } from "vitest";
import { Dice } from "../readers/mutate.js";
import { SABOTAGES } from "./breaks.js";
import { FACTOR, print, type Verdict } from "./campaign.js";
import { bundled } from "./process/bundle.js";
import { Ended, Refused } from "./process/engine-child.js";
import { scratch } from "./scratch.js";

/** All in the long campaign; else two, others every day. */
const DAY = Math.floor(Date.now() / 86_400_000);
const chosen = FACTOR >= 10 ? SABOTAGES : [0, 1].map((i) => SABOTAGES[(2 * DAY + i) % SABOTAGES.length]);

describe("a promise that is broken on purpose is found out by the fault campaigns", () => {
  it.each(chosen)("$name", { timeout: 300_000 }, async ({ name, breaks, stage, trials }) => {
    using folder = scratch();
    const bundle = await bundled(breaks);
    let found: string | undefined;
    try {
      await using broken = await stage(bundle, folder.path);
      for (let number = 0; number < trials && found === undefined; number++) {
        const { lost = 0, inconsistent = 0, crashed = 0, why = [] } = await broken.trial(number, new Dice(number)).catch(refusal);
        if (lost + inconsistent + crashed > 0) found = `after ${number + 1} trials: ${why[0].split("\n")[0]}`;
      }
    } finally {
      bundle.remove();
    }
    print(`sabotage: ${name}: ${found ?? "not found"}`);

    expect(found, `${trials} trials found nothing wrong`).toBeDefined();
  });
});

/** Where the broken program refuses, or dies, in the middle of a trial. */
function refusal(error: unknown): Verdict {
  if (error instanceof Refused || error instanceof Ended) return { crashed: 1, why: [error.message.split("\n")[0]] };
  throw error;
}
