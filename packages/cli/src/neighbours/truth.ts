import { NearError } from "nearts";
import { type IntegerRows, readIntegers } from "nearts/readers";
import type { RealRows } from "../search/vectors.js";

/** True neighbours of each query, as row numbers of `rows`, nearest first. */
export interface Truth {
  readonly rows: RealRows;
  readonly neighbours: IntegerRows;
}

/** The truth in a file, checked against what it is the truth about: E_BAD_FILE where it cannot be. */
export async function loadTruth(path: string, rows: RealRows, queries: number, signal: AbortSignal): Promise<Truth> {
  const neighbours = await readIntegers(path, { signal });
  const name = JSON.stringify(path);
  if (neighbours.count < queries) {
    const message = `${name} has the neighbours of ${neighbours.count} queries, there are ${queries}: ask fewer with --limit-queries ${neighbours.count}`;
    throw new NearError("E_BAD_FILE", message, { got: neighbours.count, expected: queries });
  }
  const wrong = neighbours.values.find((row) => row < 0 || row >= rows.count);
  if (wrong !== undefined) {
    throw new NearError("E_BAD_FILE", `${name} names row ${wrong}, the base has ${rows.count}: it is the truth of another file`, {
      got: wrong,
      expected: rows.count,
    });
  }
  return { rows, neighbours };
}
