// Builds the playground and serves it: npm run playground [-- port]
import { buildPlayground } from "./build.mjs";
import { serve } from "./serve.mjs";

const port = Number(process.argv[2] ?? 8080);
try {
  const { url } = await serve(await buildPlayground(), port);
  console.log(`the playground is at ${url} (Ctrl-C ends it)`);
} catch (error) {
  console.error(`cannot serve on port ${process.argv[2] ?? port}: ${/** @type {Error} */ (error).message}`);
  console.error("Give another one: npm run playground -- 9000");
  process.exitCode = 1;
}
