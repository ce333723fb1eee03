// One index that several processes read and write, in Redis: node examples/07-redis.mjs redis://localhost:6379
import { Engine, Random } from "nearts";
import { RedisStorage } from "nearts/redis";

const url = process.argv[2] ?? "redis://localhost:6379";
const name = "example-07"; // every key of the index begins with it
const [dim, count] = [32, 5000];
const random = new Random("redis");
const vectors = Array.from({ length: count }, () => Float32Array.from({ length: dim }, () => random.uniform()));

// The first process makes the index.
const storage = new RedisStorage({ name, url });
await storage.destroy(); // what an earlier run left
const first = new Engine({ dim, distance: "euclidean", recall: 0.9, storage });
await first.storeManyVectors(vectors);
await first.train(); // happens by itself as the index grows; now, so that the other finds it done

// Another knows its name alone: dimension, distance and what was learned come with it.
const second = await Engine.open({ storage: new RedisStorage({ name, url }) });
console.log(`the other has ${await second.size()} vectors of ${second.dim} dimensions, by ${second.distance.name} distance`);
console.log((await second.plan()).text.split("\n")[0]);

// A write that has resolved is seen by the next query of anyone.
await first.storeVector(vectors[7], { id: "mine", data: { owner: "first" } });
const [nearest] = (await second.neighbours(vectors[7], { k: 2 })).filter(({ id }) => id === "mine");
console.log(`the other finds ${nearest.id} at ${nearest.distance}, ${JSON.stringify(nearest.data)}`);

// Vectors may go by themselves, here after a second.
await second.storeVector(vectors[8], { id: "short", ttlSeconds: 1 });
console.log(`short is there: ${await first.has("short")}`);
await new Promise((done) => setTimeout(done, 2100));
console.log(`short is there two seconds later: ${await first.has("short")}`);

// Near-duplicates are joined in Redis as in memory.
await second.storeVector(
  vectors[9].map((value) => value + 0.001),
  { id: "nearly 9" },
);
for await (const { a, b, distance } of first.pairsWithin({ within: 0.02 })) console.log(`${a} and ${b} are ${distance.toFixed(4)} apart`);

await second.close();
await storage.destroy();
await first.close();
