import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { LmdbStorage, type LmdbStorageOptions } from "../../../src/storage/lmdb/index.js";

/** Storages in folders of their own, closed and removed when the tests of a file are done. */
export function lmdbFolder(): {
  readonly path: (name?: string) => string;
  readonly storage: (options?: Partial<LmdbStorageOptions>) => LmdbStorage;
} {
  const folder = mkdtempSync(join(tmpdir(), "nearts-lmdb-"));
  const opened: LmdbStorage[] = [];
  let count = 0;
  const path = (name = `index-${count++}`) => join(folder, name);
  afterAll(async () => {
    await Promise.all(opened.map((storage) => storage.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path,
    storage: (options = {}) => {
      const storage = new LmdbStorage({ path: path(), ...options });
      opened.push(storage);
      return storage;
    },
  };
}
