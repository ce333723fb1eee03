import { join } from "node:path";
import { expect, test } from "vitest";
import { readAll, readIntegers, readVectors } from "../../src/readers/index.js";

const DATA = process.env["NEARTS_DATA"];
const SKIPPED = DATA ? "" : " (skipped: NEARTS_DATA names no folder of data sets)";
const options = { skip: !DATA };

function at(path: string): string {
  return join(DATA ?? "", path);
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

// The expected sums and corners below were taken from the same files with NumPy.
test(`fashion-mnist has 60,000 images of 784 grey values and their labels${SKIPPED}`, options, async () => {
  const { rows } = await readAll(at("fashion-mnist-784/train-images-idx3-ubyte.gz"));
  const labels = await readAll(at("fashion-mnist-784/train-labels-idx1-ubyte.gz"), { limit: 10 });

  expect([rows.kind, rows.dim, rows.count]).toEqual(["dense", 784, 60_000]);
  expect(sum(rows.values.subarray(0, 784))).toBe(76_247);
  expect(sum(rows.values.subarray(59_999 * 784))).toBe(16_684);
  expect(Array.from(labels.rows.values)).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
});

test(`word2vec has 101,726 rows of 100 values, and a hundred neighbours for each of 2,000 queries${SKIPPED}`, options, async () => {
  let count = 0;
  let last: Float32Array = new Float32Array(0);
  let first: Float32Array | undefined;
  for await (const { rows } of readVectors(at("word2vec-classics-100/base.fvecs.gz"), { dim: 100 })) {
    first ??= rows.values.subarray(0, 3);
    last = rows.values.subarray(rows.values.length - 3);
    count += rows.count;
  }
  const neighbours = await readIntegers(at("word2vec-classics-100/neighbors.ivecs.gz"));

  expect(count).toBe(101_726);
  expect(Array.from(first ?? [])).toEqual([-0.033232, 0.78445, 0.052653].map(Math.fround));
  expect(Array.from(last)).toEqual([0.04758, -0.010488, 0.01406].map(Math.fround));
  expect([neighbours.dim, neighbours.count, neighbours.values[0], neighbours.values.at(-1)]).toEqual([100, 2000, 44_134, 27_207]);
  expect(neighbours.values.reduce((most, row) => Math.max(most, row), 0)).toBe(101_725);
});

test(`a9a has 16,281 sparse rows of ones in 122 dimensions, with labels${SKIPPED}`, options, async () => {
  const { rows, data } = await readAll(at("a9a/base.svm"));

  if (rows.kind !== "sparse") throw new Error("rows are not sparse");
  expect([rows.dim, rows.count, rows.indices.length]).toEqual([122, 16_281, 225_731]);
  expect(sum(rows.values)).toBe(225_731);
  expect(Array.from(rows.indices.subarray(rows.offsets[16_280]))).toEqual([2, 7, 15, 18, 38, 39, 50, 62, 66, 72, 73, 75, 81, 82]);
  expect(data?.filter((labels) => JSON.stringify(labels) === '{"label":1}').length).toBe(3846);
});
