import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine, RandomBinaryProjections, RandomDiscretizedProjections } from "nearts";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Oracle } from "../../faults/oracle.js";
import { checked } from "../../faults/process/holding.js";
import { DIM, idOf, operation, vectorOf, type Workload } from "../../faults/workload.js";
import { RedisServer } from "../../servers/redis-server.js";

// A campaign of kills had left an index that counted a vector more than it held. A server that is killed while it writes its log cuts it, when it is started
// again, where the last whole command ends, which may be within a MULTI; what it appends ends in an EXEC that does the first half of the lost write too, when it
// is started once more (valkey-io/valkey#4342).

const WORKLOAD: Workload = { seed: 2, lanes: 1, most: 3, names: 12 };
/** Operations before the one that is torn, and after it. */
const BEFORE = 12;
const AFTER = 6;

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start({ appendfsync: "no", "auto-aof-rewrite-percentage": "0" });
});
afterAll(() => server.stop());

describe("a log that was cut within a write and then written on", () => {
  it("is what a server leaves that was killed while it wrote; the next to open the index is told", { timeout: 60_000 }, async () => {
    const { before, torn, unit, after } = await logs("store");
    const [cut, next] = commandEnds(unit).slice(8);
    await restartedOn(Buffer.concat([before, unit.subarray(0, next - 1)]));
    await written(torn + 1, torn + AFTER);
    const left = log();
    const told: string[] = [];
    await restartedOn(left);
    await using engine = opened((text) => told.push(text));
    const size = await engine.size();

    expect(left.subarray(0, before.length + cut)).toEqual(Buffer.concat([before, unit.subarray(0, cut)]));
    expect(commandEnds(left.subarray(before.length + cut))).toHaveLength(commandEnds(after).length);
    expect(told).toEqual([expect.stringContaining("did half of a write")]);
    expect((await engine.storage.stats()).size).toBe(size);
  });

  it("is mended once for all calls of a process that find it so meanwhile", { timeout: 60_000 }, async () => {
    // Each of them mended all of it for itself.
    await restartedOn(Buffer.alloc(0));
    await written(1, BEFORE);
    const told: string[] = [];
    await using engine = opened((text) => told.push(text));
    await engine.size();
    await server.command("INCR", "{torn:0}:c");

    await Promise.all(Array.from({ length: 12 }, (_, i) => engine.storeVector(vectorOf(i, 1), { id: `new ${i}` })));

    expect(told).toEqual([expect.stringContaining("did half of a write")]);
    expect(await engine.has("new 11")).toBe(true);
  });

  it("is mended for a process that listens to no warnings", async () => {
    // It was not, and its calls tried again for ever.
    await restartedOn(Buffer.alloc(0));
    await written(1, BEFORE);
    const storage = new RedisStorage({ name: "torn", url: server.url });
    await using engine = new Engine({ dim: DIM, distance: "euclidean", hashes: hashes(), gauge: false, storage });
    await engine.size();
    await server.command("INCR", "{torn:0}:c");

    await engine.storeVector(vectorOf(1, 1), { id: "new" });

    expect(await engine.has("new")).toBe(true);
  });

  for (const kind of ["store", "remove"] as const) {
    it(`leaves an index that has what was acknowledged and agrees with itself, wherever it was cut: ${kind}`, {
      timeout: 60_000,
    }, async () => {
      const { before, torn, unit, after } = await logs(kind);
      const ends = commandEnds(unit);
      const problems: string[] = [];
      for (const [number, cut] of ends.entries()) {
        await restartedOn(Buffer.concat([before, unit.subarray(0, cut), after]));
        problems.push(...(await problemsOf(torn)).map((problem) => `after ${number + 1} commands: ${problem}`));
      }

      expect(problems).toEqual([]);
      expect(ends.length).toBeGreaterThan(10);
    });
  }
});

interface Logs {
  readonly before: Buffer;
  /** The operation that is cut, and the log's part that is its doing. */
  readonly torn: number;
  readonly unit: Buffer;
  /** Written where the log had been cut. */
  readonly after: Buffer;
}

async function logs(kind: "store" | "remove"): Promise<Logs> {
  let torn = BEFORE + 1;
  while (operation(WORKLOAD, torn).kind !== kind || operation(WORKLOAD, torn).names.length < 2) torn++;
  await restartedOn(Buffer.alloc(0));
  await written(1, BEFORE);
  const before = log();
  await written(torn, torn);
  const unit = log().subarray(before.length);
  await restartedOn(before);
  await written(torn + 1, torn + AFTER);
  return { before, torn, unit, after: log().subarray(before.length) };
}

function hashes(): (RandomBinaryProjections | RandomDiscretizedProjections)[] {
  return [
    new RandomBinaryProjections({ name: "bits", projections: 2, seed: 1 }),
    new RandomDiscretizedProjections({ name: "cells", projections: 1, binWidth: 40, seed: 2 }),
  ];
}

function opened(onWarning: (text: string) => void = () => {}): Engine {
  const storage = new RedisStorage({ name: "torn", url: server.url, onWarning });
  return new Engine({ dim: DIM, distance: "euclidean", hashes: hashes(), gauge: false, storage });
}

async function written(from: number, to: number): Promise<void> {
  await using engine = opened();
  for (let number = from; number <= to; number++) {
    const { kind, names } = operation(WORKLOAD, number);
    const ids = names.map(idOf);
    if (kind === "remove") await engine.deleteMany(ids);
    else
      await engine.storeManyVectors(
        names.map((name) => vectorOf(name, number)),
        { ids, data: names.map((name) => dataOf(name, number)) },
      );
  }
}

/** A number; of some names so long that it is kept beside the vector. */
function dataOf(name: number, number: number): string {
  return String(number).padStart(name % 3 === 0 ? 1500 : 1, "0");
}

function path(): string {
  return join(server.folder, "data/appendonlydir/appendonly.aof.1.incr.aof");
}

function log(): Buffer {
  return readFileSync(path());
}

async function restartedOn(bytes: Buffer): Promise<void> {
  await server.kill();
  writeFileSync(path(), bytes);
  await server.restart();
}

/** Where the commands of a log end. */
function commandEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ends.push(at)) {
    const line = (): number => {
      const end = bytes.indexOf("\r\n", at);
      const count = Number(bytes.toString("latin1", at + 1, end));
      at = end + 2;
      return count;
    };
    for (let parts = line(); parts > 0; parts--) at = line() + at + 2;
  }
  return ends;
}

async function problemsOf(torn: number): Promise<string[]> {
  const oracle = new Oracle(WORKLOAD, false);
  for (let number = 1; number <= torn + AFTER; number++) {
    if (number > BEFORE && number < torn) continue;
    oracle.sent(number);
    if (number !== torn) oracle.answered(number);
  }
  await using engine = opened();
  const { held, problems } = await checked(engine, hashes());
  const { why = [] } = oracle.judge(new Map(Array.from({ length: held.length / 2 }, (_, i) => [held[2 * i], held[2 * i + 1]])));
  return [...why, ...problems];
}
