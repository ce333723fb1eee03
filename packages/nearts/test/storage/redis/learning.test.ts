import { Engine, NearError } from "nearts";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clouds } from "../../learned/vectors.js";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

const dim = 24;
const count = 3000;
let server: RedisServer;
const engines: Engine[] = [];

beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await server.stop();
});

function engineOn(name: string, shards = 3): Engine {
  const storage = new RedisStorage({ name, url: server.url, shards });
  const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, storage });
  engines.push(engine);
  return engine;
}

/** The same index, known by its name alone, as another process has it. */
async function other(name: string): Promise<Engine> {
  const engine = (await Engine.open({ storage: new RedisStorage({ name, url: server.url }) })) as Engine;
  engines.push(engine);
  return engine;
}

const vectors = clouds(count + 400, dim, 1, 40);
const rowOf = (i: number) => vectors.subarray(i * dim, (i + 1) * dim);

async function recallOf(engine: Engine, exact: Engine): Promise<number> {
  let hits = 0;
  for (let i = 0; i < 60; i++) {
    const query = rowOf(count + i);
    const truth = await exact.neighbours(query, { k: 10 });
    const found = await engine.neighbours(query, { k: 10 });
    hits += found.filter(({ distance }) => distance <= truth[9].distance * 1.000001).length;
  }
  return hits / 600;
}

async function exactEngine(): Promise<Engine> {
  const exact = new Engine({ dim, distance: "euclidean" });
  await exact.storeManyVectors(vectors.subarray(0, count * dim));
  return exact;
}

test("an index that is learned by one process is searched by what it learned in another, which knows its name only", async () => {
  const [one, exact] = [engineOn("learns"), await exactEngine()];
  const before = await one.size();
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  const early = await other("learns");
  expect((await early.neighbours(rowOf(7), { k: 1 }))[0]).toMatchObject({ id: 7, distance: 0 });
  await one.train();
  const late = await other("learns");

  // It hears of it by the answer to a query.
  await early.neighbours(rowOf(7), { k: 1 });
  const plans = (await Promise.all([one.plan(), early.plan(), late.plan()])).map(({ text }) => text);
  expect(plans).toEqual([plans[0], plans[0], plans[0]]);
  expect(before).toBe(0);
  for (const engine of [one, early, late]) expect(await recallOf(engine, exact)).toBeGreaterThan(0.88);
  expect((await early.candidateCount(rowOf(count), { probes: 2 })).raw).toBeLessThan(count);
});

test("what is written and deleted by others while the index is learned is found, and not found, afterwards", async () => {
  const one = engineOn("meanwhile");
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  const two = await other("meanwhile");
  let learned = false;
  const training = one.train().then(() => (learned = true));
  let at = 0;
  for (; !learned || at < 20; at++) {
    if (at < 300) {
      await two.storeVector(rowOf(count + at), { id: `late ${at}` });
      await two.storeVector(rowOf(count + at), { id: at });
      await two.deleteVector(1000 + at);
    } else await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await training;
  const written = Math.min(at, 300);
  const three = await other("meanwhile");

  for (const engine of [one, two, three]) {
    for (let i = 0; i < written; i += 7) {
      const found = await engine.neighbours(rowOf(count + i), { k: 3 });
      expect(found.slice(0, 2).map(({ distance }) => distance)).toEqual([0, 0]);
      expect(new Set(found.slice(0, 2).map(({ id }) => id))).toEqual(new Set([`late ${i}`, i]));
      expect((await engine.neighbours(rowOf(1000 + i), { k: 1 })).map(({ id }) => id)).not.toContain(1000 + i);
    }
    expect(await engine.size()).toBe(count);
  }
  const { hashes } = await three.stats();
  expect(hashes.map(({ entries }) => entries)).toEqual([count]);
});

test("a second learning takes the first one's place and leaves nothing of it", async () => {
  const one = engineOn("again");
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  await one.train();
  const two = await other("again");
  await two.neighbours(rowOf(1), { k: 1 });
  const bytes = (await one.stats()).bytes.buckets;
  await one.train({ anew: true });
  await two.storeVector(rowOf(count), { id: "new" });

  expect((await one.neighbours(rowOf(count), { k: 1 }))[0].id).toBe("new");
  expect((await two.neighbours(rowOf(5), { k: 1 }))[0].id).toBe(5);
  const stats = await two.stats();
  expect(stats.hashes).toHaveLength(1);
  expect(stats.bytes.buckets).toBeLessThan(bytes * 1.2);
});

test("two processes that want to learn at once learn once", async () => {
  const [one, two] = [engineOn("once"), engineOn("once")];
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  await Promise.all([one.train(), two.train()]);
  const texts = (await Promise.all([one.plan(), two.plan()])).map(({ text }) => text);
  expect(texts[1]).toBe(texts[0]);
});

test("tuning by one process counts for the others", async () => {
  const one = engineOn("tunes");
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  await one.train();
  const two = await other("tunes");
  await two.plan();
  const tuned = await one.tune({ recall: 0.5 });
  await two.neighbours(rowOf(1), { k: 1 });

  expect((await two.plan()).text).toBe(tuned.text);
});

test("removing everything makes all processes begin anew", async () => {
  const one = engineOn("anew");
  await one.storeManyVectors(vectors.subarray(0, count * dim));
  await one.train();
  const two = await other("anew");
  await two.neighbours(rowOf(1), { k: 1 });
  await one.cleanAllBuckets();

  expect(await two.neighbours(rowOf(1), { k: 1 })).toEqual([]);
  await two.storeVector(rowOf(1), { id: "first" });
  expect((await one.neighbours(rowOf(1), { k: 1 }))[0]).toMatchObject({ id: "first", distance: 0 });
});

test("an index made otherwise is refused, saying what differs", async () => {
  await engineOn("schema").size();
  const another = new Engine({ dim: 25, distance: "cosine", recall: 0.9, storage: new RedisStorage({ name: "schema", url: server.url }) });
  engines.push(another);
  const error = await another.size().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NearError);
  expect(error).toMatchObject({ code: "E_SCHEMA_MISMATCH" });
  expect(String(error)).toMatch(/dim is 24 there and 25 here/);
});
