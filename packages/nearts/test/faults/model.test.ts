import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisCluster } from "../servers/redis-cluster.js";
import { RedisServer } from "../servers/redis-server.js";
import { expectClean, note, patience, tried } from "./campaign.js";
import { commands, type Real } from "./model/commands.js";
import { lmdb, memory, redis, type Subject } from "./model/subjects.js";
import { scratch } from "./scratch.js";

/** Sequences; each has some 96 commands, which every one of the four storages is given. */
const SEQUENCES = { name: "random operations, the same on all storages", count: 52, seconds: 180, seed: 6001, together: 4 };

const folder = scratch();
let server: RedisServer;
let cluster: RedisCluster;
let subjects: readonly Subject[];
beforeAll(async () => {
  [server, cluster] = await Promise.all([RedisServer.start({ appendfsync: "everysec" }), RedisCluster.start({ replicas: 0 })]);
  subjects = [memory, lmdb(`${folder.path}/lmdb`), redis("redis", server.url), redis("cluster", cluster.urls)];
}, 60_000);
afterAll(async () => {
  await Promise.all([server.stop(), cluster.stop()]);
  folder[Symbol.dispose]();
});

it("memory, LMDB, Redis and Redis Cluster answer random sequences of calls as the model does", { timeout: patience(SEQUENCES) }, async ({
  task,
}) => {
  let calls = 0;
  const tally = await tried(SEQUENCES, async (run) => {
    const real: Real = { run, subjects, engines: [], calls: 0 };
    const property = fc.asyncProperty(commands, async (sequence) => {
      await Promise.all(real.engines.map((engine) => engine.close()));
      real.engines = await Promise.all(subjects.map((subject) => subject.open(run)));
      await Promise.all(real.engines.map((engine) => engine.cleanAllBuckets()));
      await fc.asyncModelRun(() => ({ model: { held: new Map() }, real }), sequence);
    });
    try {
      // Not shrunk: of long sequences on four storages that takes longer than all others; the seed gives the same again.
      await fc.assert(property, { numRuns: 1, seed: SEQUENCES.seed + run, endOnFailure: true });
      return {};
    } catch (error) {
      const { message, cause } = error as Error; // fast-check's
      return { inconsistent: 1, why: [`${String(cause)}; ${message}`] };
    } finally {
      calls += real.calls;
      await Promise.all(real.engines.map((engine) => engine.close()));
    }
  });

  note(task.meta, tally);
  expectClean(tally, SEQUENCES);
  expect(calls).toBeGreaterThan(200 * tally.done);
});
