import type { Engine } from "nearts";
import type { Answers } from "./commands.js";

const QUERIES = 40;
const K = 10;

/** Asks an engine that holds these vectors, and nothing else, under the numbers of their rows. */
export async function answersOf(engine: Engine, values: Float32Array, dim: number): Promise<Answers> {
  const count = values.length / dim;
  let [found, unfound] = [0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const row = Math.floor((i * count) / QUERIES);
    const query = values.subarray(row * dim, (row + 1) * dim);
    const neighbours = await engine.neighbours(query, { k: K });
    if (!neighbours.some(({ id, distance }) => id === row && distance === 0)) unfound++;
    const true10 = new Set(nearest(values, dim, query));
    found += neighbours.filter(({ id }) => true10.has(Number(id))).length;
  }
  const { hashes, size } = await engine.stats();
  const { kind } = await engine.plan();
  return { size, recall: found / (QUERIES * K), unfound, plan: kind, hashes: hashes.map(({ name }) => name) };
}

function nearest(values: Float32Array, dim: number, query: Float32Array): number[] {
  const distances = Float64Array.from({ length: values.length / dim }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += (values[row * dim + i] - query[i]) ** 2;
    return sum;
  });
  return [...distances.keys()].sort((a, b) => distances[a] - distances[b]).slice(0, K);
}
