// Ends what a test process started once that process is gone, however it went: its end closes this one's standard input.
// Lines "+ pid birth" and "- pid birth" tell what is running; the birth (of /proc) tells a process from a later one with the same number.

import { createInterface } from "node:readline";
import { isAlive } from "./births.mjs";

/** @type {Set<string>} */
const running = new Set();

createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line.startsWith("+")) running.add(line.slice(2));
    else running.delete(line.slice(2));
  })
  .on("close", () => {
    for (const entry of running) {
      const [pid, birth] = entry.split(" ");
      if (isAlive(Number(pid), birth)) process.kill(Number(pid), "SIGKILL");
    }
  });
