import { NearError } from "../../core/errors.js";
import type { Script } from "./calls.js";
import { bucketKey, bucketNameBytes } from "./keys.js";
import { clearHash, shortenBucket, sweepShard } from "./scripts/upkeep.js";
import type { Servers } from "./servers.js";
import { anyVersion, hashBytes, type Shards } from "./shards.js";
import { within } from "./time.js";

/** Empties the buckets of a hash. */
export async function clearHashIn(shards: Shards, hash: number): Promise<void> {
  if (!shards.layouts.has(hash)) throw new NearError("E_NOT_FOUND", `the index has no hash number ${hash}`, { hash });
  await removeBuckets(shards, hash);
  shards.spoil();
}

/** Removes the buckets of a hash, whether it is in use or not. */
export async function removeBuckets(shards: Shards, hash: number): Promise<void> {
  let left = shards.keys.map(({ shard }) => shard);
  while (left.length > 0) {
    const answers = await shards.run(
      left.map((shard) => ({ shard, code: codes.clearHash, args: [hashBytes(hash)], writes: true, version: anyVersion })),
    );
    left = left.filter((_, i) => answers[i].payload.readUInt32LE(0) > 0);
  }
}

/** Removes what has ended, and the room that shrinking buckets left. Bytes given back, about. */
export async function compactShards(shards: Shards): Promise<number> {
  let left = shards.keys.map(({ shard }) => shard);
  while (left.length > 0) {
    const answers = await shards.run(left.map((shard) => ({ shard, code: codes.sweep, args: [], writes: true, version: anyVersion })));
    left = left.filter((_, i) => answers[i].payload.readUInt32LE(0) > 0);
  }
  shards.spoil();
  let freed = 0;
  const all = shards.keys.map(({ shard }) => shard);
  for await (const answers of eachBucket(shards, codes.shorten, all)) freed += answers;
  return freed;
}

/** Runs a script on every bucket of every hash in use, on these shards at once; what the answers say together. */
export async function* eachBucket(shards: Shards, code: Script, which: readonly number[]): AsyncGenerator<number> {
  for (const hash of Array.from(shards.layouts.keys())) {
    const directory = await shards.directory(hash);
    for (let table = 0; table < shards.tablesOf(hash); table++) {
      const names = Array.from(directory.sorted(table), (i) =>
        bucketKey("", hash, table, directory.keyHi(table, i), directory.keyLo(table, i)).subarray(1, 1 + bucketNameBytes),
      );
      for (const name of names) {
        const answers = await shards.run(which.map((shard) => ({ shard, code, args: [name], writes: true })));
        yield answers.reduce((sum, { payload }) => sum + payload.readUInt32LE(0), 0);
      }
    }
  }
}

/** Removes every key of an index from every server; how many there were. Patterns name its prefix only: a name has nothing that means more in one. */
export async function dropIndex(servers: Servers, name: string, millis: number): Promise<number> {
  let removed = 0;
  for (const link of await servers.primaries()) {
    let cursor = "0";
    do {
      const [outcome] = link.send([["SCAN", cursor, "MATCH", `{${name}:*}:*`, "COUNT", "1000"]]);
      const scanned = await within(outcome, millis);
      if (!("reply" in scanned))
        throw new NearError("E_UNAVAILABLE", "a server did not answer while the index was being removed: call again", {
          retryable: true,
          outcome: "partial",
        });
      const [next, keys] = scanned.reply as readonly [Buffer, readonly Buffer[]]; // so SCAN answers
      cursor = String(next);
      const gone = await within(Promise.all(link.send(keys.map((key) => ["UNLINK", key]))), millis);
      removed += gone.filter((one) => "reply" in one && Number(one.reply) === 1).length;
    } while (cursor !== "0");
  }
  return removed;
}

const codes = {
  clearHash: { text: clearHash } as Script,
  sweep: { text: sweepShard } as Script,
  shorten: { text: shortenBucket } as Script,
};
