import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, test } from "vitest";
import { storageSuite } from "../../../src/testing/index.js";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

let server: RedisServer;
let storages: RedisStorage[] = [];

beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
});
afterAll(async () => {
  for (const storage of storages) await storage.close();
  storages = [];
  await server.stop();
});

let next = 0;

function create(name = `suite-${next++}`): RedisStorage {
  const storage = new RedisStorage({ name, url: server.url });
  storages.push(storage);
  names.set(storage, name);
  return storage;
}

const names = new Map<unknown, string>();

storageSuite({
  test,
  title: "RedisStorage",
  create: () => create(),
  reopen: (closed) => create(names.get(closed)),
  rows: 1200,
  histories: 1,
});
