import { test } from "vitest";
import { MemoryStorage } from "../../src/index.js";
import { storageSuite } from "../../src/testing/index.js";

storageSuite({ test, title: "MemoryStorage", create: () => new MemoryStorage(), limited: (maxBytes) => new MemoryStorage({ maxBytes }) });
