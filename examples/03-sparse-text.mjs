// Texts as sparse vectors: each word is a dimension, and rare words weigh most: node examples/03-sparse-text.mjs
import { readdir, readFile } from "node:fs/promises";
import { Engine, RandomBinaryProjections } from "nearts";

// The paragraphs of this repository's own documents.
const root = new URL("../", import.meta.url);
const pages = ["README.md", "ARCHITECTURE.md", ...(await readdir(new URL("docs/", root))).map((name) => `docs/${name}`)];
/** @type {{ page: string, text: string }[]} */
const texts = [];
for (const page of pages.filter((name) => name.endsWith(".md"))) {
  for (const paragraph of (await readFile(new URL(page, root), "utf8")).split(/\n\s*\n/)) {
    const text = paragraph.replace(/\s+/g, " ").trim();
    if (text.length > 80) texts.push({ page, text });
  }
}

// How many texts have a word; its place in this list is its dimension.
/** @type {Map<string, { dimension: number, texts: number }>} */
const words = new Map();
const wordsOf = (/** @type {string} */ text) => text.toLowerCase().match(/[a-z][a-z-]+/g) ?? [];
for (const { text } of texts) {
  for (const word of new Set(wordsOf(text))) {
    const known = words.get(word) ?? { dimension: words.size, texts: 0 };
    words.set(word, { ...known, texts: known.texts + 1 });
  }
}

/** tf–idf; words that no text has fall out. @param {string} text @returns {import("nearts").SparseInput} */
function toVector(text) {
  /** @type {Map<number, number>} */
  const weights = new Map();
  for (const word of wordsOf(text)) {
    const known = words.get(word);
    if (known !== undefined) weights.set(known.dimension, (weights.get(known.dimension) ?? 0) + Math.log(texts.length / known.texts));
  }
  const entries = [...weights].sort(([a], [b]) => a - b);
  return { indices: entries.map(([dimension]) => dimension), values: entries.map(([, weight]) => weight) };
}

// Sparse engines may have up to 2³² − 1 dimensions: no matrix of that size is kept.
const hash = new RandomBinaryProjections({ name: "planes", projections: 8, tables: 20, seed: 1 });
/** @type {Engine<{ page: string, text: string }, "sparse">} */
const engine = new Engine({ kind: "sparse", dim: 1_000_000, distance: "cosine", hashes: [hash] });
await engine.storeManyVectors(texts.map(({ text }) => toVector(text)), { data: texts }); // biome-ignore format: one thing
console.log(`${texts.length} paragraphs of ${words.size} words`);

for (const question of [
  "what happens when the power is cut",
  "how do I write a hash of my own",
  "filter results by a condition on a price",
]) {
  const found = await engine.neighbours(toVector(question), { k: 2, probes: 8 });
  console.log(`\n${question}?`);
  for (const { distance, data } of found) console.log(`  ${distance.toFixed(2)}  ${data?.page}: ${data?.text.slice(0, 90)} …`);
}
