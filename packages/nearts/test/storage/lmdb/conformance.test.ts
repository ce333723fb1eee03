import { test } from "vitest";
import type { LmdbStorage } from "../../../src/storage/lmdb/index.js";
import { storageSuite } from "../../../src/testing/index.js";
import { lmdbFolder } from "./folder.js";

const { storage } = lmdbFolder();

storageSuite({
  test,
  title: "an LMDB storage",
  rows: 1100,
  histories: 1,
  create: () => storage(),
  reopen: (closed) => storage({ path: (closed as LmdbStorage).path }), // made by create
});
