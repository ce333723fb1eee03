/** What bands are chosen for. */
export interface BandsRequest {
  /** Distances of those that are to be found. */
  readonly near: ArrayLike<number>;
  /** How many distances between sets drawn at random lie in each of {@link histogramBins} equal parts of 0 to 1. */
  readonly histogram: ArrayLike<number>;
  /** Sets that are stored, and members of a set, about. */
  readonly size: number;
  readonly members: number;
  /** Share of the near that is to be found. */
  readonly recall: number;
  /** Nanoseconds of the machine; usual ones when not given. */
  readonly cost?: BandCosts;
}

/** What the parts of a query take, in nanoseconds. */
export interface BandCosts {
  /** Finding one value of the query. */
  readonly value: number;
  /** Looking up one bucket. */
  readonly bucket: number;
  /** Reading one entry of a bucket. */
  readonly entry: number;
  /** Comparing the query with one set. */
  readonly measured: number;
}

/** Bands with what is expected of them. */
export interface Bands {
  /** Values of a key, and keys of a set. */
  readonly rows: number;
  readonly tables: number;
  /** Share of the near that is found. */
  readonly recall: number;
  /** Different sets that a query is compared with. */
  readonly candidates: number;
  /** Nanoseconds of a query. */
  readonly nanos: number;
}

/** Parts into which distances are counted. */
export const histogramBins = 1024;

const mostRows = 32;
const mostTables = 128;
/** As a sample knows the recall but about, a little more is aimed at. */
const margin = 0.25;

/** What a query takes on a usual machine, by sets of so many members. */
export function usualCosts(members: number): BandCosts {
  return { value: 15 + members * 0.03, bucket: 150, entry: 6, measured: 60 + members * 1.2 };
}

/** The cheapest bands that find so much of what is near: all are tried. Null where none do, or comparing with all sets costs no more. */
export function bandsFor(request: BandsRequest): Bands | null {
  const { size, members, recall, cost = usualCosts(members) } = request;
  const wanted = recall + (1 - recall) * margin;
  let best: Bands | null = null;
  for (let rows = 1; rows <= mostRows; rows++) {
    const tables = tablesFor(request.near, rows, wanted);
    if (tables === null) break;
    const bands = expected(request, rows, tables, cost);
    if (best === null || bands.nanos < best.nanos) best = bands;
  }
  return best === null || best.nanos >= size * cost.measured ? null : best;
}

/** The fewest tables that find so much; null where too many would be needed. */
function tablesFor(near: ArrayLike<number>, rows: number, wanted: number): number | null {
  if (foundOf(near, rows, mostTables) < wanted) return null;
  let [low, high] = [1, mostTables];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (foundOf(near, rows, middle) >= wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The share of what is so near that some of the tables brings together. */
function foundOf(near: ArrayLike<number>, rows: number, tables: number): number {
  let sum = 0;
  for (let i = 0; i < near.length; i++) sum += 1 - (1 - (1 - near[i]) ** rows) ** tables;
  return near.length === 0 ? 1 : sum / near.length;
}

function expected({ near, histogram, size }: BandsRequest, rows: number, tables: number, cost: BandCosts): Bands {
  let [read, measured, compared] = [0, 0, 0];
  for (let bin = 0; bin < histogramBins; bin++) {
    // The last is mostly of sets that have nothing in common.
    const distance = bin === histogramBins - 1 ? 1 : (bin + 0.5) / histogramBins;
    const share = (1 - distance) ** rows;
    read += histogram[bin] * share;
    measured += histogram[bin] * (1 - (1 - share) ** tables);
    compared += histogram[bin];
  }
  const perSet = size / Math.max(1, compared);
  const candidates = measured * perSet;
  const nanos = tables * (rows * cost.value + cost.bucket) + tables * read * perSet * cost.entry + candidates * cost.measured;
  return { rows, tables, recall: foundOf(near, rows, tables), candidates, nanos };
}
