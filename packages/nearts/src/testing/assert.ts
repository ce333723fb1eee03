import { NearError, type NearErrorCode, show } from "../core/errors.js";

/** What a broken law throws: one sentence with both values, which runners also find as `actual` and `expected`. */
export class BrokenLaw extends Error {
  override readonly name = "BrokenLaw";
  readonly actual: unknown;
  readonly expected: unknown;

  constructor(what: string, actual: unknown, expected: unknown, options?: { readonly cause?: unknown }) {
    super(`${what}: got ${show(actual)}, expected ${show(expected)}`, options);
    this.actual = actual;
    this.expected = expected;
  }
}

/** Both are the same: values by Object.is, arrays and typed arrays by type and element, plain objects by property (undefined counts as absent). */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const difference = firstDifference(actual, expected, "");
  if (difference !== null) throw new BrokenLaw(`${what}${difference.path}`, difference.actual, difference.expected);
}

/** A condition holds; `actual` and `expected` say what was met and what was hoped for. */
export function expectThat(holds: boolean, what: string, actual: unknown, expected: unknown): void {
  if (!holds) throw new BrokenLaw(what, actual, expected);
}

/** Two numbers differ by at most `tolerance`; NaN is close to nothing, an infinity to itself. */
export function expectClose(actual: number, expected: number, tolerance: number, what: string): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  throw new BrokenLaw(`${what} (tolerance ${tolerance})`, actual, expected);
}

/** The action throws or rejects with a {@link NearError} of this code. */
export async function expectRefusal(code: NearErrorCode, action: () => unknown, what: string): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof NearError && error.code === code) return;
    throw new BrokenLaw(what, error instanceof NearError ? error.code : String(error), code, { cause: error });
  }
  throw new BrokenLaw(what, "no error", code);
}

interface Difference {
  readonly path: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

function firstDifference(actual: unknown, expected: unknown, path: string): Difference | null {
  if (Object.is(actual, expected)) return null;
  const here = { path: path === "" ? "" : `, at ${path}`, actual, expected };
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return here;
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return here;
  if (Array.isArray(actual) || ArrayBuffer.isView(actual))
    return firstElement(actual as ArrayLike<unknown>, expected as ArrayLike<unknown>, path); // same prototype
  if (actual instanceof Map || actual instanceof Set) return firstDifference([...actual], [...(expected as Iterable<unknown>)], path); // same prototype
  for (const key of new Set([...Object.keys(actual), ...Object.keys(expected)])) {
    // Reading any property of an object by name gives unknown, which is what is compared.
    const difference = firstDifference(
      (actual as Record<string, unknown>)[key],
      (expected as Record<string, unknown>)[key],
      `${path}.${key}`,
    );
    if (difference !== null) return difference;
  }
  return null;
}

function firstElement(actual: ArrayLike<unknown>, expected: ArrayLike<unknown>, path: string): Difference | null {
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const difference = firstDifference(actual[i], expected[i], `${path}[${i}]`);
    if (difference !== null) return difference;
  }
  if (actual.length === expected.length) return null;
  return { path: `, at ${path}.length`, actual: actual.length, expected: expected.length };
}
