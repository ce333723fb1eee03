import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guardedFolder } from "../../servers/guarded.mjs";

/** What a fault does: an error by its number, a kill, or half a write. */
export const FAULTS = { EIO: 5, EFBIG: 27, ENOSPC: 28, short: 0, kill: 9999 } as const;

/** What the shim sees to in a process. */
export interface ShimOptions {
  /** Folder whose files it watches; without links in its path. */
  readonly root: string;
  /** Where it notes what happened; nothing is noted without it. Not below the root. */
  readonly log?: string;
  /** The `at`-th call of that kind (from 1) fails so; every later one as well where `forever`. */
  readonly fault?: {
    readonly call: "write" | "sync";
    readonly at: number;
    readonly error: keyof typeof FAULTS;
    readonly forever?: boolean;
  };
  /** Microseconds that every sync lasts longer. */
  readonly syncMicros?: number;
}

let library: string | undefined;

/** The environment in which a program runs over the shim, which is compiled the first time and kept until this process ends. */
export function shimmed({ root, log, fault, syncMicros }: ShimOptions): Record<string, string> {
  library ??= compiled();
  return {
    LD_PRELOAD: library,
    SHIM_ROOT: root,
    ...(log === undefined ? {} : { SHIM_LOG: log }),
    ...(fault === undefined ? {} : { SHIM_FAULT: `${fault.call}:${fault.at}:${FAULTS[fault.error]}` }),
    ...(fault?.forever ? { SHIM_FOREVER: "1" } : {}),
    ...(syncMicros === undefined ? {} : { SHIM_SYNC_MICROS: String(syncMicros) }),
  };
}

function compiled(): string {
  const target = join(guardedFolder("shim"), "shim.so");
  const source = fileURLToPath(new URL("shim.c", import.meta.url));
  const run = spawnSync("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", target, source, "-ldl", "-lpthread"], {
    encoding: "utf8",
  });
  if (run.error !== undefined)
    throw new Error("gcc does not start: install it: sudo apt-get install -y gcc libc6-dev", { cause: run.error });
  if (run.status !== 0) throw new Error(`the shim does not compile: ${run.stderr}`);
  return target;
}
