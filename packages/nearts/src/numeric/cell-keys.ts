import type { Keys, Probes } from "../core/columns.js";
import { NearError } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { mixInts } from "./bits.js";
import { Perturbations } from "./perturbations.js";
import { type Projector, projectedAtOnce } from "./projector.js";

/** What {@link CellKeys} are made of. */
export interface CellKeysOptions {
  readonly projector: Projector;
  /** Projections of a table. Table t's slot j is plane t · slots + j. */
  readonly slots: number;
  readonly tables: number;
  readonly binWidth: number;
  /** Where bin 0 of each projection begins, one for each plane: kept, not copied, so that it may be written later. 0 where not given. */
  readonly origins?: Float64Array;
  /** The price of crossing a border that is `gap` away, at least 0; its square where not given. */
  readonly price?: (gap: number) => number;
}

/** Keys of one integer a plane: ⌊(projection − origin) / width⌋ (Datar et al. 2004, section 3.1). The 64-bit key is a mix of a table's integers. */
export class CellKeys {
  readonly #projector: Projector;
  readonly #slots: number;
  readonly #tables: number;
  readonly #width: number;
  readonly #origins: Float64Array;
  readonly #price: (gap: number) => number;
  /** The cells of one row in all tables, and where in its cell it lies: 0 at the lower border, below 1. */
  readonly #cells: Float64Array;
  readonly #places: Float64Array;
  readonly #key = new Uint32Array(2);
  #steps: Steps | undefined;

  constructor({ projector, slots, tables, binWidth, origins = new Float64Array(slots * tables), price = square }: CellKeysOptions) {
    this.#projector = projector;
    this.#slots = slots;
    this.#tables = tables;
    this.#width = binWidth;
    this.#origins = origins;
    this.#price = price;
    this.#cells = new Float64Array(slots * tables);
    this.#places = new Float64Array(slots * tables);
  }

  /** Appends the key of each row in each table. E_LIMIT for a cell beyond ±(2⁵³ − 1). */
  keys(rows: Rows, out: Keys): void {
    this.#projector.opening.check(rows);
    out.reserve(rows.count * this.#tables);
    for (let from = 0; from < rows.count; from += projectedAtOnce) {
      const to = Math.min(rows.count, from + projectedAtOnce);
      const values = this.#projector.project(rows, from, to);
      for (let r = from; r < to; r++) this.#addKeys(values, r - from, r, out);
    }
  }

  /**
   * Appends each table's own bucket (score 0), then, while there are fewer than `budget`, the buckets one cell beside it in the slots nearest to a border,
   * all tables pooled: the score is the sum of the prices of the borders crossed (Lv et al. 2007, section 4.4). E_LIMIT as `keys`.
   */
  probes(query: Rows, budget: number, out: Probes): void {
    this.#locateOne(query);
    for (let t = 0; t < this.#tables; t++) {
      mixInts(this.#cells, this.#slots, this.#key, t * this.#slots);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
    if (budget > this.#tables) this.#addStepped(budget - this.#tables, out);
  }

  /** The keys of one vector as integers joined by `_`, a table each. E_LIMIT as `keys`. */
  strings(vector: Rows): string[] {
    this.#locateOne(vector);
    return Array.from({ length: this.#tables }, (_, t) => this.#cells.subarray(t * this.#slots, (t + 1) * this.#slots).join("_"));
  }

  #addKeys(values: Float32Array, r: number, row: number, out: Keys): void {
    this.#locate(values, r * this.#cells.length);
    for (let t = 0; t < this.#tables; t++) {
      mixInts(this.#cells, this.#slots, this.#key, t * this.#slots);
      out.add(row, t, this.#key[0], this.#key[1]);
    }
  }

  #locateOne(vector: Rows): void {
    this.#projector.opening.checkOne(vector);
    this.#locate(this.#projector.project(vector, 0, 1), 0);
  }

  /** Finds the cells of the row whose projections begin at `at`. */
  #locate(values: Float32Array, at: number): void {
    for (let p = 0; p < this.#cells.length; p++) {
      const place = (values[at + p] - this.#origins[p]) / this.#width;
      const cell = Math.floor(place);
      if (!(Math.abs(cell) <= Number.MAX_SAFE_INTEGER)) refuseCell(values[at + p], this.#width);
      this.#cells[p] = cell;
      this.#places[p] = place - cell;
    }
  }

  #addStepped(count: number, out: Probes): void {
    this.#steps ??= new Steps(this.#slots);
    const { perturbations, scores, coordinates } = this.#steps;
    perturbations.begin();
    for (let t = 0; t < this.#tables; t++) {
      this.#score(t * this.#slots, scores);
      perturbations.addTable(t, scores, coordinates, scores.length);
    }
    for (let i = 0; i < count && perturbations.next(); i++) {
      const { table, members, size } = perturbations;
      const first = table * this.#slots;
      for (let s = 0; s < size; s++) this.#cells[first + (members[s] >>> 1)] += direction(members[s]);
      mixInts(this.#cells, this.#slots, this.#key, first);
      for (let s = 0; s < size; s++) this.#cells[first + (members[s] >>> 1)] -= direction(members[s]);
      out.add(table, this.#key[0], this.#key[1], perturbations.score);
    }
  }

  #score(first: number, scores: Float64Array): void {
    for (let j = 0; j < this.#slots; j++) {
      const below = this.#places[first + j] * this.#width;
      const above = (1 - this.#places[first + j]) * this.#width;
      scores[2 * j] = this.#price(below);
      scores[2 * j + 1] = this.#price(above);
    }
  }
}

/** The steps from one cell of a table to those beside it: step 2j is slot j down, step 2j + 1 is slot j up. */
class Steps {
  readonly perturbations: Perturbations = new Perturbations();
  readonly scores: Float64Array;
  readonly coordinates: Uint32Array;

  constructor(slots: number) {
    this.scores = new Float64Array(2 * slots);
    this.coordinates = Uint32Array.from({ length: 2 * slots }, (_, step) => step >>> 1);
  }
}

function square(gap: number): number {
  return gap * gap;
}

function direction(step: number): number {
  return step & 1 ? 1 : -1;
}

function refuseCell(projection: number, binWidth: number): never {
  const limit = Number.MAX_SAFE_INTEGER;
  const message = `a projection of ${projection} in bins of ${binWidth} is in a cell beyond ±${limit}: use wider bins or scale the vectors down`;
  throw new NearError("E_LIMIT", message, { projection, binWidth, limit });
}
