import type { RowSet } from "../../src/core/contracts.js";

/** The rows of a set, ascending. */
export function rowsOf({ words }: RowSet): number[] {
  const rows: number[] = [];
  for (let row = 0; row < words.length * 32; row++) if (((words[row >>> 5] >>> (row & 31)) & 1) === 1) rows.push(row);
  return rows;
}
