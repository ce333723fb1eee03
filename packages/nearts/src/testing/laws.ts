import type { Awaitable } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";

/** How a runner registers a test: `test` of vitest, of node:test, of mocha and their kin, handed to a suite as it is. */
export interface Test {
  (name: string, check: () => Promise<void>): unknown;
  /** Registers a test that is not run; skipped laws are shown through it. */
  readonly skip?: (name: string, check: () => Promise<void>) => unknown;
}

/** A law that is known not to hold, and why: it is shown as skipped, with the reason in its title. */
export interface Skip {
  /** The law's name, as in the titles of the tests. */
  readonly law: string;
  readonly reason: string;
}

/** One promise of a contract: a sentence, and a check on a fresh subject that throws where it is broken. */
export interface Law<Subject> {
  readonly name: string;
  /** Whether it says anything about this subject; always when not given. */
  readonly applies?: (subject: Subject) => boolean;
  readonly check: (subject: Subject) => Awaitable<void>;
}

/** Registers a test for each law that applies, titled `title: law`. E_BAD_OPTION for a skip of no law of these, or without a reason. */
export function register<Subject>(
  test: Test,
  title: string,
  laws: readonly Law<Subject>[],
  subject: Subject,
  skip: readonly Skip[] = [],
): void {
  for (const law of laws) {
    if (law.applies?.(subject) === false) continue;
    const skipped = skip.find((known) => known.law === law.name);
    const name = `${title}: ${law.name}`;
    if (skipped === undefined) test(name, async () => law.check(subject));
    else (test.skip ?? test)(`${name} (skipped: ${skipped.reason})`, async () => {});
  }
}

/** E_BAD_OPTION for a skip that names none of these laws, or gives no reason. */
export function checkSkips(skip: readonly Skip[], laws: readonly { readonly name: string }[]): void {
  for (const { law, reason } of skip) {
    if (!laws.some((known) => known.name === law)) {
      const known = laws.map(({ name }) => name).join("; ");
      throw new NearError("E_BAD_OPTION", `skip names the law ${show(law)}, which is none of: ${known}`, { law });
    }
    if (typeof reason !== "string" || reason.trim() === "") {
      throw new NearError("E_BAD_OPTION", `the law ${show(law)} is skipped without a reason: write one`, { law });
    }
  }
}
