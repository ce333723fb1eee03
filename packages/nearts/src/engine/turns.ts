import { yieldToEventLoop } from "#platform";

/** Milliseconds of work after which other events have their turn: with the piece of work that is just done some 10 at most. */
const mostMillis = 3;

/** To be called between pieces of long work: lets other events have their turn now and then, and throws the signal's reason once it is aborted. */
export function turnTaker(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    signal?.throwIfAborted();
    if (performance.now() - since < mostMillis) return undefined;
    return yieldToEventLoop().then(() => {
      since = performance.now();
    });
  };
}

/** What an iterable gives, until the signal is aborted: then it is told to end, and the signal's reason thrown, even while it keeps silent. */
export async function* untilAborted(
  source: Iterable<unknown> | AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncIterable<unknown> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let abort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error); // whatever the caller aborted with
  });
  aborted.catch(() => {}); // it may be aborted while nobody waits
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next: IteratorResult<unknown, unknown> = await Promise.race([Promise.resolve(iterator.next()), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: a source that keeps silent would keep us too.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
