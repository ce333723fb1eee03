// Puts the licence and the README beside the package.json about to be packed: npm packs what lies in the package's own folder.

import { copyFileSync } from "node:fs";

for (const name of ["LICENSE", "README.md"]) copyFileSync(new URL(`../${name}`, import.meta.url), name);
