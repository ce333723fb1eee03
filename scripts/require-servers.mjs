// Sees to the programs beyond npm that the tests run: installs those that are missing where it can, else says how to and fails.

import { spawnSync } from "node:child_process";

/** Each program with the Debian package that has it, and what the tests do with it. */
const needed = [
  { program: "redis-server", packages: ["redis-server"], why: "the tests of the Redis storage start real servers" },
  { program: "redis-cli", packages: ["redis-tools"], why: "they move slots of real clusters" },
  { program: "gcc", packages: ["gcc", "libc6-dev"], why: "they cut the power of a disk by a small library between LMDB and the system" },
  { program: "chromium", packages: ["chromium"], why: "they open reports and the playground in a real browser" },
];

const missing = needed.filter(({ program }) => !isThere(program));
if (missing.length > 0) {
  const packages = missing.flatMap((part) => part.packages);
  if (mayInstall()) install(packages);
  const left = needed.filter(({ program }) => !isThere(program));
  for (const { program, why } of left) process.stderr.write(`missing: ${program} (${why})\n`);
  if (left.length > 0) {
    process.stderr.write(
      `Install them, then run the tests again: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}\n`,
    );
    process.exit(1);
  }
}

/** @param {string} program */
function isThere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Packages are the administrator's: only root installs them, and only where it is Debian's kind of system. */
function mayInstall() {
  return process.getuid?.() === 0 && isThere("apt-get");
}

/** @param {string[]} packages */
function install(packages) {
  process.stderr.write(`installing ${packages.join(", ")} for the tests\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {string[]} args */
  const run = (args) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env: environment });
  const wanted = ["install", "-y", "--no-install-recommends", ...packages];
  if (run(wanted).status === 0) return;
  run(["update"]);
  run(wanted);
}
