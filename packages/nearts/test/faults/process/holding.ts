import { Engine, type Hash, type Id } from "nearts";
import { DIM, nameOf, vectorOf } from "../workload.js";
import type { Holding } from "./commands.js";

/** Problems listed at most. */
const MOST = 10;

/**
 * What an engine holds, and what is wrong with it: vectors that no operation stored, a size that is another; and, where its hashes are given, vectors that do
 * not find themselves at distance 0, buckets or answers that differ from those of an engine in memory that was given the same vectors.
 */
export async function checked(engine: Engine, hashes: readonly Hash[] | undefined): Promise<Holding> {
  const problems: string[] = [];
  const held: number[] = [];
  const [ids, vectors]: [Id[], Float32Array[]] = [[], []];
  for await (const { id, vector, data } of engine.entries()) {
    const [name, number] = [nameOf(id), Number(data)];
    if (!same(vector, vectorOf(name, number))) problems.push(`${String(id)} has a vector that operation ${number} did not store`);
    held.push(name, number);
    ids.push(id);
    vectors.push(vector);
  }
  if (new Set(ids).size !== ids.length) problems.push("an id comes twice");
  const size = await engine.size();
  if (size !== ids.length) problems.push(`its size is ${size}, it has ${ids.length} entries`);
  if (hashes === undefined) return { held, problems: problems.slice(0, MOST) };

  await using reference = new Engine({ dim: DIM, distance: "euclidean", hashes, gauge: false });
  await reference.size(); // opens it, empty or not
  if (ids.length > 0) await reference.storeManyVectors(vectors, { ids });
  problems.push(...(await bucketProblems(engine, reference)), ...(await searchProblems(engine, reference, ids, vectors)));
  return { held, problems: problems.slice(0, MOST) };
}

async function bucketProblems(engine: Engine, reference: Engine): Promise<string[]> {
  const problems: string[] = [];
  for (const [h, { name }] of engine.hashes.entries()) {
    const [is, must] = [await bucketsOf(engine, h), await bucketsOf(reference, h)];
    for (const key of new Set([...is.keys(), ...must.keys()])) {
      if (is.get(key) !== must.get(key))
        problems.push(`bucket ${key} of ${name} holds ${is.get(key) ?? "nothing"}, its rows are ${must.get(key) ?? "none"}`);
    }
  }
  return problems;
}

async function bucketsOf(engine: Engine, hash: number): Promise<Map<string, string>> {
  const buckets = new Map<string, string>();
  for await (const { table, key, ids } of engine.storage.buckets(hash))
    buckets.set(
      `${table}:${key}`,
      ids
        .map(nameOf)
        .sort((a, b) => a - b)
        .join(),
    );
  return buckets;
}

/** The same vectors in the same buckets give the same answers, up to the order of equal distances. */
async function searchProblems(engine: Engine, reference: Engine, ids: readonly Id[], vectors: readonly Float32Array[]): Promise<string[]> {
  if (vectors.length === 0) return [];
  const problems: string[] = [];
  const answers = await engine.neighboursOfMany(vectors, { k: 3 });
  const expected = await reference.neighboursOfMany(vectors, { k: 3 });
  for (const [i, id] of ids.entries()) {
    if (answers[i][0]?.distance !== 0) problems.push(`${String(id)} does not find itself at distance 0`);
    const [is, must] = [answers[i], expected[i]].map((list) => list.map(({ distance }) => distance).join());
    if (is !== must) problems.push(`the neighbours of ${String(id)} are at ${is}, should be at ${must}`);
  }
  return problems;
}

function same(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
