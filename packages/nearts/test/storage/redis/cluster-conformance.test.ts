import { createCluster } from "@redis/client";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, test } from "vitest";
import { storageSuite } from "../../../src/testing/index.js";
import { RedisCluster } from "../../servers/redis-cluster.js";
import { IN_MEMORY } from "../../servers/redis-server.js";

let cluster: RedisCluster;
let client: ReturnType<typeof createCluster>;
const storages: RedisStorage[] = [];
const names = new Map<unknown, string>();

beforeAll(async () => {
  cluster = await RedisCluster.start({ replicas: 0, settings: IN_MEMORY });
  client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) });
  await client.connect();
}, 60_000);
afterAll(async () => {
  for (const storage of storages) await storage.close();
  client.destroy();
  await cluster.stop();
});

function create(name = `suite-${names.size}`): RedisStorage {
  const storage = new RedisStorage({ name, client, shards: 3 });
  storages.push(storage);
  names.set(storage, name);
  return storage;
}

storageSuite({
  test,
  title: "RedisStorage on a cluster",
  create: () => create(),
  reopen: (closed) => create(names.get(closed)),
  kinds: ["dense", "sparse", "bits"],
  histories: 1,
  rows: 700,
});
