import type { Rows } from "nearts";
import { pick } from "../data/pick.js";

/** At most `most` rows, evenly spread over all. */
export function sampleOf(rows: Rows, most: number): Rows {
  if (rows.count <= most) return rows;
  return pick(
    rows,
    Array.from({ length: most }, (_, i) => Math.floor(((i + 0.5) * rows.count) / most)),
  );
}
