import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Oracle } from "../oracle.js";
import type { Workload } from "../workload.js";
import { type Bundle, bundled } from "./bundle.js";
import { Ended, EngineChild } from "./engine-child.js";

const WORKLOAD: Workload = { seed: 3, lanes: 2, most: 16 };

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled();
});
afterAll(() => bundle.remove());

describe("a process with an engine", () => {
  it("does what the oracle expects of a storage that loses nothing", async () => {
    const child = await EngineChild.start(bundle);
    const oracle = new Oracle(WORKLOAD, true);
    child.report(oracle);
    await child.call({ do: "open", storage: { kind: "memory" } });
    await child.call({ do: "write", workload: WORKLOAD, from: 1, count: 200 });

    expect(await child.judged(oracle)).toEqual({ lost: 0, inconsistent: 0, why: [] });
    expect(oracle.acked).toBe(200);
    expect(await child.end()).toBe(false);
  });

  it("is found to have lost everything when it begins anew", async () => {
    const oracle = new Oracle(WORKLOAD, true);
    const first = await EngineChild.start(bundle);
    first.report(oracle);
    await first.call({ do: "open", storage: { kind: "memory" } });
    await first.call({ do: "write", workload: WORKLOAD, from: 1, count: 20 });
    await first.kill();
    const second = await EngineChild.start(bundle);
    await second.call({ do: "open", storage: { kind: "memory" } });

    expect((await second.judged(oracle)).lost).toBeGreaterThan(20);
    await second.end();
  });

  it("that is killed rejects what was asked of it, with the signal", async () => {
    const child = await EngineChild.start(bundle);
    const answer = child.call({ do: "open", storage: { kind: "memory" } }).catch((error: unknown) => error);
    await child.kill();

    expect(await answer).toBeInstanceOf(Ended);
    expect(child.signal).toBe("SIGKILL");
  });
});
