// Removes build output whose source is gone, so that a renamed file is never packed under its old name.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const OUTPUT = /\.(js|js\.map|d\.ts)$/;

for (const name of readdirSync(packages)) {
  const dist = join(packages, name, "dist");
  if (!existsSync(dist)) continue;
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const source = join(packages, name, "src", file.replace(OUTPUT, ".ts"));
    if (OUTPUT.test(file) && !existsSync(source)) rmSync(join(dist, file));
  }
}
