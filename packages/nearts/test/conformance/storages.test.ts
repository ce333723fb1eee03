import { test } from "vitest";
import { MemoryStorage } from "../../src/index.js";
import { storageSuite } from "../../src/testing/index.js";

const limited = (maxBytes: number) => new MemoryStorage({ maxBytes });

storageSuite({ test, title: "MemoryStorage", limited, create: () => new MemoryStorage() });

storageSuite({
  test,
  title: "MemoryStorage of a million dimensions",
  kinds: ["sparse"],
  dim: 2 ** 20 + 1,
  rows: 40,
  histories: 1,
  create: () => new MemoryStorage(),
});
