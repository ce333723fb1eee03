// Ends what a test process started, and removes what it made, once that process is gone, however it went: its end closes this one's standard input.
// Lines "+ pid birth" and "- pid birth" tell what is running; the birth (of /proc) tells a process from a later one with the same number. Lines "> path" and
// "< path" tell which folders there are.

import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { isAlive } from "./births.mjs";

/** @type {Set<string>} */
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [kind, entry] = [line[0], line.slice(2)];
    if (kind === "+") running.add(entry);
    else if (kind === "-") running.delete(entry);
    else if (kind === ">") folders.add(entry);
    else folders.delete(entry);
  })
  .on("close", () => {
    for (const entry of running) {
      const [pid, birth] = entry.split(" ");
      if (isAlive(Number(pid), birth)) process.kill(Number(pid), "SIGKILL");
    }
    // What was killed may write until it is gone.
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
