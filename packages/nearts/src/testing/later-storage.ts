import type { Storage } from "../core/contracts.js";
import { wrapStorage } from "./wrapped-storage.js";

/**
 * A storage whose every call answers with a promise, after `wait`, as one on a disk or a network does: shows that whoever uses it waits where
 * it must. `wait` ends at the next turn of promises when not given. Use it one call after the other: rows read are those of the storage within.
 */
export function laterStorage(storage: Storage, wait: () => Promise<void> = () => Promise.resolve()): Storage {
  return wrapStorage(storage, async (_call, run) => {
    await wait();
    return run();
  });
}
