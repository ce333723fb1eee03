import type { DenseRows } from "../core/rows.js";
import type { Steps } from "./steps.js";

/** A copy of rows of length 1 (zero vectors as they are) where `unit`, else multiplied by `scale`; the rows themselves where that is 1. */
export function* scaledRows(rows: DenseRows, unit: boolean, scale: number): Steps<DenseRows> {
  const { dim, count, values } = rows;
  if (!unit && scale === 1) return rows;
  const scaled = values.slice(0, count * dim);
  yield;
  for (let r = 0; r < count; r++) {
    let sum = 0;
    for (let i = r * dim; unit && i < (r + 1) * dim; i++) sum += values[i] * values[i];
    const factor = unit ? (sum > 0 ? 1 / Math.sqrt(sum) : 1) : scale;
    for (let i = r * dim; i < (r + 1) * dim; i++) scaled[i] = values[i] * factor;
    if (r % 512 === 511) yield;
  }
  return { kind: "dense", dim, count, values: scaled };
}
