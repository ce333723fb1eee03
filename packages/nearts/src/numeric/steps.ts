import type { SharedWork } from "./shared-work.js";

/**
 * Long work in pieces of a few milliseconds: it yields between them, so that whoever runs it can let others have their turn, and returns its result. Where it
 * yields {@link Parts}, whoever runs it may have several threads do all of them, and says so by going on with true; else it does them itself.
 */
export type Steps<T> = Generator<Parts | undefined, T, boolean | undefined>;

/** Work in parts of at most a few milliseconds, which comes to the same whoever does them, in whatever order. */
export interface Parts {
  readonly count: number;
  /** Does one of them in this thread. */
  readonly run: (part: number) => void;
  /** Takes the work to memory that so many threads share, this one being number 0; what the others are to be told. */
  readonly share: (threads: number) => SharedWork;
}

/** Products from which other threads may help: fewer are computed in less than some 10 ms, half of which it takes to share what they are made of. */
export const leastShared = 100_000_000;

/** The same values where other threads can read them; themselves where these can. */
export function sharedFloats(values: Float32Array): Float32Array {
  if (!(values.buffer instanceof ArrayBuffer)) return values;
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** Runs all the pieces at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
