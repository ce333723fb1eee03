// Plain JavaScript, so that a test can run it in a process of its own and kill that.

import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { birthOf } from "./births.mjs";

/** @type {import("node:child_process").ChildProcess | undefined} */
let watchdog;

/**
 * Starts a process that does not outlive this one, not even where this one is killed. Rejects where the program is not there, with `remedy` in the message.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @param {string} remedy
 * @returns {Promise<import("node:child_process").ChildProcess>}
 */
export async function spawnGuarded(program, args, options, remedy) {
  const child = spawn(program, args, options);
  await new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(undefined));
    child.once("error", (cause) => reject(new Error(`${program} does not start: ${remedy}`, { cause })));
  });
  const entry = `${child.pid} ${birthOf(child.pid ?? 0)}`;
  tell(`+ ${entry}`);
  child.once("exit", () => tell(`- ${entry}`));
  return child;
}

/**
 * Ends with its exit, at once where it has ended.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<void>}
 */
export async function exitOf(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

/**
 * A new folder without links in its path, which does not outlive this process either.
 * @param {string} what part of its name
 * @param {string} parent
 * @returns {string} its path
 */
export function guardedFolder(what, parent = tmpdir()) {
  const path = realpathSync(mkdtempSync(join(parent, `nearts-${what}-`)));
  tell(`> ${path}`);
  return path;
}

/**
 * Removes a guarded folder with all that is in it.
 * @param {string} path
 */
export function removeFolder(path) {
  rmSync(path, { recursive: true, force: true });
  tell(`< ${path}`);
}

/** @param {string} line */
function tell(line) {
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`${line}\n`);
}

/** In a session of its own, so that what is sent to this process's group does not reach it. */
function startWatchdog() {
  const path = fileURLToPath(new URL("watchdog.mjs", import.meta.url));
  const dog = spawn(process.execPath, [path], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  dog.unref();
  // What it reads from must not keep this process alive either; the pipe to a child is a socket.
  if (dog.stdin instanceof Socket) dog.stdin.unref();
  return dog;
}
