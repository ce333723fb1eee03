import { Cluster } from "ioredis";
import { Engine, NearError, UniBucket } from "nearts";
import { RedisStorage, type RedisStorageOptions } from "nearts/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { slotOf } from "../../../src/storage/redis/slots.js";
import { RedisCluster } from "../../servers/redis-cluster.js";
import { IN_MEMORY } from "../../servers/redis-server.js";

const dim = 8;
const shards = 6;
let cluster: RedisCluster;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  cluster = await RedisCluster.start({ replicas: 0, settings: { ...IN_MEMORY, "cluster-require-full-coverage": "no" } });
}, 60_000);
afterAll(async () => {
  for (const one of open) await one.close();
  await cluster.stop();
});

function engineOn(name: string, options: Partial<RedisStorageOptions> = {}): { engine: Engine; storage: RedisStorage } {
  const storage = new RedisStorage({
    name,
    ...(options.client === undefined ? { url: cluster.urls } : {}),
    shards,
    timeoutMs: 2500,
    ...options,
  });
  const engine = new Engine({ dim, distance: "euclidean", hashes: [new UniBucket()], storage });
  open.push(engine);
  return { engine, storage };
}

const vector = (value: number) => Float32Array.from({ length: dim }, (_, i) => value + i);

test("a cluster client of ioredis works as well, and so does one URL of many", async () => {
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
  const { engine } = engineOn("ioredis", { client });
  const { engine: other } = engineOn("ioredis", { url: cluster.urls[1] });
  await engine.storeManyVectors(Array.from({ length: 50 }, (_, i) => vector(i)));
  for (const one of [engine, other]) {
    expect(await one.size()).toBe(50);
    expect((await one.neighbours(vector(7), { k: 1 }))[0]).toMatchObject({ id: 7, distance: 0 });
  }
  await engine.close();
  client.disconnect();
});

test("an index that is not told otherwise has eight shards on three primaries, and keeps them", async () => {
  const storage = new RedisStorage({ name: "default", url: cluster.urls, timeoutMs: 2500 });
  const engine = new Engine({ dim, distance: "euclidean", hashes: [new UniBucket()], storage });
  open.push(engine);
  await engine.storeManyVectors(Array.from({ length: 40 }, (_, i) => vector(i)));
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
  await client.get("anything"); // from then on it knows its nodes
  const keys = (await Promise.all(client.nodes("master").map((node) => node.keys("*default*")))).flat();
  client.disconnect();
  const tags = new Set(keys.flatMap((key) => /\{[^}]*default:\d+\}/.exec(key) ?? []));
  expect([...tags], keys.join(" ")).toHaveLength(8);
  const { engine: other } = engineOn("default", { shards: 6 });
  expect((await other.neighbours(vector(7), { k: 1 }))[0]).toMatchObject({ id: 7, distance: 0 });
});

test("slots that move under a client are followed", async () => {
  // Slots move from the lowest on: an index one of whose shards is among these.
  const name = Array.from({ length: 10_000 }, (_, i) => `moves-${i}`).find((one) => slotOf(`${one}:0`) < 100) ?? "";
  const { engine } = engineOn(name);
  await engine.storeManyVectors(Array.from({ length: 60 }, (_, i) => vector(i)));
  await cluster.reshard(cluster.nodes[0], cluster.nodes[1], 100);
  for (let i = 0; i < 60; i += 11) expect((await engine.neighbours(vector(i), { k: 1 }))[0]).toMatchObject({ id: i, distance: 0 });
  await engine.storeManyVectors(Array.from({ length: 60 }, (_, i) => vector(100 + i)));
  expect(await engine.size()).toBe(120);
}, 60_000);

test("while a shard is down no answer is silently smaller: an error names it, or the answer says what is missing", async () => {
  const { engine } = engineOn("down");
  const { engine: partly, storage } = engineOn("down", { partial: true });
  const count = 90;
  await engine.storeManyVectors(Array.from({ length: count }, (_, i) => vector(i)));
  expect(await partly.neighbours(vector(1), { k: count })).toHaveLength(count);
  expect(storage.missing).toEqual([]);
  await cluster.nodes[2].kill();

  const error = await engine.neighbours(vector(1), { k: 5 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NearError);
  expect(error).toMatchObject({ code: "E_UNAVAILABLE", details: { retryable: true } });
  const down = (error as NearError).details["shards"] as number[]; // as was just seen
  expect(down.length).toBeGreaterThan(0);
  expect(down.length).toBeLessThan(shards);
  const some = await partly.neighbours(vector(1), { k: count });
  expect(some.length).toBeLessThan(count);
  expect(some.length).toBeGreaterThan(0);
  expect(storage.missing).toEqual(down);

  const ids = Array.from({ length: 40 }, (_, i) => `new ${i}`);
  const failed = await engine
    .storeManyVectors(
      ids.map((_, i) => vector(1000 + i)),
      { ids },
    )
    .catch((caught: unknown) => caught as NearError);
  expect(failed).toMatchObject({ code: "E_PARTIAL", details: { outcome: "partial", shards: down } });
  const failedIds = (failed as NearError).details["failedIds"] as string[]; // ids that were given
  expect(await Promise.all(ids.filter((id) => !failedIds.includes(id)).map((id) => partly.has(id)))).not.toContain(false);
}, 60_000);
