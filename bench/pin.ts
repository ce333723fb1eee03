import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const mark = "NEARTS_BENCH_CPU";

/**
 * Starts this command anew on one processor where `taskset` can do that and one thread is measured, so that neither moving about nor helper
 * threads of the runtime favour anyone. Returns what was pinned, as a text; does not return in the process that only starts the other.
 */
export function pinned(threads: number): string {
  const cpu = process.env[mark];
  if (cpu !== undefined) return `pinned to processor ${cpu}, the runtime's own threads too`;
  if (threads > 1) return "not pinned: several threads";
  const chosen = lastProcessor();
  if (chosen === null) return "not pinned: this system tells no list of processors";
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { error, status, signal } = spawnSync("taskset", ["-c", chosen, ...again], {
    stdio: "inherit",
    env: { ...process.env, [mark]: chosen },
  });
  if (error !== undefined) return "not pinned: there is no taskset here";
  process.exit(status ?? (signal === null ? 0 : 1));
}

/** The last processor that this process may use: the first ones serve interrupts. */
function lastProcessor(): string | null {
  try {
    return /Cpus_allowed_list:.*?(\d+)\s*$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}
