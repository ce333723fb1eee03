#!/usr/bin/env node
// In the repository from the start, unlike dist: npm links only a command that is there when it installs.

import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);

if (existsSync(main)) await import(main.href);
else {
  console.error("nearts is not built: run `npm run build`");
  process.exitCode = 1;
}
