import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NearError } from "nearts";

/** This package: where its package.json is, seen from dist/systems. */
const folder = fileURLToPath(new URL("../..", import.meta.url));

/** A peer's module; the peers of this package are installed when one is first wanted. E_IO where that fails. */
export function peerModule<T>(name: string): T {
  const require = createRequire(join(folder, "package.json"));
  try {
    return require(name) as T; // its shape is stated by the caller, from the peer's documentation
  } catch {
    console.error("installing the peers that nearts is compared with (once; hnswlib-node is compiled) …");
  }
  try {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    return require(name) as T; // as above
  } catch (error) {
    throw new NearError(
      "E_IO",
      `${name} cannot be installed or loaded: ${error instanceof Error ? error.message : String(error)}`,
      {},
      { cause: error },
    );
  }
}

/** The efforts at which graphs are searched: the length of the list of nearest vectors that they keep. */
export const graphEfforts: readonly number[] = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 900];
