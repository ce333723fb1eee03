import { Engine, type EngineOptions, type Kind, RandomBinaryProjections, RandomBinaryProjectionTree } from "nearts";
import { Dice, gaussian, sparse } from "../acceptance/vectors.js";

/** A small index, its snapshot, and what to ask it. */
export interface Specimen {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly queries: readonly Parameters<Engine["neighbours"]>[0][];
}

type Vector = (dice: Dice) => Parameters<Engine["storeVector"]>[0];

const dense: Vector = (dice) => gaussian(dice, 6);
const hashes = () => [
  new RandomBinaryProjections({ name: "rbp", projections: 4, tables: 2, seed: 1 }),
  new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 5, seed: 2 }),
];

const makers: readonly { readonly name: string; readonly options: EngineOptions<Kind>; readonly vector: Vector; readonly train?: true }[] =
  [
    { name: "exact, with data", options: { dim: 6, distance: "euclidean", fields: { word: "string", size: "number" } }, vector: dense },
    { name: "hashes", options: { dim: 6, hashes: hashes() }, vector: dense },
    { name: "hashes with codes", options: { dim: 6, hashes: hashes(), codes: true, vectors: "i8" }, vector: dense },
    { name: "learned", options: { dim: 6, distance: "euclidean", recall: 0.9 }, vector: dense, train: true },
    { name: "sparse", options: { dim: 40, kind: "sparse" }, vector: (dice) => sparse(dice, 40, 1 + dice.below(5)) },
    { name: "bits", options: { dim: 40, kind: "bits" }, vector: (dice) => Array.from({ length: 40 }, () => dice.below(2)) },
    { name: "sets", options: { kind: "set" }, vector: (dice) => Array.from({ length: dice.below(7) }, () => `token ${dice.below(30)}`) },
    { name: "halves", options: { dim: 5, vectors: "f16" }, vector: (dice) => gaussian(dice, 5) },
  ];

/** Indices of every kind, of some 40 vectors each; some were removed again. */
export async function specimens(): Promise<readonly Specimen[]> {
  const made: Specimen[] = [];
  for (const { name, options, vector, train } of makers) {
    const dice = new Dice(21);
    const engine = new Engine<unknown, Kind>(options);
    const items = Array.from({ length: 40 }, (_, i) => ({
      vector: vector(dice),
      ...(i % 2 === 0 ? { id: `é${i}` } : {}),
      ...(i % 3 === 0 ? { data: { word: `w${i % 4}`, size: i, more: ["a", null, { b: -1.5e-3 }] } } : {}),
    }));
    await engine.storeManyVectors(items);
    if (train === true) await engine.train();
    await engine.deleteMany(["é4", 1]);
    await engine.storage.storeConfig({ type: "Mine", version: 1, name: "mine", values: Float32Array.of(1, 2) });
    made.push({ name, bytes: await engine.save(), queries: [vector(dice), vector(dice), { id: "é2" }] });
  }
  return made;
}
