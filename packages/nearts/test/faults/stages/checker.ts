import type { Verdict } from "../campaign.js";
import type { Oracle } from "../oracle.js";
import type { Bundle } from "../process/bundle.js";
import { Ended, EngineChild, Refused } from "../process/engine-child.js";

/** Opens indexes in another process, which is started anew where it dies, and compares them with what an oracle knows. */
export class Checker implements AsyncDisposable {
  readonly #bundle: Bundle;
  #child: EngineChild | undefined;

  constructor(bundle: Bundle) {
    this.#bundle = bundle;
  }

  /** A process that dies, and an index that does not open, are counted. */
  async check(path: string, oracle: Oracle): Promise<Verdict> {
    // The newest commit that was flushed, also where the machine was not started anew meanwhile.
    this.#child ??= await EngineChild.start(this.#bundle, { LMDB_RESTORE: "safe" });
    try {
      await this.#child.call({ do: "open", storage: { kind: "lmdb", path } });
      const verdict = await this.#child.judged(oracle);
      await this.#child.call({ do: "close" });
      return verdict;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      if (error instanceof Ended) return { crashed: 1, why: [error.message] };
      if (error instanceof Refused) return { inconsistent: 1, why: [error.message] };
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child?.kill();
    this.#child = undefined;
  }
}
