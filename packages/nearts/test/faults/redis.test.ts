import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisServer } from "../servers/redis-server.js";
import { TcpProxy } from "../servers/tcp-proxy.js";
import { campaign, expectClean, note, patience, tried, type Verdict } from "./campaign.js";
import { Oracle } from "./oracle.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { EngineChild } from "./process/engine-child.js";
import type { Workload } from "./workload.js";

const SEED = 4001;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled();
});
afterAll(() => bundle.remove());

/** A server, a process that writes to it, perhaps through a wire, and one that reads what is there. */
interface Scene extends AsyncDisposable {
  readonly writer: EngineChild;
  readonly oracle: Oracle;
  readonly workload: Workload;
  /** Compares what is stored with what was answered. */
  judged(deep: boolean): Promise<Verdict>;
  /** Codes that operations failed with. */
  readonly failures: Map<string, number>;
}

async function sceneOn(url: string, direct: string, workload: Workload): Promise<Scene> {
  const writer = await EngineChild.start(bundle);
  const reader = await EngineChild.start(bundle);
  const oracle = new Oracle(workload, false);
  const failures = new Map<string, number>();
  writer.report(oracle, (code) => failures.set(code, (failures.get(code) ?? 0) + 1));
  await writer.call({ do: "open", storage: { kind: "redis", options: { name: "faults", url } } });
  await reader.call({ do: "open", storage: { kind: "redis", options: { name: "faults", url: direct } } });
  return {
    writer,
    oracle,
    workload,
    failures,
    judged: (deep) => reader.judged(oracle, deep),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([writer.kill(), reader.kill()]);
    },
  };
}

const ALWAYS = { name: "redis restart, always", count: 10, seconds: 20, seed: SEED };
const EVERYSEC = { name: "redis restart, everysec (what is lost is counted)", count: 10, seconds: 20, seed: SEED + 1 };

describe("a Redis server that is killed and started again while it is written to", () => {
  it("with appendfsync always has every acknowledged write", { timeout: patience(ALWAYS) }, async (context) => {
    await using server = await RedisServer.start({ appendfsync: "always" });
    await using scene = await sceneOn(server.url, server.url, { seed: ALWAYS.seed, lanes: 3, most: 8 });

    await campaign(context, ALWAYS, (_, dice) => restarted(server, scene, 50 + dice.roll(300)));

    expect(scene.oracle.acked).toBeGreaterThan(ALWAYS.count * 20);
  });

  it("with appendfsync everysec may lose the last second, which is counted", { timeout: patience(EVERYSEC) }, async ({ task }) => {
    await using server = await RedisServer.start({ appendfsync: "everysec" });
    await using scene = await sceneOn(server.url, server.url, { seed: EVERYSEC.seed, lanes: 3, most: 8 });

    const tally = await tried(EVERYSEC, (_, dice) => restarted(server, scene, 50 + dice.roll(300)));

    note(task.meta, { ...tally, lost: 0 });
    expectClean({ ...tally, lost: 0 }, EVERYSEC);
  });

  async function restarted(server: RedisServer, scene: Scene, millis: number): Promise<Verdict> {
    const { writer, oracle, workload } = scene;
    const writing = writer.call({ do: "write", workload, from: oracle.next, count: 1_000_000 });
    await sleep(millis);
    await server.kill();
    await server.restart();
    await sleep(50);
    writer.stop();
    await writing;
    return scene.judged(true);
  }
});

const CUTS = { name: "redis connection cuts", count: 100, seconds: 25, seed: SEED + 2 };

describe("a connection that is cut in the middle of a message", () => {
  it("loses no acknowledged write, whichever byte it was", { timeout: patience(CUTS) }, async (context) => {
    await using server = await RedisServer.start();
    await using proxy = await TcpProxy.start(server.port);
    await using scene = await sceneOn(proxy.url, server.url, { seed: CUTS.seed, lanes: 2, most: 8 });
    let cuts = 0;

    await campaign(context, CUTS, async (number, dice) => {
      const { writer, oracle, workload } = scene;
      const direction = dice.pick(["requests", "replies"] as const);
      void proxy.cutAfter(dice.roll(direction === "requests" ? 12_000 : 1500), direction).then(() => cuts++);
      await writer.call({ do: "write", workload, from: oracle.next, count: 16 });
      return scene.judged(number % 10 === 9);
    });

    expect(cuts).toBeGreaterThan(CUTS.count / 2);
  });
});
