import { Environment } from "./environment.js";
import { precheck } from "./precheck.js";
import { verifyTables } from "./verify-tables.js";

// What child-check.ts runs in a process of its own: prints the problems found, as JSON.
const [, , task, path] = process.argv;

process.stdout.write(`${JSON.stringify(await check())}\n`);

async function check(): Promise<unknown> {
  if (!(await precheck(path))) return task === "quick" ? [] : null;
  const environment = await Environment.open(path, "read");
  try {
    const report = verifyTables(environment.tables, task === "quick");
    return task === "quick" ? report.problems : report;
  } finally {
    await environment.close();
  }
}
