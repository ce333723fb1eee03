import { createClient } from "@redis/client";
import { Engine } from "nearts";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lease } from "../../../src/core/contracts.js";
import { clouds, rowOf } from "../../learned/vectors.js";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

const dim = 16;
const count = 2500;
const vectors = clouds(count, dim, 5);
let server: RedisServer;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
  client = createClient({ url: server.url });
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

const phases = ["begins", "enters", "finishes"] as const;

/** A storage whose process dies, as far as others can see, in a phase of learning: its lease runs out, and nothing more comes of it. */
function dying(name: string, phase: (typeof phases)[number]): RedisStorage {
  const storage = new RedisStorage({ name, url: server.url, shards: 2 });
  const { shared } = storage;
  const lease = shared.lease.bind(shared);
  const die = async (): Promise<never> => {
    await client.del(`{${name}:0}:l`);
    throw new Error("died");
  };
  shared.lease = async () => {
    const own = await lease();
    if (own === null) return null;
    let entered = 0;
    const wrapped: Lease = {
      begin: async (hash) => {
        const number = await own.begin(hash);
        return phase === "begins" ? die() : number;
      },
      blocks: () => own.blocks(),
      enter: async (block, keys, codes) => {
        await own.enter(block, keys, codes);
        if (phase === "enters" && ++entered === 2) await die();
      },
      finish: die,
      release: () => Promise.resolve(), // the dead give nothing back
    };
    return wrapped;
  };
  return storage;
}

test.each(phases)("where a trainer dies as it %s, all goes on, and the next leaves nothing of its half", async (phase) => {
  const name = `dies-${phase}`;
  const first = new Engine({ dim, distance: "euclidean", recall: 0.9, storage: dying(name, phase) });
  await first.storeManyVectors(vectors.subarray(0, (count - 100) * dim)).catch(() => {});
  await first.train().catch(() => {});
  const second = await Engine.open<unknown, "dense">({ storage: new RedisStorage({ name, url: server.url }) });
  await second.storeManyVectors(vectors.subarray((count - 100) * dim));
  for (const i of [3, 700, count - 1])
    expect((await second.neighbours(rowOf(vectors, dim, i), { k: 1 }))[0]).toMatchObject({ distance: 0 });
  await second.train({ anew: true });

  for (const i of [3, 700, count - 1])
    expect((await second.neighbours(rowOf(vectors, dim, i), { k: 1 }))[0]).toMatchObject({ distance: 0 });
  const { hashes } = await second.stats();
  expect(hashes.map(({ entries }) => entries)).toEqual([count]);
  expect(await client.hGet(`{${name}:0}:m`, "filling")).toBe("");
  const keys = await client.sendCommand<Buffer[]>(["KEYS", `{${name}:*}:d*`], { typeMapping: { 36: Buffer } });
  const numbers = new Set(keys.map((key) => key.readUInt16LE(key.length - 2)));
  expect(numbers.size).toBe(1);
  await first.close();
  await second.close();
});
