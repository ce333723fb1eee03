import { type DenseRows, rowAt } from "../core/rows.js";
import { type MappedRows, mapSteps } from "./map-rows.js";
import type { PrincipalHead } from "./principal-head.js";
import type { Steps } from "./steps.js";
import { dotProduct, norm, squaredDifference } from "./sums.js";
import type { Tail } from "./tailed-head.js";

/** Rows whose nearest is looked for, and among how many: the more, the more alike they are, as a query and its neighbours in the whole set will be. */
const mostQueries = 64;
const mostRows = 4096;
/** What is left of a square by rounding alone is less than this share of it. */
const rounding = 1e-6;
/** Leading values of a row, which hold most of what rows differ in. */
const leading = 16;

/** A row as the head sees it, and how long what it leaves out is. */
interface Seen {
  readonly inside: Float32Array;
  readonly tail: number;
}

/**
 * The mean length of the tails of rows, and the cosine between the tails of rows and of the one nearest to each: their product is half of what the squares of both are
 * over the part of ‖x − y‖² that the head does not see. Null where it is not above 0, or there are no tails. `mapped` by the head, where that was done. In steps of a few milliseconds.
 */
export function* learnTail(head: PrincipalHead, rows: DenseRows, mapped?: MappedRows): Steps<Tail | null> {
  const count = Math.min(mostRows, rows.count);
  const seen = seeAll({ ...(mapped ?? (yield* mapSteps(head, { ...rows, count }))), count });
  yield;
  const mean = seen.reduce((sum, { tail }) => sum + tail, 0) / Math.max(1, count);
  const queries = Math.min(mostQueries, count);
  let [products, lengths] = [0, 0];
  for (let each = 0; each < queries; each++) {
    const q = Math.floor((each * count) / queries);
    const other = nearestTo(seen, q);
    if (other < 0) continue;
    const [x, y] = [seen[q], seen[other]];
    const outside = differenceOf(head, rows, q, other) - squaredDifference(x.inside, y.inside);
    products += (x.tail ** 2 + y.tail ** 2 - outside) / 2;
    lengths += x.tail * y.tail;
    yield;
  }
  const likeness = products / lengths;
  return likeness > 0 && mean > 0 ? { mean, likeness: Math.min(1, likeness) } : null;
}

/** Rows as the head sees them. */
function seeAll({ dim, count, values, squares }: MappedRows): Seen[] {
  return Array.from({ length: count }, (_, r) => {
    const inside = values.subarray(r * dim, (r + 1) * dim);
    const left = squares[r] - dotProduct(inside, inside);
    return { inside, tail: left > rounding * squares[r] ? Math.sqrt(left) : 0 };
  });
}

/** Number of the row nearest to row `q`, copies of it apart, by what the head sees and the lengths of their tails; −1 where there is none. */
function nearestTo(seen: readonly Seen[], q: number): number {
  let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
  for (let r = 0; r < seen.length; r++) {
    const outside = (seen[q].tail - seen[r].tail) ** 2;
    if (leadingDifference(seen[q].inside, seen[r].inside) + outside > surely * least) continue;
    const square = squaredDifference(seen[q].inside, seen[r].inside) + outside;
    if (r === q || !(square > 0 && square < least)) continue;
    least = square;
    nearest = r;
  }
  return nearest;
}

/** A part of a sum that is so many times another is over it, whatever rounding does. */
const surely = 1.000001;

/** What two rows differ by in their leading values. */
function leadingDifference(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < leading && i < x.length; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

/** ‖x − y‖² of two rows as the head takes them. */
function differenceOf({ unit, scale }: PrincipalHead, rows: DenseRows, q: number, other: number): number {
  const [x, y] = [rowAt<"dense">(rows, q), rowAt<"dense">(rows, other)];
  const factorOf = (vector: Float32Array) => (unit ? 1 / (norm(vector) || 1) : scale);
  return squaredDifference(x, y, factorOf(x), factorOf(y));
}
