import { Engine, RandomBinaryProjections } from "nearts";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { refusal } from "../../acceptance/vectors.js";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

/** What SECURITY.md advises, for the index "mine". */
const RULES =
  "~{mine:*}:* resetchannels +@read +@write +@scripting +@connection +info +wait +cluster|slots +cluster|shards +cluster|nodes -@dangerous +info";

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
  await server.command("ACL", "SETUSER", "nearts", "on", ">secret", ...RULES.split(" "));
});
afterAll(() => server.stop());

const storage = (name: string): RedisStorage => new RedisStorage({ name, url: `redis://nearts:secret@127.0.0.1:${server.port}` });

it("a user who may touch the index's keys only, and no dangerous command, can do all that an engine asks", async () => {
  const hashes = [new RandomBinaryProjections({ name: "bits", projections: 3, seed: 1 })];
  await using engine = new Engine({ dim: 3, distance: "euclidean", hashes, storage: storage("mine") });
  await engine.storeManyVectors(
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    { ids: ["a", "b", "c"], data: [1, 2, 3] },
  );
  await engine.deleteVector("b");

  const [nearest] = await engine.neighbours([1, 2, 3], { k: 1 });
  expect([nearest.id, nearest.distance, await engine.size()]).toEqual(["a", 0, 2]);
  await engine.cleanAllBuckets();
  expect(await engine.size()).toBe(0);
});

it("and is refused another index", async () => {
  const engine = new Engine({ dim: 3, storage: storage("yours") });

  expect(await refusal(() => engine.size())).toMatchObject({ code: "E_AUTH" });
});
