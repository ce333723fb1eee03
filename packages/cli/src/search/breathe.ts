/** Lets what waits have its turn, such as a Ctrl-C, and throws the signal's reason once it is aborted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
