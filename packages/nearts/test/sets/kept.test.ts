import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, membersOf, type Storage } from "../../src/index.js";
import { RedisStorage } from "../../src/storage/redis/index.js";
import { IN_MEMORY, RedisServer } from "../servers/redis-server.js";
import { lmdbFolder } from "../storage/lmdb/folder.js";

const folder = lmdbFolder();
let server: RedisServer;
const engines: Engine<unknown, "set">[] = [];
beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await server.stop();
});

const random = new Random("kept sets");
const sets: Uint32Array[] = [];
for (let i = 0; i < 2400; i++) {
  const members = i % 12 === 0 ? Array.from({ length: 60 }, () => random.below(20_000)) : [...sets[i - (i % 12)]];
  for (let c = i % 12; c > 0; c--) members[random.below(members.length)] = random.below(20_000);
  sets.push(membersOf(members, "set"));
}

const path = folder.path();
const storages: readonly [string, () => Storage][] = [
  ["LMDB", () => folder.storage({ path })],
  ["Redis", () => new RedisStorage({ name: "sets", url: server.url })],
];

test.each(storages)("sets on %s are learned, and found with the recall by whoever opens them", async (_, storage) => {
  const kept = storage();
  const first = new Engine({ kind: "set", recall: 0.9, storage: kept });
  engines.push(first);
  await first.storeManyVectors(sets);
  await first.train();
  const exact = new Engine({ kind: "set" });
  await exact.storeManyVectors(sets);
  const recallOf = async (engine: Engine<unknown, "set">) => {
    let found = 0;
    for (let q = 0; q < 60; q++) {
      const truth = await exact.neighbours(sets[q * 40], { k: 10 });
      const near = await engine.neighbours(sets[q * 40], { k: 10 });
      found += near.filter(({ distance }) => distance <= truth[9].distance).length;
    }
    return found / 600;
  };
  expect((await first.plan()).kind).toBe("learned");
  expect(await recallOf(first)).toBeGreaterThan(0.87);
  await first.close();
  const again = await Engine.open<unknown, "set">({ storage: storage() });
  engines.push(again);
  expect((await again.plan()).kind).toBe("learned");
  expect(await recallOf(again)).toBeGreaterThan(0.87);
  expect((await again.neighbours(sets[7], { within: 0.3 })).map(({ id }) => id)).toContain(7);
});
