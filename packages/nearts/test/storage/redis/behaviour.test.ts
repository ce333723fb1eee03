import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createClient } from "@redis/client";
import { Redis } from "ioredis";
import { Engine, type NearError, UniBucket } from "nearts";
import { RedisStorage, type RedisStorageOptions } from "nearts/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

const dim = 8;
let server: RedisServer;
let client: ReturnType<typeof createClient>;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await RedisServer.start({ ...IN_MEMORY, "repl-diskless-sync-delay": "0" });
  client = createClient({ url: server.url });
  await client.connect();
});
afterAll(async () => {
  for (const one of open) await one.close();
  client.destroy();
  await server.stop();
});

function storageOf(options: Partial<RedisStorageOptions> & { readonly name: string }): RedisStorage {
  const storage = new RedisStorage({ ...(options.client === undefined ? { url: server.url } : {}), ...options });
  open.push(storage);
  return storage;
}

function engineOf(storage: RedisStorage): Engine {
  return new Engine({ dim, distance: "euclidean", hashes: [new UniBucket()], storage });
}

const vector = (value: number) => Float32Array.from({ length: dim }, (_, i) => value + i);
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as NearError,
  );

describe("ends", () => {
  test("a vector with a time to live is found until then, by no way after, and leaves nothing behind", async () => {
    const storage = storageOf({ name: "ends", shards: 2 });
    const engine = engineOf(storage);
    await engine.storeVector(vector(1), { id: "short", ttlSeconds: 1, data: { large: "x".repeat(3000) } });
    await engine.storeVector(vector(1), { id: "kept" });
    await engine.storeVector(vector(2), { id: "freed", ttlSeconds: 1 });
    await engine.storeVector(vector(2), { id: "freed" });
    expect((await engine.neighbours(vector(1), { k: 5 })).map(({ id }) => String(id)).sort()).toEqual(["freed", "kept", "short"]);
    const again = engineOf(storageOf({ name: "ends" }));
    await again.size();
    await new Promise((resolve) => setTimeout(resolve, 2100));

    for (const one of [engine, again]) {
      expect((await one.neighbours(vector(1), { k: 5 })).map(({ id }) => String(id)).sort()).toEqual(["freed", "kept"]);
      expect([await one.size(), await one.has("short"), await one.has("freed")]).toEqual([2, false, true]);
      expect(await one.get("short")).toBeUndefined();
      const ids: string[] = [];
      for await (const { id } of one.entries()) ids.push(String(id));
      expect(ids.sort()).toEqual(["freed", "kept"]);
    }
    expect(await engine.deleteVector("short")).toBe(false);
    await storage.compact();
    expect((await client.keys("{ends:*}:i*")).length).toBe(2);
    expect((await client.keys("{ends:*}:x*")).length).toBe(0);
    expect((await engine.stats()).hashes[0].entries).toBe(2);
  });

  test("a storage that keeps vectors for good refuses a time to live, and so does everyone a wrong one", async () => {
    const memory = new Engine({ dim });
    expect(await caught(memory.storeVector(vector(1), { ttlSeconds: 5 }))).toMatchObject({ code: "E_UNSUPPORTED" });
    const engine = engineOf(storageOf({ name: "wrong-ends" }));
    expect(await caught(engine.storeVector(vector(1), { ttlSeconds: 0.5 }))).toMatchObject({ code: "E_BAD_OPTION" });
  });
});

describe("servers", () => {
  test("a server that may throw keys away is refused, unless that is allowed", async () => {
    const evicting = await RedisServer.start({ ...IN_MEMORY, maxmemory: "50mb", "maxmemory-policy": "allkeys-lru" });
    const refused = storageOf({ name: "evicts", url: evicting.url });
    expect(await caught(engineOf(refused).size())).toMatchObject({ code: "E_CONFIG", message: expect.stringContaining("noeviction") });
    const warnings: string[] = [];
    const allowed = storageOf({ name: "evicts", url: evicting.url, allowEviction: true, onWarning: (text) => warnings.push(text) });
    expect(await engineOf(allowed).size()).toBe(0);
    expect(warnings.join()).toContain("allkeys-lru");
    await allowed.close();
    await evicting.stop();
  });

  test("a wrong password is told apart, and shown nowhere", async () => {
    const closed = await RedisServer.start({ ...IN_MEMORY, requirepass: "right" });
    for (const url of [`redis://user:s3cret@127.0.0.1:${closed.port}`, `redis://:s3cret@127.0.0.1:${closed.port}`, closed.url]) {
      const error = await caught(engineOf(storageOf({ name: "auth", url })).size());
      expect(error).toMatchObject({ code: "E_AUTH" });
      expect(JSON.stringify([error?.message, error?.details, String(error?.cause), error?.stack])).not.toContain("s3cret");
    }
    expect(await engineOf(storageOf({ name: "auth", url: `redis://:right@127.0.0.1:${closed.port}` })).size()).toBe(0);
    for (const storage of open) await storage.close();
    await closed.stop();
  });

  test("a server that is not there is E_UNAVAILABLE in time, without the password of its URL", async () => {
    const begun = performance.now();
    const error = await caught(engineOf(storageOf({ name: "gone", url: "redis://u:s3cret@127.0.0.1:1", timeoutMs: 500 })).size());
    expect(error).toMatchObject({ code: "E_UNAVAILABLE", details: { outcome: "none" } });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(JSON.stringify([error?.message, error?.details, String(error?.cause)])).not.toContain("s3cret");
  });

  test("a connection whose time ran out while this process was busy is made again", async () => {
    let connections = 0;
    const busy = () => {
      if (connections++ > 0) return;
      // When all that is to be done at once about the new connection is done.
      queueMicrotask(() => {
        const end = performance.now() + 300;
        while (performance.now() < end);
      });
    };
    subscribe("net.client.socket", busy);
    const size = await engineOf(storageOf({ name: "busy", socket: { connectTimeout: 100 } })).size();
    unsubscribe("net.client.socket", busy);
    expect([size, connections]).toEqual([0, 2]);
  });

  test("a server that was emptied does not pass for an empty index", async () => {
    const emptied = await RedisServer.start(IN_MEMORY);
    const engine = engineOf(storageOf({ name: "emptied", url: emptied.url, timeoutMs: 3000 }));
    await engine.storeVector(vector(1), { id: 1 });
    await emptied.kill();
    await emptied.restart();
    expect(await caught(engine.neighbours(vector(1), { k: 1 }))).toMatchObject({ code: "E_CORRUPT" });
    expect(await caught(engine.storeVector(vector(1), { id: 2 }))).toMatchObject({ code: "E_CORRUPT" });
    await emptied.stop();
  });

  test("a server without memory refuses a write whole, and says so", async () => {
    const small = await RedisServer.start({ ...IN_MEMORY, maxmemory: "3mb" });
    const engine = engineOf(storageOf({ name: "full", url: small.url, timeoutMs: 3000 }));
    const error = await caught(
      (async () => {
        for (let i = 0; i < 500; i++) await engine.storeVector(vector(i), { id: i, data: "x".repeat(60_000) });
      })(),
    );
    expect(error).toMatchObject({ code: "E_FULL", details: { failedIds: [expect.any(Number)] } });
    const size = await engine.size();
    expect([size]).toEqual(error?.details["failedIds"]);
    expect((await engine.neighbours(vector(size - 1), { k: 1 }))[0].id).toBe(size - 1);
    // What a full server needs most is always done.
    expect(await engine.deleteMany([0, 1, 2])).toBe(3);
    expect(await engine.size()).toBe(size - 3);
    await small.stop();
  });

  test("a write that no replica has is not taken for one that some have", async () => {
    const engine = engineOf(storageOf({ name: "alone", ack: "replica", timeoutMs: 1500 }));
    expect(await caught(engine.storeVector(vector(1), { id: 1 }))).toMatchObject({
      code: "E_NOT_REPLICATED",
      details: { outcome: "unknown" },
    });
    const replica = await RedisServer.start({ ...IN_MEMORY, replicaof: `127.0.0.1 ${server.port}` });
    const replicated = engineOf(storageOf({ name: "together", ack: "replica", timeoutMs: 10_000 }));
    for (let tries = 0; !(await client.info("replication")).includes("state=online"); tries++) {
      expect(tries).toBeLessThan(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await replicated.storeVector(vector(1), { id: 1 });
    const reader = storageOf({ name: "together", url: replica.url });
    expect(await caught(engineOf(reader).size())).toMatchObject({ code: "E_READONLY" });
    await replica.stop();
  });

  test("scripts that a server forgot are sent again", async () => {
    const engine = engineOf(storageOf({ name: "flushed" }));
    await engine.storeVector(vector(1), { id: 1 });
    await client.scriptFlush();
    await engine.storeVector(vector(2), { id: 2 });
    expect(await engine.size()).toBe(2);
  });

  test("connections that are cut are made again, and no write is done twice or lost", async () => {
    const engine = engineOf(storageOf({ name: "cut" }));
    await engine.size();
    const own = await client.clientId();
    let at = 0;
    const storing = (async () => {
      for (; at < 300; at++) await engine.storeVector(vector(at), { id: at });
    })();
    while (at < 300) {
      for (const { id } of await client.clientList()) if (id !== own) await client.clientKill([{ filter: "ID", id }] as never);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await storing;
    expect(await engine.size()).toBe(300);
    expect((await engine.stats()).hashes[0].entries).toBe(300);
    for (let i = 0; i < 300; i += 17) expect((await engine.neighbours(vector(i), { k: 1 }))[0]).toMatchObject({ id: i, distance: 0 });
  });
});

describe("clients", () => {
  test("a client of somebody's own, of either library, is used and left open", async () => {
    const other = new Redis(server.port, "127.0.0.1");
    const engines = [engineOf(storageOf({ name: "given", client })), engineOf(storageOf({ name: "given", client: other }))];
    await engines[0].storeManyVectors([vector(1), vector(2)], { ids: ["ü", 7] });
    await engines[1].storeVector(vector(3), { id: "7" });
    for (const engine of engines)
      expect((await engine.neighbours(vector(2), { k: 3 })).map(({ id }) => `${typeof id} ${id}`).sort()).toEqual([
        "number 7",
        "string 7",
        "string ü",
      ]);
    for (const engine of engines) await engine.close();
    expect(await client.ping()).toBe("PONG");
    expect(await other.ping()).toBe("PONG");
    other.disconnect();
  });

  test("options that cannot be are refused by name", () => {
    const make = (options: object) => () => new RedisStorage(options as RedisStorageOptions);
    expect(make({ name: "a:b", url: server.url })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(make({ name: "x".repeat(65), url: server.url })).toThrow(/1 to 64 letters/);
    expect(make({ name: "a" })).toThrow(/either a url or a client/);
    expect(make({ name: "a", url: "http://host" })).toThrow(/redis:\/\//);
    expect(make({ name: "a", client: {} })).toThrow(/client is/);
    expect(make({ name: "a", url: server.url, shards: 0 })).toThrow(/shards is 0/);
    expect(make({ name: "a", url: server.url, ack: "all" })).toThrow(/ack is/);
    expect(make({ name: "a", url: server.url, shard: 1 })).toThrow(/no option "shard"/);
  });
});

describe("upkeep", () => {
  test("removing an index removes every key that begins with its name, and no other", async () => {
    const names = ["drop", "drop-", "dro", "drop_1"];
    for (const name of names) await engineOf(storageOf({ name })).storeVector(vector(1), { id: "x" });
    await client.set("drop:own", "1");
    const storage = storageOf({ name: "drop" });
    expect(await storage.destroy()).toBeGreaterThan(4);
    expect(await client.keys("{drop:*}*")).toEqual([]);
    expect(await client.get("drop:own")).toBe("1");
    for (const name of names.slice(1)) expect(await engineOf(storageOf({ name })).size()).toBe(1);
  });

  test("a repair mends what does not agree, both ways, and finds nothing to mend in a sound index", async () => {
    const storage = storageOf({ name: "repair" });
    const engine = engineOf(storage);
    await engine.storeManyVectors(
      Array.from({ length: 20 }, (_, i) => vector(i)),
      { ids: Array.from({ length: 20 }, (_, i) => i) },
    );
    expect(await storage.repair()).toEqual({ items: 0, ids: 0, records: 0, restored: 0 });
    await client.del("{repair:0}:i3"); // an item is lost: its id and record dangle
    await client.hDel("{repair:0}:k", "n5"); // an id is lost: its item tells it
    await client.hSet("{repair:0}:k", "n99", "6"); // an id that is none
    await client.rPush("{repair:0}:f", "7"); // a row that is not free
    const report = await storage.repair();
    expect(report).toEqual({ items: 0, ids: 2, records: 1, restored: 1 });
    expect(await storage.repair()).toEqual({ items: 0, ids: 0, records: 0, restored: 0 });
    expect((await engine.neighbours(vector(4), { k: 20 })).map(({ id }) => id)).toHaveLength(19);
    expect(await engine.size()).toBe(19);
    await engine.storeVector(vector(50), { id: "new" });
    expect((await engine.get(7))?.vector).toEqual(vector(7));
    const [bucket] = (await client.keys("{repair:0}:b*")).slice(0, 1);
    await client.del(bucket);
    expect(await storage.repair()).toEqual({ items: 0, ids: 0, records: 0, restored: 20 });
    expect(await engine.neighbours(vector(4), { k: 20 })).toHaveLength(20);
  });

  test("a vector whose code a bucket has lost is found again after a repair, as it is compared itself", async () => {
    const storage = storageOf({ name: "recoded" });
    const engine = new Engine({ dim, distance: "euclidean", hashes: [new UniBucket()], codes: true, storage });
    const vectors = Array.from({ length: 300 }, (_, i) => vector(i));
    await engine.storeManyVectors(vectors, { ids: vectors.map((_, i) => i) });
    const [bucket] = await client.keys("{recoded:0}:b*");
    await client.setRange(bucket, 0, "none"); // over the row of the first record
    expect(await storage.repair()).toEqual({ items: 0, ids: 0, records: 1, restored: 1 });
    for (const i of [0, 1, 150, 299]) expect((await engine.neighbours(vectors[i], { k: 1 }))[0]).toMatchObject({ id: i, distance: 0 });
  });

  test("numbers given as ids are not given again", async () => {
    const engine = engineOf(storageOf({ name: "ids" }));
    await engine.storeVector(vector(1), { id: 41 });
    expect(await engine.storeVector(vector(2))).toBeGreaterThan(41);
    const again = engineOf(storageOf({ name: "ids" }));
    await again.storeVector(vector(3), { id: 100_000 });
    expect(await engine.storeVector(vector(4))).not.toBe(100_000);
    expect(await engine.size()).toBe(4);
  });
});
