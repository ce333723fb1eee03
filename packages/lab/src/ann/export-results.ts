import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DataSet } from "../data.js";
import { nameOfDistance } from "../formats/hdf5/distances.js";
import { writeHdf5 } from "../formats/hdf5/write-ann-benchmarks.js";

/** What one way of asking one index answered. */
export interface AnnRun {
  readonly dataSet: DataSet;
  /** Neighbours asked for. */
  readonly k: number;
  /** Name of the algorithm, and what its index and its queries were made with: they name the file. */
  readonly algorithm: string;
  readonly parameters: readonly (string | number | boolean)[];
  /** For each query its neighbours' rows and distances, nearest first; fewer than `k` where fewer were found. */
  readonly answers: readonly { readonly rows: ArrayLike<number>; readonly distances: ArrayLike<number>; readonly seconds: number }[];
  readonly buildSeconds: number;
  readonly indexBytes: number;
  /** Vectors that queries looked at, on average. */
  readonly candidates: number;
  /** Means over the queries of each run were taken so often; their best is kept. */
  readonly runs: number;
  readonly bestSeconds: number;
}

/**
 * Writes a result where and as ann-benchmarks keeps its own, so that its plots show it: `<folder>/<data set>/<k>/<algorithm>/<parameters>.hdf5` with `times`,
 * `neighbors` (−1 where fewer were found) and `distances` (∞ there). Returns the path. E_IO where it cannot be written.
 */
export async function exportAnnBenchmarks(folder: string, run: AnnRun): Promise<string> {
  const { dataSet, k, algorithm, answers } = run;
  const place = join(folder, safe(dataSet.name), String(k), safe(algorithm));
  const path = join(place, `${safe(JSON.stringify(run.parameters)).replaceAll("-", "_")}.hdf5`);
  await mkdir(place, { recursive: true });
  const neighbours = new Int32Array(answers.length * k).fill(-1);
  const distances = new Float32Array(answers.length * k).fill(Number.POSITIVE_INFINITY);
  for (const [q, answer] of answers.entries())
    for (let i = 0; i < Math.min(k, answer.rows.length); i++) {
      neighbours[q * k + i] = answer.rows[i];
      distances[q * k + i] = answer.distances[i];
    }
  await writeHdf5(path, (file) => {
    const whole = { count: k, run_count: run.runs, batch_mode: 0, expect_extra: 0 };
    const real = {
      build_time: run.buildSeconds,
      best_search_time: run.bestSeconds,
      candidates: run.candidates,
      index_size: run.indexBytes / 1024,
    };
    const text = {
      algo: algorithm,
      dataset: dataSet.name,
      distance: nameOfDistance(dataSet.distance),
      name: `${algorithm}(${run.parameters.join(", ")})`,
    };
    for (const [name, value] of Object.entries(whole)) file.create_attribute(name, value, null, "<i");
    for (const [name, value] of Object.entries(real)) file.create_attribute(name, value, null, "<d");
    for (const [name, value] of Object.entries(text)) file.create_attribute(name, value);
    const shape = [answers.length, k];
    file.create_dataset({ name: "times", data: Float32Array.from(answers, ({ seconds }) => seconds), shape: [answers.length] });
    file.create_dataset({ name: "neighbors", data: neighbours, shape });
    file.create_dataset({ name: "distances", data: distances, shape });
  });
  return path;
}

/** A name for a file or folder: what is no letter, digit, hyphen or underscore is one underscore, none at the ends. */
function safe(text: string): string {
  return text.replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^_+|_+$/g, "");
}
