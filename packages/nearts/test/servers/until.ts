import { setTimeout as sleep } from "node:timers/promises";

/** Ends once `condition` holds; rejects when it does not within the time, with what it last failed with. */
export async function until(what: string, condition: () => Promise<boolean>, millis = 60_000, every = 20): Promise<void> {
  const deadline = performance.now() + millis;
  let cause: unknown;
  for (;;) {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what} did not come about within ${millis} ms`, { cause });
    await sleep(every);
  }
}
