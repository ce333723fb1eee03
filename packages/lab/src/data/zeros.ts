import { type DistanceName, NearError, type Rows } from "nearts";
import { pick } from "./pick.js";

/** Distances of directions, which the zero vector has none of. */
const directional: readonly DistanceName[] = ["angular", "cosine"];

/** The rows without zero vectors where the distance has no place for them: E_ZERO_VECTOR for the first, unless they are to be dropped. */
export function withoutZeros(rows: Rows, distance: DistanceName, drop: boolean, name: string): Rows {
  if (!directional.includes(distance) || rows.kind === "bits" || rows.kind === "set") return rows;
  const kept: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    const [from, to] = rows.kind === "dense" ? [row * rows.dim, (row + 1) * rows.dim] : [rows.offsets[row], rows.offsets[row + 1]];
    let zero = true;
    for (let i = from; i < to && zero; i++) zero = rows.values[i] === 0;
    if (!zero) kept.push(row);
    else if (!drop) {
      const message = `row ${row} of ${name} is the zero vector, which has no ${distance} distance: choose another distance, or pass zeros: "drop"`;
      throw new NearError("E_ZERO_VECTOR", message, { row, distance });
    }
  }
  return kept.length === rows.count ? rows : pick(rows, kept);
}
