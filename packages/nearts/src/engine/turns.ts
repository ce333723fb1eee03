import { yieldToEventLoop } from "#platform";

/** Longest run of work, in milliseconds, before other events have their turn. */
const mostMillis = 10;

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
