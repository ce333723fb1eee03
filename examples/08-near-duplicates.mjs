// Texts that are nearly the same: node examples/08-near-duplicates.mjs
import { Engine, Random, shingles } from "nearts";

// 3,000 notes, of which every tenth is an earlier one with a word or two changed.
const random = new Random("notes");
const word = () => `word${random.below(4000)}`;
/** @type {string[]} */
const notes = [];
for (let i = 0; i < 3000; i++) {
  const words = i % 10 === 9 ? notes[random.below(i)].split(" ") : Array.from({ length: 60 }, word);
  if (i % 10 === 9) for (let edits = 1 + random.below(2); edits > 0; edits--) words[random.below(words.length)] = word();
  notes.push(words.join(" "));
}

// A text is the set of its runs of three words; two are as near as these sets overlap.
const engine = new Engine({ kind: "set", distance: "jaccard" });
await engine.storeManyVectors(notes.map((note) => shingles(note, { words: 3 })));

// All pairs at least 70 % alike, nearly all of them at a fraction of the 4.5 million comparisons.
const begun = performance.now();
let pairs = 0;
/** @type {import("nearts").PairJoin} */
const join = engine.pairsWithin({ threshold: 0.7, recall: 0.99 });
for await (const { a, b, distance } of join) {
  if (pairs++ < 3) console.log(`${a} and ${b} are ${(100 * (1 - distance)).toFixed(0)} % alike`);
  if (pairs === 100) break; // enough for now
}

// The cursor is plain JSON: another process may go on from it another day.
const text = JSON.stringify(join.cursor);
const cursor = /** @type {import("nearts").PairCursor} */ (JSON.parse(text));
for await (const _ of engine.pairsWithin({ threshold: 0.7, recall: 0.99, cursor })) pairs++;
console.log(`${pairs} pairs in ${((performance.now() - begun) / 1000).toFixed(1)} s`);

// What is near something near belongs together: one of each group may stay.
const clusters = await engine.clusters({ threshold: 0.7, recall: 0.9999 });
await engine.deleteMany(clusters.flatMap(({ ids: [, ...copies] }) => copies));
console.log(`${clusters.length} groups; ${await engine.size()} notes stay`);
