import type { Hash, Rows } from "nearts";
import { pick } from "../data/pick.js";
import type { Histogram } from "../results.js";
import { countsOf } from "../sweep/histogram.js";

/** Tables of which bits are compared: more tell the same. */
const mostTables = 8;
const bins = 20;

/** What the bits of a hash are worth. */
export interface BitReport {
  /** In what share of the rows each bit is 1: best at one half. */
  readonly balance: Histogram;
  /** How each two bits of a table go together, −1 to 1: best at 0. Absent for keys of one bit. */
  readonly correlation?: Histogram;
}

/** Balance and correlation of the bits of the first tables, over some rows; undefined where keys are not told as bits. */
export function bitsOf(hash: Hash, rows: Rows): BitReport | undefined {
  const columns = bitColumns(hash, rows);
  if (columns === undefined) return undefined;
  const shares = columns.flatMap((table) => table.map((bit) => mean(bit)));
  const correlations = columns.flatMap(pairwise);
  const balance = histogram("share of rows in which a bit is 1", shares, 0, 1);
  if (correlations.length === 0) return { balance };
  return { balance, correlation: histogram("correlation of two bits of a table", correlations, -1, 1) };
}

/** By table and bit, its value for each row. */
function bitColumns(hash: Hash, rows: Rows): Float64Array[][] | undefined {
  let columns: Float64Array[][] | undefined;
  for (let row = 0; row < rows.count; row++) {
    const texts = hash.bucketKeys(pick(rows, [row])).slice(0, mostTables);
    if (!texts.every((text) => /^[01]+$/.test(text))) return undefined;
    columns ??= texts.map((text) => Array.from(text, () => new Float64Array(rows.count)));
    for (const [t, text] of texts.entries()) {
      if (columns[t]?.length !== text.length) return undefined; // keys of no fixed length are no bits
      for (let bit = 0; bit < text.length; bit++) columns[t][bit][row] = Number(text[bit]);
    }
  }
  return columns;
}

/** Pearson's correlation of each two columns; of one that never changes there is none. */
function pairwise(columns: readonly Float64Array[]): number[] {
  const standard = columns.map(standardised).filter((column) => column !== undefined);
  return standard.flatMap((one, i) => standard.slice(0, i).map((other) => one.reduce((sum, value, r) => sum + value * other[r], 0)));
}

/** With mean 0 and sum of squares 1. */
function standardised(column: Float64Array): Float64Array | undefined {
  const middle = mean(column);
  const length = Math.sqrt(column.reduce((sum, value) => sum + (value - middle) ** 2, 0));
  return length === 0 ? undefined : column.map((value) => (value - middle) / length);
}

function histogram(title: string, values: readonly number[], low: number, high: number): Histogram {
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  return { title, unit: "", edges, counts: countsOf(values, edges) };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
