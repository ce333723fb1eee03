import { Engine, Keys, MinHash, Random, type SetRows, Signatures } from "nearts";
import { bandwidthMeter } from "../bandwidth.js";
import { inTurn } from "./rounds.js";
import type { FamilyRow, Part } from "./row.js";

const members = 250;
const values = 128;
const batch = 64;
const passes = 20;
/** Signatures of a byte a value that are scanned: far beyond any cache. */
const signed = 500_000;
const documents = 40_000;
const k = 10;
const versions = 16;
const asked = 100;
const leastRecall = 0.95;

/** MinHash values, a scan of signatures, and an engine of sets with a recall against one that compares a query with all. */
export const sets: Part = async () => [...valueRows(), await scanRow(), ...(await searchRows())];

function valueRows(): FamilyRow[] {
  const rows = randomSets(batch, () => members, new Random("bench sets"));
  return (["one", "classic"] as const).map((permutations) => {
    const hash = new MinHash({ name: "min", rows: 4, tables: values / 4, permutations });
    hash.open({ kind: "set", dim: rows.dim });
    const keys = new Keys();
    const micros = least(() => {
      keys.clear();
      hash.keys(rows, keys);
    }, batch);
    const floor = { what: `sets of ${members} members a ms (${micros.toFixed(1)} µs each)`, value: 1000 / micros, least: 1000 / 10 };
    const row = { part: "sets", system: `MinHash, ${values} values`, set: `${members} random members`, parameters: permutations };
    return { ...row, recall: null, qps: 1e6 / micros, floor: permutations === "one" ? floor : null };
  });
}

/** Sets a second of a scan of all signatures, against the memory bandwidth of the same minutes. */
async function scanRow(): Promise<FamilyRow> {
  const signatures = new Signatures({ values });
  const random = new Random("bench signatures");
  for (let from = 0; from < signed; from += 10_000) signatures.add(randomSets(10_000, () => 12, random));
  const query = randomSets(1, () => 12, random);
  const bandwidth = await bandwidthMeter();
  let [rate, most] = [0, 0];
  for (let i = 0; i < passes; i++) {
    rate = Math.max(rate, (1e6 * signed) / least(() => void signatures.scan(query, 0.9), 1, 1));
    most = Math.max(most, bandwidth() / values);
  }
  const floor = { what: "million sets/s, or 0.7 of the bandwidth", value: rate / 1e6, least: Math.min(50, (0.7 * most) / 1e6) };
  const set = `${signed} signatures of ${values} bytes`;
  return { part: "sets", system: "Signatures", set, parameters: "threshold 0.9", recall: null, qps: rate / signed, floor };
}

/** Documents in versions: the nearest 10 by learned bands, and by comparing with all. */
async function searchRows(): Promise<FamilyRow[]> {
  const random = new Random("bench documents");
  const stored = documentsOf(random);
  const [exact, learned] = [new Engine({ kind: "set" }), new Engine({ kind: "set", recall: leastRecall })];
  for (const engine of [exact, learned]) await engine.storeManyVectors(stored);
  await learned.tune();
  const query = (q: number) => {
    const row = Math.floor((q * stored.count) / asked);
    return stored.members.subarray(stored.offsets[row], stored.offsets[row + 1]);
  };
  let found = 0;
  for (let q = 0; q < asked; q++) {
    const truth = await exact.neighbours(query(q), { k });
    const near = await learned.neighbours(query(q), { k });
    found += near.filter(({ distance }) => distance <= truth[truth.length - 1].distance).length / k / asked;
  }
  const systems = [exact, learned].map((engine) => ({ ask: (q: number) => engine.neighbours(query(q), { k }) }));
  const [slow, fast] = await inTurn(systems, asked, 3);
  const { lists, measured = 0 } = await learned.plan();
  for (const engine of [exact, learned]) await engine.close();
  const row = { part: "sets", set: `${documents} documents of some 200 shingles`, floor: null };
  return [
    { ...row, system: "exact", parameters: "", recall: 1, qps: asked / slow },
    {
      ...row,
      system: "learned bands",
      parameters: `${lists} tables, ${Math.round(measured)} sets measured, ${(slow / fast).toFixed(0)} × exact`,
      recall: found,
      qps: asked / fast,
    },
  ];
}

function randomSets(count: number, sizeOf: () => number, random: Random): SetRows {
  const offsets = new Uint32Array(count + 1);
  const all: number[] = [];
  for (let r = 0; r < count; r++) {
    const own = new Set<number>();
    for (let size = sizeOf(); own.size < size; ) own.add(random.uint32());
    all.push(...[...own].sort((a, b) => a - b));
    offsets[r + 1] = all.length;
  }
  return { kind: "set", dim: 2 ** 32, count, offsets, members: Uint32Array.from(all) };
}

/** Every sixteenth is new; the others are versions of it, with up to a fifth of it replaced. */
function documentsOf(random: Random): SetRows {
  const offsets = new Uint32Array(documents + 1);
  const all = new Uint32Array(documents * 300);
  let [at, first] = [0, new Uint32Array(0)];
  for (let r = 0; r < documents; r++) {
    if (r % versions === 0) first = Uint32Array.from({ length: 120 + random.below(160) }, () => random.below(1e6));
    const version = first.slice();
    for (let changed = random.below(Math.ceil(first.length / 5)); r % versions > 0 && changed > 0; changed--)
      version[random.below(version.length)] = random.below(1e6);
    const members = Uint32Array.from(new Set(version)).sort();
    all.set(members, at);
    at += members.length;
    offsets[r + 1] = at;
  }
  return { kind: "set", dim: 2 ** 32, count: documents, offsets, members: all.subarray(0, at) };
}

/** Microseconds of one of the things that `work` does so many of, at their best. */
function least(work: () => void, count: number, times = passes): number {
  let micros = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    work();
    micros = Math.min(micros, ((performance.now() - begun) * 1000) / count);
  }
  return micros;
}
