import { expect, it } from "vitest";
import { learn } from "../../src/learned.js";

it("a partition is learned from more rows a list where they have few values, and never from few rows", () => {
  const [size, lists] = [100_000, 632];
  const perList = [16, 100, 160, 784, 4096].map((dim) => learn.sampleFor(size, dim) / lists);
  expect(perList).toEqual([...perList].sort((a, b) => b - a));
  expect(perList[0]).toBeGreaterThan(perList[4]);
  expect(Math.min(...perList)).toBeGreaterThanOrEqual(32);
  expect(learn.sampleFor(1, 4096)).toBeGreaterThanOrEqual(2048);
});
