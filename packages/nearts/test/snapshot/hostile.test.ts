import { Engine, type Id, type Kind, NearError } from "nearts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketsOf } from "../acceptance/vectors.js";
import { expectClean, note, print, tried, type Verdict } from "../faults/campaign.js";
import { type Dice, mutate } from "../readers/mutate.js";
import { assemble, dissect, joinMeta, type Part, splitMeta } from "./dissect.js";
import { type Specimen, specimens } from "./specimens.js";

const stage = { name: "damaged snapshots, half with repaired checksums", count: 100_000, seconds: 120, seed: 41 };

/** What a file can be refused with. */
const refusals = ["E_CORRUPT", "E_VERSION", "E_CONFIG", "E_MEMORY", "E_SCHEMA_MISMATCH", "E_UNKNOWN_PLUGIN", "E_UNSUPPORTED"];
/** What an engine may refuse a query with that was another engine's: the file may be of other vectors now, or have lost an id. */
const misfits = ["E_BAD_VECTOR", "E_BAD_SPARSE", "E_DIM_MISMATCH", "E_NOT_FOUND", "E_LIMIT", "E_ZERO_VECTOR"];

const names = ["META", "FREE", "VECT", "IDNM", "IDTX", "DATA", "HASH", "outl", "NEWS", "news", "n\0ws"];
const words = [
  '0|-1|1|2|7|0.5|1e9|1e308|4294967296|null|true|""|[]|{}|"Infinity"|"__proto__"|{"$f32":[0,1]}',
  '"f16"|"i8"|"sparse"|"bits"|"dense"|"set"|"euclidean"|"cosine"|"manhattan"|"hamming"|"inner-product"',
  '"RandomBinaryProjections"|"KMeansHash"|"UniBucket"|"RotatedCodes"|"ProductCodes"|"learned"',
].flatMap((line) => line.split("|"));

// A hundred thousand errors are made here whose stacks nobody reads.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** A damaged file whose checksums are right. */
function repaired(parts: readonly Part[], dice: Dice): Uint8Array {
  const changed = [...parts];
  const i = dice.roll(changed.length);
  const part = changed[i];
  const way = dice.roll(24);
  if (way === 0) changed.splice(i, 1);
  else if (way === 1) changed.splice(dice.roll(changed.length + 1), 0, part);
  else if (way === 2) [changed[0], changed[i]] = [part, changed[0]];
  else if (way === 3) changed[i] = { ...part, name: dice.pick(names) };
  else if (way === 4) changed[i] = { ...part, number: dice.pick([0, 1, 2, 0xffffffff]) };
  else if (way === 5) return assemble(changed, { version: dice.pick([0, 2, 0xffffffff]), lie: dice.pick([0, 4]) });
  else if (way === 6) return assemble(changed, { lie: dice.pick([1, -1, 4, -4, 2 ** 31, 2 ** 40]) });
  else if (way < 20) {
    const { text, arrays } = splitMeta(changed[0].bytes);
    changed[0] = { ...changed[0], bytes: joinMeta(mutate({ bytes: Buffer.from(text), words }, dice), arrays) };
  } else {
    const fields = Array.from({ length: Math.min(64, part.bytes.length >>> 2) }, (_, f) => f * 4);
    changed[i] = { ...part, bytes: mutate({ bytes: part.bytes, fields }, dice) };
  }
  return assemble(changed);
}

/** Fails unless the engine answers, and its buckets hold what it stores. */
async function checkAnswers(engine: Engine<unknown, Kind>, { queries }: Specimen): Promise<void> {
  const ids = new Set<Id>();
  for await (const { id } of engine.entries()) ids.add(id);
  if (ids.size !== (await engine.size())) throw new Error(`${ids.size} ids of ${await engine.size()} vectors`);
  for (let h = 0; h < engine.hashes.length; h++) {
    for (const [bucket, own] of await bucketsOf(engine, h)) {
      if (!own.every((id) => ids.has(id)) || new Set(own).size !== own.length) throw new Error(`bucket ${bucket} holds ${own.join(", ")}`);
    }
  }
  for (const query of queries) {
    try {
      for (const { id, distance } of await engine.neighbours(query)) {
        if (!ids.has(id) || Number.isNaN(distance)) throw new Error(`${id} at ${distance} is no neighbour`);
      }
    } catch (error) {
      if (!(error instanceof NearError) || !misfits.includes(error.code)) throw error;
    }
  }
}

test("damaged snapshots are refused, or load to engines that answer", async ({ task }) => {
  const all = (await specimens()).map((specimen) => ({ ...specimen, parts: dissect(specimen.bytes) }));
  // Those whose engines are made quickly come more often.
  const quick = all.filter(({ name }) => name !== "learned" && name !== "hashes with codes");
  const tally = new Map<string, number>();

  const result = await tried(stage, async (number, dice): Promise<Verdict> => {
    const specimen = dice.pick(dice.roll(4) === 0 ? all : quick);
    const sealed = number % 2 === 0;
    const bytes = sealed
      ? repaired(specimen.parts, dice)
      : mutate({ bytes: specimen.bytes, fields: [8, 12, 16, 20, 24, 28, 36, 40, 44] }, dice);
    let outcome = "loaded";
    try {
      const before = number % 64 < 2 ? process.memoryUsage() : undefined;
      const engine = await Engine.load(bytes);
      if (before !== undefined) checkMemory(before, bytes.length);
      if (!sealed && Buffer.compare(bytes, specimen.bytes) !== 0) throw new Error("a file is not what was saved, and nobody noticed");
      await checkAnswers(engine, specimen);
    } catch (error) {
      if (!(error instanceof NearError) || !refusals.includes(error.code)) {
        return { crashed: 1, why: [`${specimen.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`] };
      }
      outcome = error.code;
    }
    const key = `${sealed ? "repaired" : "as it is"}: ${outcome}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
    return {};
  });

  print(`  ${JSON.stringify(Object.fromEntries(tally))} ${JSON.stringify(process.cpuUsage())}`);
  note(task.meta, result);
  expectClean(result, stage);
  const { done } = result;
  // Neither harmless nor refused altogether: the damage reaches what the loader must judge.
  expect(tally.get("as it is: E_CORRUPT")).toBeGreaterThan(done / 3);
  expect(tally.get("repaired: E_CORRUPT")).toBeGreaterThan(done / 10);
  expect(tally.get("repaired: loaded")).toBeGreaterThan(done / 100);
}, 3_600_000);

function checkMemory(before: NodeJS.MemoryUsage, size: number): void {
  const after = process.memoryUsage();
  const taken = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  if (taken > 2 * size + 64 * 2 ** 20) throw new Error(`a snapshot of ${size} bytes took ${taken} bytes of memory`);
}
