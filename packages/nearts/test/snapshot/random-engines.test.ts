import fc from "fast-check";
import {
  Engine,
  type EngineOptions,
  type Kind,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
} from "nearts";
import { expect, it } from "vitest";
import { all, bucketsOf, Dice, gaussian, sparse } from "../acceptance/vectors.js";

const seed = 31;
const runs = 60 * Number(process.env["NEARTS_CAMPAIGN"] ?? 1);

/** What an engine is made of, and what is done to it: stores and removals of so many vectors, by turns. */
const recipe = fc.record({
  kind: fc.constantFrom<Kind>("dense", "sparse", "bits"),
  dim: fc.integer({ min: 1, max: 140 }),
  precision: fc.constantFrom("f32" as const, "f16" as const, "i8" as const),
  distance: fc.constantFrom("euclidean" as const, "cosine" as const, "inner-product" as const),
  hashes: fc.subarray(["bits", "cells", "tree"] as const),
  codes: fc.constantFrom(false as const, { bits: 1 } as const, { bits: 2 } as const, { bits: 4 } as const),
  fields: fc.boolean(),
  steps: fc.array(fc.record({ store: fc.integer({ min: 0, max: 120 }), remove: fc.integer({ min: 0, max: 60 }) }), {
    minLength: 1,
    maxLength: 5,
  }),
  dice: fc.integer(),
});
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

function optionsOf({ kind, dim, precision, distance, hashes, codes, fields }: Recipe): EngineOptions<Kind> {
  const made = {
    bits: () => new RandomBinaryProjections({ name: "bits", projections: 3, tables: 2, seed: 1 }),
    cells: () => new RandomDiscretizedProjections({ name: "cells", projections: 2, binWidth: 1, seed: 2 }),
    tree: () => new RandomBinaryProjectionTree({ name: "tree", projections: 9, minimumResultSize: 6, seed: 3 }),
  };
  const declared = fields ? { fields: { word: "string", n: "number" } as const } : {};
  if (kind === "bits") return { kind, dim, ...declared };
  const precise = kind === "dense" ? { vectors: precision } : {};
  return {
    kind,
    dim,
    distance,
    ...precise,
    ...declared,
    ...(hashes.length === 0 ? {} : { hashes: hashes.map((name) => made[name]()), codes }),
  };
}

function vectorOf({ kind, dim }: Recipe, dice: Dice): Parameters<Engine["storeVector"]>[0] {
  if (kind === "bits") return Array.from({ length: dim }, () => dice.below(2));
  return kind === "sparse" ? sparse(dice, dim, 1 + dice.below(Math.min(dim, 9))) : gaussian(dice, dim);
}

async function made(given: Recipe): Promise<Engine<unknown, Kind>> {
  const engine = new Engine<unknown, Kind>(optionsOf(given));
  const dice = new Dice(given.dice);
  for (const { store, remove } of given.steps) {
    await engine.storeManyVectors(
      Array.from({ length: store }, () => {
        const n = dice.below(300);
        const data = dice.below(3) === 0 ? {} : { data: { word: `w${n % 5}`, n: dice.below(2) === 0 ? n : "none" } };
        return { vector: vectorOf(given, dice), id: n % 2 === 0 ? n : `n${n}`, ...data };
      }),
    );
    await engine.deleteMany(Array.from({ length: remove }, () => dice.below(150) * 2));
  }
  return engine;
}

it(`${runs} random engines come back from their snapshots as they were (seed ${seed})`, { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const engine = await made(given);
      const bytes = await engine.save();
      const loaded = await Engine.load(bytes);

      expect(Buffer.compare(await loaded.save(), bytes)).toBe(0);
      expect(await all(loaded.entries())).toEqual(await all(engine.entries()));
      for (let h = 0; h < engine.hashes.length; h++) expect(await bucketsOf(loaded, h)).toEqual(await bucketsOf(engine, h));
      const dice = new Dice(given.dice + 1);
      for (let i = 0; i < 3; i++) {
        const query = vectorOf(given, dice);
        expect(await loaded.neighbours(query)).toEqual(await engine.neighbours(query));
        const where = { n: { gte: 20, lt: 200 } } as never;
        expect(await loaded.neighbours(query, { where })).toEqual(await engine.neighbours(query, { where }));
      }
    }),
    { seed, numRuns: runs },
  );
});
