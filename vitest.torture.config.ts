import type { ViteUserConfig } from "vitest/config";
import { TortureLine } from "./scripts/torture-line.mjs";
import usual from "./vitest.config.js";

const minutes = 60;

/**
 * The long campaigns, `npm run torture`: the fault campaigns and randomised tests of the usual run with NEARTS_CAMPAIGN times as many cases, and every deliberate
 * break. No stage begins a trial after NEARTS_DEADLINE, so that all of it ends within the hour.
 */
const config: ViteUserConfig = {
  ...usual,
  test: {
    ...usual.test,
    include: [
      "packages/nearts/test/faults/**/*.test.ts",
      "packages/nearts/test/readers/hostile.test.ts",
      "packages/nearts/test/snapshot/**/*.test.ts",
      "packages/nearts/test/storage/redis/nearpy/entry.test.ts",
    ],
    reporters: ["default", new TortureLine()],
    env: { NEARTS_CAMPAIGN: "10", NEARTS_DEADLINE: String(Date.now() + (minutes - 4) * 60_000) },
    testTimeout: minutes * 60_000,
    hookTimeout: 120_000,
  },
};

export default config;
