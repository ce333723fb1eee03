import { readFileSync } from "node:fs";
import { systemCode } from "./system-errors.js";

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the system counts it; empty where it does not say. */
  readonly started: string;
}

/** This process. */
export function ownProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? "" };
}

/** Whether a process is still there. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  if (started !== "") return startOf(pid) === started;
  try {
    process.kill(pid, 0); // sends nothing
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** Clock ticks since the machine started (Linux, proc(5), field 22); undefined where there is no such process, or it has ended and waits for its parent. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
