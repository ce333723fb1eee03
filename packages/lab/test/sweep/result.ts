import type { Result } from "../../src/results.js";

/** A result with what a test is about. */
export function resultWith(own: Partial<Result>): Result {
  return {
    version: 1,
    key: "key",
    experiment: "test",
    engine: "engine",
    parameters: {},
    data: { name: "data", hash: "0", kind: "dense", distance: "euclidean", dim: 2, rows: 10, queries: 5 },
    k: 10,
    seed: 1,
    measures: {},
    machine: { cpu: "cpu", cores: 2, memoryBytes: 2 ** 30, node: "v20.0.0", nearts: "0.1.0" },
    at: "2026-01-01T00:00:00.000Z",
    ...own,
  };
}
