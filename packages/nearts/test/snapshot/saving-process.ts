// A process that stores and saves for as long as it is let: `open n` once it has opened what is there with n vectors, `store n` before each save,
// `saved n` when that has resolved.

import { existsSync, writeSync } from "node:fs";
import { Engine } from "nearts";

const [path] = process.argv.slice(2);
const dim = 16;
const engine = existsSync(path) ? await Engine.load<unknown, "dense">(path) : new Engine({ dim, distance: "euclidean" });
let size = await engine.size();
say(`open ${size}`);
for (;;) {
  const first = size;
  size += 5;
  await engine.storeManyVectors(
    Array.from({ length: 5 }, (_, i) => new Float32Array(dim).fill(first + i)),
    { ids: Array.from({ length: 5 }, (_, i) => `n${first + i}`), data: Array.from({ length: 5 }, (_, i) => ({ n: first + i })) },
  );
  say(`store ${size}`);
  await engine.save(path);
  say(`saved ${size}`);
}

/** One call of the system, so that what was said is out even where this process ends in the next moment. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}
