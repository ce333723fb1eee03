import { readFileSync } from "node:fs";

/**
 * When a process was born, in ticks since the machine was; undefined where there is none.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function birthOf(pid) {
  try {
    // The second field is a name in parentheses, which may hold spaces; birth is the 22nd (proc(5)).
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

/**
 * Whether that very process still runs.
 * @param {number} pid
 * @param {string | undefined} birth
 */
export function isAlive(pid, birth) {
  return birth !== undefined && birthOf(pid) === birth;
}
