import { type Hash, Keys, type Probes } from "nearts";

/** Points of the grid on each side. */
export const GRID = 320;

/** The cells into which one table of a hash divides the plane, as a grid of points. */
export interface Cells {
  readonly table: number;
  /** For each point, row by row from the top left, the number of its cell. */
  readonly of: Uint32Array;
  /** The key of each cell. */
  readonly hi: readonly number[];
  readonly lo: readonly number[];
}

/** Asks the hash itself for the key of every point of the grid. */
export function cellsOf(hash: Hash, table: number): Cells {
  const keys = new Keys();
  hash.keys({ kind: "dense", dim: 2, count: GRID * GRID, values: gridPoints() }, keys);
  const numbers = new Map<string, number>();
  const [hi, lo]: [number[], number[]] = [[], []];
  const of = new Uint32Array(GRID * GRID);
  for (let e = 0; e < keys.count; e++) {
    if (keys.tables[e] !== table) continue;
    const key = `${keys.hi[e]} ${keys.lo[e]}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
      hi.push(keys.hi[e]);
      lo.push(keys.lo[e]);
    }
    of[keys.rows[e]] = number;
  }
  return { table, of, hi, lo };
}

/** Which cells the probes read: one flag a cell. */
export function probedCells(cells: Cells, probes: Probes): Uint8Array {
  const probed = new Uint8Array(cells.hi.length);
  for (let p = 0; p < probes.count; p++) {
    if (probes.tables[p] !== cells.table) continue;
    for (let c = 0; c < probed.length; c++) if (agree(cells, c, probes, p)) probed[c] = 1;
  }
  return probed;
}

function agree({ hi, lo }: Cells, c: number, probes: Probes, p: number): boolean {
  const bits = probes.prefixBits[p];
  const upper = bits >= 32 ? 0 : 32 - bits;
  const lower = bits >= 64 ? 0 : 64 - Math.max(32, bits);
  const same = (a: number, b: number, dropped: number) => dropped === 32 || (a ^ b) >>> dropped === 0;
  return same(hi[c], probes.hi[p], upper) && same(lo[c], probes.lo[p], lower);
}

/** The middles of the grid's squares, from the top left. */
function gridPoints(): Float32Array {
  const values = new Float32Array(2 * GRID * GRID);
  for (let i = 0; i < GRID * GRID; i++) {
    values[2 * i] = (2 * (i % GRID) + 1) / GRID - 1;
    values[2 * i + 1] = 1 - (2 * Math.floor(i / GRID) + 1) / GRID;
  }
  return values;
}
