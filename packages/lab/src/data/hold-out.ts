import { NearError, Random, type Rows } from "nearts";
import { pick } from "./pick.js";

/** Which rows of a file are taken for queries. */
export interface HoldOut {
  /** How many; or `share`. */
  readonly count?: number | undefined;
  /** How many, as a share of the rows, over 0 and below 1 (NearPy's coverage ratio). */
  readonly share?: number | undefined;
  /** Chooses them at random; without it they are evenly spaced: rows ⌊j·n/count⌋. */
  readonly seed?: number | undefined;
  /** Leaves the queries among the rows as well, as NearPy does: each query then finds itself. */
  readonly keep?: boolean | undefined;
}

/** The rows that stay, and those held out to ask with: of options that {@link checkSpec} has seen. E_BAD_OPTION where none would be left of either. */
export function holdOut(rows: Rows, options: HoldOut): { readonly base: Rows; readonly queries: Rows } {
  const { count: total } = rows;
  const count = heldCount(total, options);
  const held = options.seed === undefined ? spaced(total, count) : new Random(options.seed).choose(total, count).sort();
  const queries = pick(rows, held);
  if (options.keep === true) return { base: rows, queries };
  const out = new Set(held);
  const rest = new Uint32Array(total - count);
  for (let i = 0, at = 0; i < total; i++) if (!out.has(i)) rest[at++] = i;
  return { base: pick(rows, rest), queries };
}

function heldCount(total: number, { count, share }: HoldOut): number {
  const wanted = count ?? Math.floor((share ?? 0) * total);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted < total) return wanted;
  const message = `holdOut takes ${wanted} of ${total} rows for queries: at least one must be taken, and one must stay`;
  throw new NearError("E_BAD_OPTION", message, { got: wanted, most: total - 1 });
}

function spaced(total: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, j) => Math.floor((j * total) / count));
}
