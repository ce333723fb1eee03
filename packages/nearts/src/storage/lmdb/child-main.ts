import type { ChildTask } from "./child-check.js";
import { Environment } from "./environment.js";
import { LmdbStorage } from "./lmdb-storage.js";
import { saveRows } from "./save-rows.js";
import { verifyTables } from "./verify-tables.js";

// What child-check.ts runs in a process of its own: does what its arguments say, and prints what came of it as JSON.
const [, , task, path, to] = process.argv as [string, string, ChildTask, string, string];

const environment = await Environment.open(path, "read");
const result = await tasks(task);
await environment.close();
process.stdout.write(`${JSON.stringify(result)}\n`);

async function tasks(name: ChildTask): Promise<unknown> {
  if (name !== "repair") return verifyTables(environment.tables, name === "quick");
  const storage = new LmdbStorage({ path: to });
  try {
    return await saveRows(environment, storage);
  } finally {
    await storage.close();
  }
}
