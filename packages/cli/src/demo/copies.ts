import { Engine, type Hash, RandomBinaryProjections, type SparseRows } from "nearts";
import { breathe } from "../search/breathe.js";
import { Progress } from "../terminal/progress.js";

/** Rows that are nearly the same. */
export interface CopyGroup {
  /** Ascending. */
  readonly rows: readonly number[];
  /** The largest distance by which two of them were joined. */
  readonly widest: number;
}

/** What the search for copies found and took, through buckets and exactly. */
export interface Copies {
  /** The largest first, ties by row. */
  readonly groups: readonly CopyGroup[];
  readonly bits: number;
  readonly tables: number;
  readonly byHash: Search;
  readonly exact: Search;
}

/** One search for all pairs. */
export interface Search {
  readonly pairs: number;
  readonly seconds: number;
}

const BITS = 12;
const TABLES = 10;

/** Groups the rows that a chain of cosine distances below `within` joins, by asking the buckets for every row's neighbours; and the same exactly, to compare. */
export async function findCopies(rows: SparseRows, within: number, signal: AbortSignal): Promise<Copies> {
  const groups = new Groups(rows.count);
  const hash = new RandomBinaryProjections({ name: "rbp", projections: BITS, tables: TABLES, seed: 1 });
  const byHash = await searchPairs(rows, [hash], within, signal, groups);
  const exact = await searchPairs(rows, [], within, signal);
  return { groups: groups.list(), bits: BITS, tables: TABLES, byHash, exact };
}

async function searchPairs(
  rows: SparseRows,
  hashes: readonly Hash[],
  within: number,
  signal: AbortSignal,
  groups?: Groups,
): Promise<Search> {
  const engine = new Engine({ dim: rows.dim, kind: "sparse", distance: "cosine", hashes });
  const progress = new Progress({ label: "looking for copies", unit: "files", total: rows.count });
  await engine.storeManyVectors(rows, { signal });
  const begun = performance.now();
  let found = 0;
  for (let row = 0; row < rows.count; row++) {
    const near = await engine.neighbours({ id: row }, { within, signal });
    for (const { id, distance } of near) groups?.join(row, Number(id), distance);
    found += near.length;
    progress.update(row + 1);
    if (row % 64 === 0) await breathe(signal);
  }
  const seconds = (performance.now() - begun) / 1000;
  progress.end();
  await engine.close();
  return { pairs: found / 2, seconds };
}

/** Rows joined into groups (Tarjan 1975, with path halving). */
class Groups {
  readonly #parents: Uint32Array;
  readonly #widest: Float64Array;

  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, row) => row);
    this.#widest = new Float64Array(count);
  }

  join(a: number, b: number, distance: number): void {
    const [first, second] = [this.#root(a), this.#root(b)].sort((x, y) => x - y);
    this.#parents[second] = first;
    this.#widest[first] = Math.max(this.#widest[first], this.#widest[second], distance);
  }

  list(): CopyGroup[] {
    const members = new Map<number, number[]>();
    for (let row = 0; row < this.#parents.length; row++) {
      const root = this.#root(row);
      const group = members.get(root);
      if (group === undefined) members.set(root, [row]);
      else group.push(row);
    }
    const groups = [...members].filter(([, rows]) => rows.length > 1);
    return groups
      .map(([root, rows]) => ({ rows, widest: this.#widest[root] }))
      .sort((a, b) => b.rows.length - a.rows.length || a.rows[0] - b.rows[0]);
  }

  #root(row: number): number {
    const parents = this.#parents;
    let at = row;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }
}
