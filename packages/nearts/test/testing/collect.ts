import type { Test } from "../../src/testing/index.js";

/** Whether a law is broken in any of the tests that a suite registers for it; an error where it registers none. */
export async function breaks(law: string, suite: (test: Test) => void): Promise<boolean> {
  const checks: (() => Promise<void>)[] = [];
  suite((name, check) => {
    if (name.endsWith(`: ${law}`)) checks.push(check);
  });
  if (checks.length === 0) throw new Error(`the suite has no law "${law}" for this subject`);
  const broken = await Promise.all(
    checks.map((check) =>
      check().then(
        () => false,
        () => true,
      ),
    ),
  );
  return broken.includes(true);
}

/** Titles of the tests that a suite registers, run and skipped. */
export function titles(suite: (test: Test) => void): { readonly run: string[]; readonly skipped: string[] } {
  const run: string[] = [];
  const skipped: string[] = [];
  suite(Object.assign((name: string) => run.push(name), { skip: (name: string) => skipped.push(name) }));
  return { run, skipped };
}
