import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisServer } from "../servers/redis-server.js";
import { campaign, expectClean, note, patience, tried, type Verdict } from "./campaign.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { RedisWriter } from "./stages/redis-writer.js";
import { refusedWrites } from "./stages/refused-writes.js";
import { unreplicated } from "./stages/unreplicated.js";
import { wireCuts } from "./stages/wire-cuts.js";

const ALWAYS = { name: "redis restart, always", count: 10, seconds: 60, seed: 4001 };
const EVERYSEC = { name: "redis restart, everysec (what is lost is counted)", count: 10, seconds: 60, seed: 4002 };
const CUTS = { name: "redis connection cuts", count: 100, seconds: 60, seed: 4003 };
const REFUSED = { name: "redis out of memory", count: 3, seconds: 30, seed: 4004 };
const ALONE = { name: "redis whose only replica is gone, level replica", count: 2, seconds: 30, seed: 4005 };

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled();
});
afterAll(() => bundle.remove());

describe("a Redis server that is killed and started again while it is written to", () => {
  it("with appendfsync always has every acknowledged write", { timeout: patience(ALWAYS) }, async (context) => {
    await using server = await RedisServer.start({ appendfsync: "always" });
    await using writer = await RedisWriter.open(bundle, server.url, server.url, { seed: ALWAYS.seed, lanes: 3, most: 8 });

    await campaign(context, ALWAYS, (number, dice) => restarted(server, writer, 50 + dice.roll(300), number % 3 === 0));

    expect(writer.oracle.acked).toBeGreaterThan(ALWAYS.count * 10);
  });

  it("with appendfsync everysec may lose the last second, which is counted", { timeout: patience(EVERYSEC) }, async ({ task }) => {
    await using server = await RedisServer.start({ appendfsync: "everysec" });
    await using writer = await RedisWriter.open(bundle, server.url, server.url, { seed: EVERYSEC.seed, lanes: 3, most: 8 });

    const tally = await tried(EVERYSEC, (number, dice) => restarted(server, writer, 50 + dice.roll(300), number % 3 === 0));

    note(task.meta, { ...tally, lost: 0 });
    expectClean({ ...tally, lost: 0 }, EVERYSEC);
  });

  async function restarted(server: RedisServer, writer: RedisWriter, millis: number, deep: boolean): Promise<Verdict> {
    const writing = writer.write();
    await sleep(millis);
    await server.kill();
    await server.restart();
    await sleep(50);
    writer.stop();
    await writing;
    return writer.judged(deep);
  }
});

describe("a Redis server that does not take a write", () => {
  it("loses no acknowledged write by a connection that is cut in the middle of a message", { timeout: patience(CUTS) }, async (context) => {
    await using stage = await wireCuts(bundle, "");

    await campaign(context, CUTS, (number, dice) => stage.trial(number, dice));

    expect(stage.cuts()).toBeGreaterThan(CUTS.count / 4);
  });

  it("has what was acknowledged before its memory was full and after, and the rest was refused", {
    timeout: patience(REFUSED),
  }, async (context) => {
    await using stage = await refusedWrites(bundle, "");

    await campaign(context, REFUSED, (number, dice) => stage.trial(number, dice));

    expect([...stage.failures.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it("whose only replica is gone acknowledges nothing at level replica", { timeout: patience(ALONE) }, async (context) => {
    await using stage = await unreplicated(bundle, "");

    expect(await campaign(context, ALONE, (number, dice) => stage.trial(number, dice))).toBeGreaterThan(0);
  });
});
