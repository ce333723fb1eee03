import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { NearError } from "../../core/errors.js";
import { Environment, writeFormat } from "./environment.js";
import { precheck } from "./precheck.js";
import { isAlive } from "./process-identity.js";
import { messageOf, systemCode } from "./system-errors.js";

/**
 * Makes an empty index at `path`, whole or not at all: in a folder beside it that gets its name once everything in it is on the disk. What a process left behind
 * that was stopped meanwhile is taken away.
 */
export async function createStore(path: string): Promise<void> {
  const whole = resolve(path);
  const parent = dirname(whole);
  try {
    await mkdir(parent, { recursive: true });
    await sweep(parent, basename(whole));
    const made = join(parent, `${basename(whole)}.new-${process.pid}-${randomBytes(6).toString("hex")}`);
    await mkdir(made, { mode: 0o700 });
    try {
      const environment = await Environment.open(made, "create");
      writeFormat(environment.tables);
      await environment.commit();
      await environment.close();
      await syncFolder(made);
      await rename(made, whole);
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      throw error;
    }
    await syncFolder(parent);
  } catch (cause) {
    // Another process made it at the same time.
    if (isOccupied(cause) && (await precheck(whole))) return;
    if (cause instanceof NearError) throw cause;
    const why = isOccupied(cause) ? "the folder holds something else" : messageOf(cause);
    throw new NearError("E_IO", `cannot make an index at ${JSON.stringify(path)}: ${why}`, { path }, { cause });
  }
}

function isOccupied(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "");
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what processes that are gone began to make. */
async function sweep(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const [, pid] = entry.startsWith(`${name}.new-`) ? (/^(\d+)-[0-9a-f]{12}$/.exec(entry.slice(name.length + 5)) ?? []) : [];
    if (pid === undefined || isAlive({ pid: Number(pid), started: "" })) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
}
