/** The promise's value, or a rejection after so many milliseconds. */
export function within<T>(promise: Promise<T>, millis: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(millis)} ms`)), Math.max(0, millis));
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Resolves after so many milliseconds. */
export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
