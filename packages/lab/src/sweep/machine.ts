import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { promisify } from "node:util";
import type { Machine } from "../results.js";

/** This machine, and the commit of the working directory where it is in a git repository. */
export async function thisMachine(): Promise<Machine> {
  const commit = await commitHere();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    nearts: versionOf("nearts"),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** Whether times of both are comparable. */
export function sameMachine(one: Machine, other: Machine): boolean {
  return one.cpu === other.cpu && one.cores === other.cores && one.memoryBytes === other.memoryBytes && one.node === other.node;
}

/** Whether both ran the same code, as far as version and commit tell. */
export function sameCode(one: Machine, other: Machine): boolean {
  return one.nearts === other.nearts && one.commit === other.commit;
}

function versionOf(name: string): string {
  const text = readFileSync(createRequire(import.meta.url).resolve(`${name}/package.json`), "utf8");
  return (JSON.parse(text) as { version: string }).version; // a package.json that npm has read
}

async function commitHere(): Promise<string | undefined> {
  const git = (...args: string[]) => promisify(execFile)("git", args, { timeout: 10_000 });
  try {
    const { stdout: commit } = await git("rev-parse", "HEAD");
    const { stdout: changes } = await git("status", "--porcelain", "--untracked-files=no");
    return commit.trim() + (changes.trim() === "" ? "" : "+");
  } catch {
    return undefined; // no git, or no repository
  }
}
