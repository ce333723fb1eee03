// The nearest among those that fit: node examples/05-filters.mjs
import { Engine, Random } from "nearts";

/** @typedef {{ kind: string, price: number, tags: string[] }} Product */

const [dim, count] = [32, 10_000];
const random = new Random("filters");
const kinds = ["book", "chair", "lamp", "shoe"];
const vectors = Array.from({ length: count }, () => Float32Array.from({ length: dim }, () => random.uniform()));
const data = Array.from({ length: count }, (_, i) => ({
  kind: kinds[i % 4],
  price: Math.floor(200 * random.uniform()),
  tags: i % 50 === 0 ? ["rare", "signed"] : ["common"],
}));

const fields = /** @type {const} */ ({ kind: "string", price: "number", tags: "strings" });
/** @type {Engine<Product>} */
const engine = new Engine({ dim, distance: "euclidean", recall: 0.95, fields });
await engine.storeManyVectors(vectors, { data });
await engine.train();

/** @param {string} what @param {import("nearts").Where<Product>} where */
async function ask(what, where) {
  const found = await engine.neighbours(vectors[0], { k: 5, where });
  const { text } = await engine.explain(vectors[0], undefined, { k: 5, where });
  const how = text.split("\n").find((line) => line.startsWith("where: "));
  console.log(`${what}: ${found.map(({ data }) => `${data?.kind} at ${data?.price}`).join(", ")}\n  ${how}`);
}

await ask("cheap books", { kind: "book", price: { lt: 50 } });
await ask("books and lamps", { kind: { in: ["book", "lamp"] } });
await ask("rare, or a cheap shoe", { or: [{ tags: { has: "rare" } }, { kind: "shoe", price: { lte: 10 } }] });
await ask("by a function", (product) => product !== undefined && product.price % 7 === 0);

// What is written is filtered by at once, and vectors can be removed by the same conditions.
await engine.storeVector(vectors[0], { id: "mine", data: { kind: "chair", price: 1, tags: ["rare"] } });
await ask("rare chairs", { kind: "chair", tags: { hasAll: ["rare"] } });
console.log(`removed ${await engine.deleteMany({ where: { price: { gte: 100 } } })} of ${count + 1}`);
