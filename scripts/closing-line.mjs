/**
 * A vitest reporter whose last line is plain: `N passed, N failed`, with `, N skipped` where there are any.
 * What kept a file from running, and errors outside any test, count as failures.
 * @implements {Partial<import("vitest/node").Reporter>}
 */
export class ClosingLine {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<import("vitest/node").SerializedError>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count(counts, test.result().state);
      for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) counts.failed++;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
  }
}

/**
 * @param {{ passed: number, failed: number, skipped: number }} counts
 * @param {"passed" | "failed" | "skipped" | "pending"} state
 */
function count(counts, state) {
  // A test still pending when the run ends never gave its answer.
  counts[state === "pending" ? "failed" : state]++;
}
