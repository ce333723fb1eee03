import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whether the library is built, which the examples run on. */
export const built: boolean = existsSync(new URL("../../packages/nearts/dist/testing/index.js", import.meta.url));

/** What Node prints with these arguments in the root: examples as users run them, on what is published. */
export async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  return stdout;
}
