/**
 * A vitest reporter whose last line sums up the fault campaigns: `lost N, inconsistent N, crashed N`. A test that failed for any other reason, and whatever
 * kept one from running, counts as crashed.
 * @implements {Partial<import("vitest/node").Reporter>}
 */
export class TortureLine {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<import("vitest/node").SerializedError>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const sums = { lost: 0, inconsistent: 0, crashed: unhandled.length };
    for (const module of modules) {
      for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) sums.crashed++;
      for (const test of module.children.allTests()) {
        const found = test.meta().campaign ?? { lost: 0, inconsistent: 0, crashed: 0 };
        sums.lost += found.lost;
        sums.inconsistent += found.inconsistent;
        sums.crashed += found.crashed;
        const explained = found.lost + found.inconsistent + found.crashed > 0;
        const { state } = test.result();
        if (state !== "passed" && state !== "skipped" && !explained) sums.crashed++;
      }
    }
    console.log(`lost ${sums.lost}, inconsistent ${sums.inconsistent}, crashed ${sums.crashed}`);
  }
}
