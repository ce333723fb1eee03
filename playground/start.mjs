// Builds the playground and serves it: npm run playground [-- port]
import { buildPlayground } from "./build.mjs";
import { serve } from "./serve.mjs";

const port = Number(process.argv[2] ?? 8080);
const { url } = await serve(await buildPlayground(), port);
console.log(`the playground is at ${url} (Ctrl-C ends it)`);
