/** What the types promise at the call site. Nothing here runs: `npm run check` compiles it, and each expected error must be one. */
import type { test as nodeTest } from "node:test";
import type { test as vitestTest } from "vitest";
import {
  Engine,
  EuclideanDistance,
  HammingDistance,
  JaccardDistance,
  type NeighbourColumns,
  type SetVector,
  type SparseVector,
} from "../../src/index.js";
import type { Test } from "../../src/testing/index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where `A` and `B` are the same type. */
declare function same<A, B>(same: Same<A, B>): void;

interface Book {
  readonly title: string;
}

export async function kindsAreInferred(): Promise<void> {
  const dense = new Engine({ dim: 3 });
  same<typeof dense, Engine<unknown, "dense">>(true);
  same<typeof dense.kind, "dense">(true);
  const sparse = new Engine({ dim: 3, kind: "sparse" });
  same<typeof sparse, Engine<unknown, "sparse">>(true);
  const bits = new Engine({ dim: 64, kind: "bits", distance: new HammingDistance() });
  same<typeof bits.kind, "bits">(true);
  const sets = new Engine({ kind: "set", distance: new JaccardDistance() });
  same<typeof sets, Engine<unknown, "set">>(true);
  const members = (await sets.get("a"))?.vector;
  same<typeof members, SetVector | undefined>(true);
  await sets.storeVector(new Set<string | number>(["a", 7]));
  const measured = new Engine({ dim: 3, distance: new EuclideanDistance() });
  same<typeof measured, Engine<unknown, "dense">>(true);

  const vector = (await dense.get("a"))?.vector;
  same<typeof vector, Float32Array | undefined>(true);
  for await (const entry of sparse.entries()) same<typeof entry.vector, SparseVector>(true);

  // @ts-expect-error a kind that there is not
  new Engine({ dim: 3, kind: "dens" });
  // @ts-expect-error a distance of dense and sparse vectors between bit vectors
  new Engine({ dim: 64, kind: "bits", distance: new EuclideanDistance() });
  // @ts-expect-error a distance of bit vectors between dense ones
  new Engine({ dim: 64, distance: new HammingDistance() });
  // @ts-expect-error a distance of sets between dense vectors
  new Engine({ dim: 64, distance: new JaccardDistance() });
  // @ts-expect-error a distance by a name that there is not
  new Engine({ dim: 3, distance: "euclid" });
}

export async function distancesAreThereWhereTheyAreMeasured(engine: Engine<Book>): Promise<void> {
  const [measured] = await engine.neighbours([1, 2, 3], { k: 1, includeVector: true });
  same<typeof measured.distance, number>(true);
  const [plain] = await engine.neighbours([1, 2, 3], { distance: false });
  // @ts-expect-error nothing was measured
  void plain.distance;
  same<typeof plain.id, string | number>(true);
  same<typeof plain.vector, Float32Array | undefined>(true);

  const columns = await engine.neighboursOfMany([[1, 2, 3]], { columns: true });
  same<typeof columns, NeighbourColumns>(true);
  const lists = await engine.neighboursOfMany([[1, 2, 3]]);
  same<typeof lists, (typeof measured)[][]>(true);
}

export async function dataIsGeneric(engine: Engine<Book>): Promise<void> {
  await engine.storeVector([1, 2, 3], { id: "a", data: { title: "On Growth and Form" } });
  await engine.storeManyVectors([{ vector: [1, 2, 3], id: 7, data: { title: "Flatland" } }]);
  const title = (await engine.neighbours({ id: "a" }))[0].data?.title;
  same<typeof title, string | undefined>(true);
  const stored = await engine.get("a");
  same<NonNullable<typeof stored>["data"], Book | undefined>(true);

  // @ts-expect-error data of another type
  await engine.storeVector([1, 2, 3], { data: { name: "Flatland" } });
  // @ts-expect-error data of another type
  await engine.storeManyVectors([{ vector: [1, 2, 3], data: 7 }]);
  // @ts-expect-error an id that is none
  await engine.storeVector([1, 2, 3], { id: null });

  const untyped = new Engine({ dim: 3 });
  await untyped.storeVector([1, 2, 3], { data: { anything: [1] } });
  const data = (await untyped.get(0))?.data;
  same<typeof data, unknown>(true);
}

export function anyRunnerFits(
  vitest: typeof vitestTest,
  node: typeof nodeTest,
  plain: (name: string, check: () => Promise<void>) => void,
): Test[] {
  return [vitest, node, plain];
}
