import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardedFolder, removeFolder } from "../servers/guarded.mjs";
import { IN_MEMORY, RedisServer } from "../servers/redis-server.js";
import { campaign, patience, type Verdict } from "./campaign.js";
import { readLog } from "./disk/log.js";
import { shimmed } from "./disk/shim.js";
import { type Bundle, bundled } from "./process/bundle.js";
import type { Answers, StorageSpec } from "./process/commands.js";
import { EngineChild } from "./process/engine-child.js";

const COUNT = 2200;
const RECALL = 0.9;
const LMDB = { name: "lmdb trainer killed", count: 10, seconds: 60, seed: 3001 };
const REDIS = { name: "redis trainer killed", count: 10, seconds: 60, seed: 3002 };

let bundle: Bundle;
let folder = "";
beforeAll(async () => {
  bundle = await bundled();
  folder = guardedFolder("trainer");
});
afterAll(() => {
  bundle.remove();
  removeFolder(folder);
});

async function open(storage: StorageSpec, environment: Readonly<Record<string, string>> = {}): Promise<EngineChild> {
  const child = await EngineChild.start(bundle, environment);
  await child.call({ do: "open", storage, recall: RECALL });
  return child;
}

const ask = async (child: EngineChild): Promise<Answers> => (await child.call({ do: "ask", count: COUNT })) as Answers; // so it answers

/** What is wrong with answers, compared with those before anybody was killed. */
function compared(now: Answers, before: Answers): Verdict {
  const why: string[] = [];
  if (now.unfound > 0) why.push(`${now.unfound} vectors do not find themselves`);
  if (now.recall < before.recall - 0.03) why.push(`recall is ${now.recall}, was ${before.recall}`);
  if (now.hashes.length > before.hashes.length) why.push(`there are entries of ${now.hashes.join()}, were of ${before.hashes.join()}`);
  if (now.plan !== before.plan) why.push(`the plan is ${now.plan}, was ${before.plan}`);
  return { lost: Math.max(0, before.size - now.size), inconsistent: why.length, why };
}

describe("a trainer that is killed in any phase", () => {
  it("of an index in LMDB leaves it as it was, and nothing beside it", { timeout: patience(LMDB) }, async (context) => {
    const root = join(folder, "root");
    const log = join(folder, "log");
    mkdirSync(root);
    const storage: StorageSpec = { kind: "lmdb", path: join(root, "index") };
    const first = await open(storage);
    await first.call({ do: "fill", count: COUNT });
    await first.call({ do: "train" });
    const before = await ask(first);
    await first.call({ do: "close" });
    await first.kill();
    // How many writes and syncs a training makes: it is killed at ten of them.
    const measured = await open(storage, shimmed({ root, log }));
    await measured.call({ do: "train" });
    await measured.call({ do: "close" });
    await measured.kill();
    const calls = readLog(log).filter(({ kind }) => kind === "write").length;

    await campaign(context, LMDB, async (number) => {
      const at = 2 + Math.floor(((number % 10) * (calls - 3)) / 10);
      const child = await open(storage, shimmed({ root, fault: { call: "write", at, error: "kill" } })).catch(() => undefined);
      await child?.call({ do: "train" }).catch(() => {});
      await child?.kill();
      const next = await open(storage);
      const verdict = compared(await ask(next), before);
      await next.call({ do: "close" });
      await next.kill();
      return verdict;
    });

    expect(calls).toBeGreaterThan(10);
    expect(before.plan).toBe("learned");
  });

  it("of an index in Redis leaves it as it was, and what it began is swept by the next", { timeout: patience(REDIS) }, async (context) => {
    await using server = await RedisServer.start(IN_MEMORY);
    const storage: StorageSpec = { kind: "redis", options: { name: "trained", url: server.url } };
    const first = await open(storage);
    await first.call({ do: "fill", count: COUNT });
    await first.call({ do: "train" });
    const before = await ask(first);
    const start = performance.now();
    await first.call({ do: "train" });
    const millis = performance.now() - start;
    const keys = Number(await server.command("DBSIZE"));

    await campaign(context, REDIS, async (number) => {
      const child = await open(storage);
      const ended = child.call({ do: "train" }).catch(() => {});
      await sleep((((number % 10) + 0.5) * millis) / 10);
      await child.kill();
      await ended;
      // As its time does, later.
      await server.command("DEL", "{trained:0}:l");
      return compared(await ask(first), before);
    });
    await first.call({ do: "train" });
    const after = await ask(first);

    expect(compared(after, before)).toMatchObject({ lost: 0, inconsistent: 0 });
    // Lists of another training may be a few more or fewer; what ten dead trainers left would be many.
    expect(Number(await server.command("DBSIZE"))).toBeLessThan(1.1 * keys + 50);
    expect(before.plan).toBe("learned");
    await first.kill();
  });
});
