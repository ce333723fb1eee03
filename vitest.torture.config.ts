import type { ViteUserConfig } from "vitest/config";
import usual from "./vitest.config.js";

/** The long campaigns, `npm run torture`: randomised tests of the usual run with NEARTS_CAMPAIGN times as many cases. */
const config: ViteUserConfig = {
  ...usual,
  test: {
    ...usual.test,
    include: ["packages/nearts/test/readers/hostile.test.ts"],
    env: { NEARTS_CAMPAIGN: "10" },
    testTimeout: 3_600_000,
  },
};

export default config;
