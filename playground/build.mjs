// Puts the playground into playground/dist: a static page with the library in it, which needs a server of files and no network.
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = new URL("./", import.meta.url);

/** The folder of the page, built. The library must be built before. */
export async function buildPlayground() {
  const dist = new URL("dist/", folder);
  await mkdir(dist, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("src/main.ts", folder))],
    outfile: fileURLToPath(new URL("main.js", dist)),
    bundle: true,
    format: "esm",
    // Browsers: #platform and all else as package.json has it for those who are not Node.
    platform: "browser",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
  for (const file of ["index.html", "style.css"]) await copyFile(new URL(file, folder), new URL(file, dist));
  return fileURLToPath(dist);
}
