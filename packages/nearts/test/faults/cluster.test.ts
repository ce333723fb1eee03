import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisCluster } from "../servers/redis-cluster.js";
import type { RedisServer } from "../servers/redis-server.js";
import { campaign, patience, print, type Verdict } from "./campaign.js";
import { Oracle } from "./oracle.js";
import { type Bundle, bundled } from "./process/bundle.js";
import { EngineChild, together } from "./process/engine-child.js";

const SEED = 5001;

/** Names under which three of 32 shards lie in the first 300 slots, which are moved. */
const NAMES = { replica: "safe33", primary: "fast27" } as const;
const SHARDS = 32;

type Level = keyof typeof NAMES;

/** A process that writes at a level, one that reads, and what is known of it all. */
class Writer {
  readonly level: Level;
  readonly oracle: Oracle;
  readonly failures = new Map<string, number>();
  readonly #workload;
  readonly #process: EngineChild;
  readonly #reader: EngineChild;
  #writing: Promise<unknown> = Promise.resolve();
  #count = 0;

  private constructor(level: Level, process: EngineChild, reader: EngineChild) {
    this.level = level;
    this.#workload = { seed: SEED, lanes: 4, most: 8, names: 400 };
    this.oracle = new Oracle(this.#workload, false);
    this.#process = process;
    this.#reader = reader;
    process.report(this.oracle, (code) => this.failures.set(code, (this.failures.get(code) ?? 0) + 1));
    const { onOperation } = process;
    process.onOperation = (kind, number, rest) => {
      if (kind === "a") this.#count++;
      onOperation(kind, number, rest);
    };
  }

  static async open(level: Level, urls: readonly string[], bundle: Bundle, timeoutMs: number): Promise<Writer> {
    const children = await Promise.all([EngineChild.start(bundle), EngineChild.start(bundle)]);
    const options = { name: NAMES[level], url: urls, shards: SHARDS, timeoutMs };
    const writer = new Writer(level, ...children);
    await children[0].call({ do: "open", storage: { kind: "redis", options: { ...options, ack: level } } });
    await children[1].call({ do: "open", storage: { kind: "redis", options } });
    return writer;
  }

  /** Acknowledged operations so far. */
  get acked(): number {
    return this.#count;
  }

  start(): void {
    this.#writing = this.#process.call({ do: "write", workload: this.#workload, from: this.oracle.next, count: 1_000_000 });
  }

  async stop(): Promise<void> {
    this.#process.stop();
    await this.#writing;
  }

  judged(deep: boolean): Promise<Verdict> {
    return this.#reader.judged(this.oracle, deep);
  }

  /** What is read now, or the code of the refusal. */
  async answer(): Promise<unknown> {
    return this.#reader.call({ do: "hold", deep: false }).catch((error: { code?: string }) => error.code);
  }

  async close(): Promise<void> {
    await Promise.all([this.#process.kill(), this.#reader.kill()]);
  }
}

const FAILOVERS = { name: "cluster failovers at level replica (2 killed, 1 paused)", count: 3, seconds: 90, seed: SEED };
const STALE = { name: "stale replica promoted, level replica", count: 1, seconds: 40, seed: SEED };
const RESHARD = { name: "reshard of 300 slots under load", count: 1, seconds: 30, seed: SEED };
const MAJORITY = { name: "majority of the primaries lost", count: 1, seconds: 40, seed: SEED };

describe("a cluster of three primaries and three replicas", () => {
  let bundle: Bundle;
  let cluster: RedisCluster;
  let safe: Writer;
  let fast: Writer;
  beforeAll(async () => {
    [bundle, cluster] = await Promise.all([bundled(), RedisCluster.start()]);
    [safe, fast] = await Promise.all((["replica", "primary"] as const).map((level) => Writer.open(level, cluster.urls, bundle, 4000)));
  }, 60_000);
  afterAll(async () => {
    await Promise.all([safe, fast].map((writer) => writer.close()));
    await cluster.stop();
    bundle.remove();
  });

  /**
   * Both write while something happens, are stopped before they write over what may be lost, and judged when all is well again: what level primary lost is
   * counted apart.
   */
  async function underLoad(
    happening: () => Promise<void>,
    mending: () => Promise<void> = async () => {},
  ): Promise<{ verdict: Verdict; lostAtPrimary: number }> {
    const before = [safe.acked, fast.acked];
    safe.start();
    fast.start();
    await sleep(300);
    await happening();
    await Promise.all([safe.stop(), fast.stop()]);
    await mending();
    const [verdict, counted] = [await safe.judged(true), await fast.judged(false)];
    const lostAtPrimary = counted.lost ?? 0;
    print(
      `  beside it, level primary: lost ${lostAtPrimary} names of ${fast.acked - before[1]} acknowledged operations (${safe.acked - before[0]} at level replica)`,
    );
    return { verdict: together(verdict, { ...counted, lost: 0, why: (counted.why ?? []).slice(lostAtPrimary) }), lostAtPrimary };
  }

  async function oneOfThem(number: number): Promise<{ victim: RedisServer; witness: RedisServer }> {
    const holders = await cluster.holders();
    return { victim: holders[number % 3], witness: holders[(number + 1) % 3] };
  }

  it("moves 300 slots under load without losing a write at any level", { timeout: patience(RESHARD) }, async (context) => {
    await campaign(context, RESHARD, async () => {
      const [from, to] = await cluster.holders();
      const { verdict, lostAtPrimary } = await underLoad(() => cluster.reshard(from, to, 300));
      const moved = await Promise.all(Array.from({ length: 300 }, (_, slot) => to.command("CLUSTER", "COUNTKEYSINSLOT", slot)));
      expect(moved.map(Number).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
      return together(verdict, { lost: lostAtPrimary });
    });
  });

  it("has every write acknowledged at level replica after its primary was killed, or paused and resumed", {
    timeout: patience(FAILOVERS),
  }, async (context) => {
    await campaign(context, FAILOVERS, async (number) => {
      const { victim, witness } = await oneOfThem(number);
      const paused = number % 3 === 2;
      const { verdict } = await underLoad(
        async () => {
          if (paused) victim.pause();
          else await victim.kill();
          await cluster.failedOver(victim, witness);
        },
        async () => {
          if (paused) victim.resume();
          else await victim.restart();
          await cluster.ready();
        },
      );
      return verdict;
    });

    expect(safe.acked).toBeGreaterThan(200);
  });

  it("refuses at level replica what only the primary has, so that a stale replica loses nothing acknowledged", {
    timeout: patience(STALE),
  }, async (context) => {
    const lost: number[] = [];
    await campaign(context, STALE, async (number) => {
      const { victim, witness } = await oneOfThem(number);
      const replica = await cluster.replicaOf(victim);
      const { verdict, lostAtPrimary } = await underLoad(
        async () => {
          await replica.kill();
          await sleep(1500);
        },
        async () => {
          await victim.kill();
          await replica.restart();
          await cluster.failedOver(victim, witness);
          await victim.restart();
          await cluster.ready();
        },
      );
      lost.push(lostAtPrimary);
      return verdict;
    });

    // Of a call that concerns several shards, some may have a replica.
    expect((safe.failures.get("E_NOT_REPLICATED") ?? 0) + (safe.failures.get("E_PARTIAL") ?? 0)).toBeGreaterThan(0);
    // The level that does not wait does lose: the test sees what it looks for.
    expect(Math.min(...lost)).toBeGreaterThan(0);
  });

  it("answers nothing rather than less while a majority of its primaries is gone, and has all of it afterwards", {
    timeout: patience(MAJORITY),
  }, async (context) => {
    await campaign(context, MAJORITY, async () => {
      // Nodes come back with what they have on disk: that is asked to be all.
      await Promise.all(cluster.nodes.map((node) => node.command("CONFIG", "SET", "appendfsync", "always")));
      const [first, second] = await cluster.holders();
      let answer: unknown;
      const { verdict, lostAtPrimary } = await underLoad(
        async () => {
          await Promise.all([first.kill(), second.kill()]);
          answer = await safe.answer();
        },
        async () => {
          await Promise.all([first.restart(), second.restart()]);
          await cluster.ready();
        },
      );
      expect(answer).toBe("E_UNAVAILABLE");
      return together(verdict, { lost: lostAtPrimary });
    });
  });
});
