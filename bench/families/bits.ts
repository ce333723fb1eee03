import { type BitRows, Engine, type Kind, MultiIndexHashing, Random } from "nearts";
import { inTurn } from "./rounds.js";
import type { FamilyRow, Part } from "./row.js";

const dim = 256;
const words = dim / 32;
const radius = 20;
const asked = 50;
const passes = 4;
/** What a search through an index is to be faster than a linear one. */
const leastGain = 20;
/** Clustered codes are up to so many bits from one of so many centres. */
const centres = 5000;
const farthest = 24;

/** Codes of 256 bits within a radius of 20: all of them, found by multi-index hashing and by a linear scan, in turn. */
export const bits: Part = async ({ codes }) => {
  const random = new Random("bench families");
  const uniform = randomCodes(codes, random);
  const clustered = around(randomCodes(Math.min(centres, codes), random), codes, random);
  return [...(await rowsOf("uniform", uniform, random, leastGain)), ...(await rowsOf("clustered", clustered, random, null))];
};

async function rowsOf(name: string, stored: BitRows, random: Random, least: number | null): Promise<FamilyRow[]> {
  const set = `${stored.count} ${name} codes of ${dim} bits`;
  // As many keys in a table as there are codes, or a little fewer: Norouzi et al. 2012, section 3.2.
  const chunks = Math.max(4, Math.ceil(dim / Math.log2(Math.max(2, stored.count)) + 1));
  const queries = around(stored, asked, random);
  const hash = new MultiIndexHashing({ name: "mih", chunks, radius });
  const [linear, indexed] = [
    new Engine<unknown, Kind>({ dim, kind: "bits" }),
    new Engine<unknown, Kind>({ dim, kind: "bits", hashes: [hash] }),
  ];
  for (const engine of [linear, indexed]) await engine.storeManyVectors(stored);
  console.error(`${set}: stored`);
  const query = (q: number) => ({ dim, words: queries.words.subarray(q * words, (q + 1) * words) });
  const find = (engine: Engine<unknown, Kind>, q: number) => engine.neighbours(query(q), { within: radius + 0.5 });
  let found = 0;
  for (let q = 0; q < asked; q++) {
    const [truth, own] = [await find(linear, q), await find(indexed, q)];
    if (truth.map(({ distance }) => distance).join() !== own.map(({ distance }) => distance).join())
      throw new Error(`query ${q} of the ${name} codes: the index finds ${own.length} codes, a linear scan ${truth.length}`);
    found += truth.length / asked;
  }
  const [slow, fast] = await inTurn(
    [linear, indexed].map((engine) => ({ ask: (q) => find(engine, q) })),
    asked,
    passes,
  );
  for (const engine of [linear, indexed]) await engine.close();
  const floor = { what: "times the rate of a linear scan, exact", value: slow / fast };
  const row = { part: "bits", set, recall: 1 };
  const within = `radius ${radius}, ${found.toFixed(1)} found a query`;
  return [
    { ...row, system: "linear scan", parameters: within, qps: asked / slow, floor: null },
    {
      ...row,
      system: "MultiIndexHashing",
      parameters: `${chunks} chunks, ${within}${least === null ? `, ${floor.value.toFixed(1)} × the linear scan` : ""}`,
      qps: asked / fast,
      floor: least === null ? null : { ...floor, least },
    },
  ];
}

function randomCodes(count: number, random: Random): BitRows {
  return { kind: "bits", dim, count, words: Uint32Array.from({ length: count * words }, () => random.uint32()) };
}

/** `count` codes, each up to `farthest` bits from one of those given. */
function around(given: BitRows, count: number, random: Random): BitRows {
  const near = new Uint32Array(count * words);
  for (let r = 0; r < count; r++) {
    const from = random.below(given.count) * words;
    near.set(given.words.subarray(from, from + words), r * words);
    for (let turned = random.below(farthest + 1); turned > 0; turned--) {
      const bit = random.below(dim);
      near[r * words + (bit >>> 5)] ^= 1 << (bit & 31);
    }
  }
  return { kind: "bits", dim, count, words: near };
}
