import type { Script } from "./calls.js";
import { endRepair, repairBucket, repairEntries, repairIds, repairRows } from "./scripts/repair.js";
import { type Answer, type Shards, words } from "./shards.js";
import { eachBucket } from "./upkeep.js";
import type { Argument } from "./wire.js";

/** What {@link RedisStorage.repair} found and mended. */
export interface RepairReport {
  /** Items whose id was another's, ids without an item, and records that no item knew of: removed. */
  readonly items: number;
  readonly ids: number;
  readonly records: number;
  /** Ids and records that were missing: put back. A record without its code: there the vector itself is compared, until it is stored again. */
  readonly restored: number;
}

/** Rows that one script looks at. */
const rowsAtOnce = 256;

type Run = (code: Script, args: readonly Argument[]) => Promise<Answer>;

/** Looks at every id, item and record of some shards, both ways. Each is right when the next step comes to it, and others may write meanwhile. E_STALE where a hash in use is not known here. */
export async function repairShards(shards: Shards, which: readonly number[]): Promise<RepairReport> {
  const report = { items: 0, ids: 0, records: 0, restored: 0 };
  const runOn =
    (shard: number): Run =>
    async (code, args) =>
      (await shards.run([{ shard, code, args, writes: true }]))[0];
  shards.spoil();
  for (const shard of which) {
    report.ids += await repairAllIds(runOn(shard));
    for await (const { payload } of eachBlock(runOn(shard), codes.rows)) {
      report.items += payload.readUInt32LE(0);
      report.restored += payload.readUInt32LE(4);
    }
  }
  for await (const gone of eachBucket(shards, codes.bucket, which)) report.records += gone;
  for (const shard of which) {
    for await (const { payload } of eachBlock(runOn(shard), codes.entries)) report.restored += payload.readUInt32LE(0);
    await runOn(shard)(codes.end, []);
  }
  shards.spoil();
  return report;
}

/** What was mended of shards of which half a write was done. */
export function mendedText(which: readonly number[], { items, ids, records, restored }: RepairReport): string {
  const found = `${items} items, ${ids} ids and ${records} records of nothing removed, ${restored} put back`;
  return `a server that had been killed did half of a write when it was started again (shard ${which.join(", ")}), and that was mended: ${found}. With aof-load-truncated no it does not come about`;
}

/** How many ids went. */
async function repairAllIds(run: Run): Promise<number> {
  let gone = 0;
  let cursor = "0";
  do {
    const { payload } = await run(codes.ids, [cursor]);
    gone += payload.readUInt32LE(0);
    cursor = payload.toString("latin1", 4);
  } while (cursor !== "0");
  return gone;
}

/** Runs a script on all rows of a shard, some at a time. */
async function* eachBlock(run: Run, code: Script): AsyncGenerator<Answer> {
  for (let from = 0, rows = 1; from < rows; from += rowsAtOnce) {
    const answer = await run(code, [words(from, from + rowsAtOnce)]);
    rows = answer.state.rows;
    yield answer;
  }
}

const codes = {
  ids: { text: repairIds } as Script,
  rows: { text: repairRows } as Script,
  bucket: { text: repairBucket } as Script,
  entries: { text: repairEntries } as Script,
  end: { text: endRepair } as Script,
};
