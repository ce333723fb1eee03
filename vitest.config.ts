import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./scripts/closing-line.mjs";

const source = (path: string) => fileURLToPath(new URL(`packages/nearts/src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^nearts$/, replacement: source("index.ts") },
      { find: /^nearts\/testing$/, replacement: source("testing/index.ts") },
      { find: /^nearts\/lmdb$/, replacement: source("storage/lmdb/index.ts") },
      { find: /^nearts\/redis$/, replacement: source("storage/redis/index.ts") },
      { find: /^nearts\/readers$/, replacement: source("readers/index.ts") },
      { find: /^nearts-lab$/, replacement: fileURLToPath(new URL("packages/lab/src/index.ts", import.meta.url)) },
      { find: /^#platform$/, replacement: source("platform/node.ts") },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    reporters: ["default", new ClosingLine()],
    pool: "forks",
    // One more than processors, as tests of servers, disks and kills mostly wait.
    maxWorkers: 3,
    // Several times what the slowest takes, as machines are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      include: ["packages/*/src/**/*.ts"],
      exclude: ["packages/nearts/src/kernels/generated.ts"],
    },
  },
});
