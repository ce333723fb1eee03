// Store vectors, ask for neighbours, change them, keep the index: node examples/01-quick-start.mjs
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine, Random } from "nearts";

/** @typedef {{ colour: string }} Mark */

// Ten thousand vectors around a hundred centres, each with a little data.
const [dim, count] = [64, 10_000];
const random = new Random("quick start");
const centres = Array.from({ length: 100 }, () => Array.from({ length: dim }, () => random.uniform()));
const vectors = Array.from({ length: count }, (_, i) => centres[i % 100].map((x) => x + 0.2 * random.uniform()));
const colours = ["red", "green", "blue"];

// The one thing to decide: what share of the true neighbours queries are to find.
/** @type {Engine<Mark>} */
const engine = new Engine({ dim, distance: "cosine", recall: 0.95 });
await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => ({ colour: colours[i % 3] })) });
await engine.train(); // it would learn by itself, in the background; here we wait for it
console.log(`stored ${(await engine.stats()).size} vectors\n${(await engine.plan()).text}\n`);

// Neighbours, nearest first: ids are numbers in order of storing unless you give your own.
const nearest = await engine.neighbours(vectors[42], { k: 3 });
console.log("nearest to vector 42:", nearest.map(({ id, distance }) => `${id} at ${distance.toFixed(3)}`).join(", "));
const green = await engine.neighbours(vectors[42], { k: 3, where: { colour: "green" } });
console.log("nearest green ones:", green.map(({ id, data }) => `${id} (${data?.colour})`).join(", "));

// An id of your own; storing it again replaces it.
await engine.storeVector(vectors[42], { id: "mine", data: { colour: "gold" } });
console.log("now the nearest is:", (await engine.neighbours(vectors[42], { k: 2 })).map(({ id }) => id).join(" and "));
console.log("deleted:", await engine.deleteVector("mine"));

// One file holds all of it: vectors, data, what was learned.
const path = join(tmpdir(), `quick-start-${process.pid}.nearts`);
await engine.save(path);
const again = await Engine.load(path);
const [same] = await again.neighbours(vectors[42], { k: 1 });
console.log("loaded again, the nearest is:", same.id);
await rm(path);
