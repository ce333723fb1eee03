/** Long work in pieces of a few milliseconds: it yields between them, so that whoever runs it can let others have their turn, and returns its result. */
export type Steps<T> = Generator<void, T>;

/** Runs all the pieces at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
