import type { ViteUserConfig } from "vitest/config";
import usual from "./vitest.config.js";

/** The long campaigns, `npm run torture`: test/torture/*.torture.ts, a name that `npm test` never picks up. */
const config: ViteUserConfig = {
  ...usual,
  test: { ...usual.test, include: ["test/torture/**/*.torture.ts"], testTimeout: 3_600_000 },
};

export default config;
