import { Engine, type Id, NearError } from "nearts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketsOf } from "../acceptance/vectors.js";
import { Dice, mutate } from "../readers/mutate.js";
import { assemble, dissect, joinMeta, type Part, splitMeta } from "./dissect.js";
import { type Specimen, specimens } from "./specimens.js";

const seed = 41;
/** Ten times as many in the long campaign, `npm run torture`. */
const cases = 100_000 * Number(process.env["NEARTS_CAMPAIGN"] ?? 1);
/** At least so much of them is done in so many milliseconds. */
const mostMillis = 20_000 * Number(process.env["NEARTS_CAMPAIGN"] ?? 1);
const floor = 0.6;

const expectedCodes = ["E_CORRUPT", "E_VERSION", "E_CONFIG", "E_MEMORY", "E_SCHEMA_MISMATCH", "E_UNKNOWN_PLUGIN", "E_UNSUPPORTED"];

const words = [
  "0",
  "-1",
  "1",
  "2",
  "7",
  "0.5",
  "1e9",
  "1e308",
  "4294967296",
  "null",
  "true",
  '""',
  '"f16"',
  '"i8"',
  '"sparse"',
  '"bits"',
  '"dense"',
  '"set"',
  "[]",
  "{}",
  '"euclidean"',
  '"manhattan"',
  '"hamming"',
  '"inner-product"',
  '"RandomBinaryProjections"',
  '"KMeansHash"',
  '"UniBucket"',
  '"RotatedCodes"',
  '"ProductCodes"',
  '{"$f32":[0,1]}',
  '"Infinity"',
  '"__proto__"',
];

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
  switch (dice.roll(16)) {
    case 0:
      changed.splice(i, 1);
      break;
    case 1:
      changed.splice(dice.roll(changed.length + 1), 0, part);
      break;
    case 2:
      changed[i] = changed[0];
      changed[0] = part;
      break;
    case 3:
      changed[i] = { ...part, name: dice.pick(["META", "FREE", "VECT", "IDNM", "IDTX", "DATA", "HASH", "outl", "NEWS", "news", "n\0ws"]) };
      break;
    case 4:
      changed[i] = { ...part, number: dice.pick([0, 1, 2, 0xffffffff]) };
      break;
    case 5:
      return assemble(changed, { version: dice.pick([0, 2, 0xffffffff]), lie: dice.pick([0, 4]) });
    case 6:
      return assemble(changed, { lie: dice.pick([1, -1, 4, -4, 2 ** 31, 2 ** 40]) });
    case 7:
    case 8:
    case 9:
    case 10: {
      const { text, arrays } = splitMeta(changed[0].bytes);
      changed[0] = { ...changed[0], bytes: joinMeta(mutate({ bytes: Buffer.from(text), words }, dice), arrays) };
      break;
    }
    default: {
      const fields = Array.from({ length: Math.min(64, part.bytes.length >>> 2) }, (_, f) => f * 4);
      changed[i] = { ...part, bytes: mutate({ bytes: part.bytes, fields }, dice) };
    }
  }
  return assemble(changed);
}

/** Fails unless the engine answers, and its buckets hold what it stores. */
async function checkAnswers(engine: Engine, { queries }: Specimen): Promise<void> {
  const ids = new Set<Id>();
  for await (const { id } of engine.entries()) ids.add(id);
  if (ids.size !== (await engine.size())) throw new Error(`${ids.size} ids of ${await engine.size()} vectors`);
  for (let h = 0; h < engine.hashes.length; h++) {
    if (engine.hashes[h].name === "learned") continue;
    for (const [bucket, own] of await bucketsOf(engine, h)) {
      for (const id of own) if (!ids.has(id)) throw new Error(`bucket ${bucket} holds ${id}, which is not stored`);
      if (new Set(own).size !== own.length) throw new Error(`bucket ${bucket} holds an id twice`);
    }
  }
  for (const query of queries) {
    try {
      for (const { id, distance } of await engine.neighbours(query)) {
        if (!ids.has(id) || Number.isNaN(distance)) throw new Error(`${id} at ${distance} is no neighbour`);
      }
    } catch (error) {
      // The file may be of another kind of vector now, or have lost the id.
      if (!(error instanceof NearError)) throw error;
    }
  }
}

test(`${cases} damaged snapshots, half with repaired checksums, are refused or load to engines that answer (seed ${seed})`, async () => {
  const dice = new Dice(seed);
  const all = (await specimens()).map((specimen) => ({ ...specimen, parts: dissect(specimen.bytes) }));
  const tally = new Map<string, number>();
  const begun = performance.now();
  let done = 0;
  for (; done < cases && performance.now() - begun < mostMillis; done++) {
    const specimen = dice.pick(all);
    const sealed = done % 2 === 0;
    const bytes = sealed
      ? repaired(specimen.parts, dice)
      : mutate({ bytes: specimen.bytes, fields: [8, 12, 16, 20, 24, 28, 36, 40, 44] }, dice);
    let outcome = "loaded";
    try {
      const measured = done % 8 < 2 ? process.memoryUsage() : undefined;
      const engine = await Engine.load<unknown, "dense">(bytes);
      if (measured !== undefined) checkMemory(measured, bytes.length);
      await checkAnswers(engine, specimen);
    } catch (error) {
      if (!(error instanceof NearError) || !expectedCodes.includes(error.code))
        throw new Error(`case ${done}, ${specimen.name}, seed ${seed}`, { cause: error });
      outcome = error.code;
    }
    const key = `${sealed ? "repaired" : "as it is"}: ${outcome}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  console.log(
    `snapshots damaged: ${done} of ${cases} in ${((performance.now() - begun) / 1000).toFixed(1)} s, seed ${seed}:`,
    Object.fromEntries(tally),
  );

  expect(done).toBeGreaterThanOrEqual(cases * floor);
  expect(tally.get("as it is: E_CORRUPT")).toBeGreaterThan(done / 3);
  expect(tally.get("repaired: loaded")).toBeGreaterThan(done / 100);
  expect(tally.get("repaired: E_CORRUPT")).toBeGreaterThan(done / 10);
}, 3_600_000);

function checkMemory(before: NodeJS.MemoryUsage, size: number): void {
  const after = process.memoryUsage();
  const taken = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  if (taken > 2 * size + 64 * 2 ** 20) throw new Error(`a snapshot of ${size} bytes took ${taken} bytes of memory`);
}
