import type { RedisStorageOptions } from "nearts/redis";
import type { Verdict } from "../campaign.js";
import { Oracle } from "../oracle.js";
import type { Bundle } from "../process/bundle.js";
import { EngineChild } from "../process/engine-child.js";
import type { Workload } from "../workload.js";

const NAME = "faults";

/** A process that writes to a Redis server, perhaps through a wire, one that reads what is there, and what is known of it. */
export class RedisWriter implements AsyncDisposable {
  readonly oracle: Oracle;
  /** Codes that operations failed with. */
  readonly failures = new Map<string, number>();
  readonly #workload: Workload;
  readonly #writer: EngineChild;
  readonly #reader: EngineChild;

  private constructor(workload: Workload, writer: EngineChild, reader: EngineChild) {
    this.#workload = workload;
    this.oracle = new Oracle(workload, false);
    this.#writer = writer;
    this.#reader = reader;
    writer.report(this.oracle, (code) => this.failures.set(code, (this.failures.get(code) ?? 0) + 1));
  }

  /** Writes to `url`; reads from `direct`. */
  static async open(
    bundle: Bundle,
    url: string,
    direct: string,
    workload: Workload,
    options: Partial<RedisStorageOptions> = {},
  ): Promise<RedisWriter> {
    const [writer, reader] = await Promise.all([EngineChild.start(bundle), EngineChild.start(bundle)]);
    await reader.call({ do: "open", storage: { kind: "redis", options: { name: NAME, url: direct } } });
    await writer.call({ do: "open", storage: { kind: "redis", options: { ...options, name: NAME, url } } });
    return new RedisWriter(workload, writer, reader);
  }

  /** Writes so many operations, or until it is stopped. */
  async write(count = 1_000_000): Promise<void> {
    await this.#writer.call({ do: "write", workload: this.#workload, from: this.oracle.next, count });
  }

  stop(): void {
    this.#writer.stop();
  }

  /** Compares what is stored with what was answered. */
  judged(deep: boolean): Promise<Verdict> {
    return this.#reader.judged(this.oracle, deep);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#writer.kill(), this.#reader.kill()]);
  }
}
