import { grown } from "../core/columns.js";
import { Perturbations } from "./perturbations.js";
import { kthSmallest } from "./select.js";

/** The vertices of a query's polytopes beside its own, and sets of them by ascending score: at most one a polytope, all of one table. */
export class OtherVertices {
  /** Of each alternative its polytope and its vertex. */
  polytope: Uint32Array = new Uint32Array(256);
  vertex: Uint32Array = new Uint32Array(256);
  #scores: Float32Array = new Float32Array(256);
  #count = 0;
  /** Where those of each table begin. */
  #starts: Uint32Array = new Uint32Array(0);

  // The polytopes as measured: where their values begin, their own vertices, and their largest magnitudes.
  #values: Float32Array = new Float32Array(1024);
  #gaps: Float32Array = new Float32Array(1024);
  #used = 0;
  #first: number[] = [];
  #own: number[] = [];
  #tops: number[] = [];

  readonly #perturbations = new Perturbations();

  /** Forgets the last query's polytopes. */
  begin(): void {
    this.#used = 0;
    this.#first.length = 0;
    this.#own.length = 0;
    this.#tops.length = 0;
  }

  /** Adds the next polytope: `size` values from `at` on, the vertex that is the query's own, and the largest magnitude. */
  measure(values: Float32Array, at: number, size: number, vertex: number, top: number): void {
    if (this.#used + size > this.#values.length) {
      const capacity = Math.max(this.#used + size, 2 * this.#values.length);
      this.#values = grown(this.#values, capacity);
      this.#gaps = grown(this.#gaps, capacity);
    }
    const start = this.#used;
    const [kept, gaps] = [this.#values, this.#gaps];
    for (let j = 0; j < size; j++) {
      const value = values[at + j];
      const gap = top - Math.abs(value);
      kept[start + j] = value;
      gaps[start + j] = gap * gap;
    }
    gaps[start + (vertex >>> 1)] = Number.POSITIVE_INFINITY;
    this.#first.push(start);
    this.#own.push(vertex);
    this.#tops.push(top);
    this.#used += size;
  }

  /** The sets of alternatives of `tables` tables of `perTable` polytopes each, the first `count` of which are right: those of one alternative alone are as many. */
  choose(tables: number, perTable: number, count: number): Perturbations {
    // No set among the first `count` has a member beyond the count-th alternative; vertices on the nearer side tell where that is at most.
    const limit = kthSmallest(this.#gaps, this.#used, count);
    if (this.#starts.length < tables) this.#starts = new Uint32Array(tables);
    this.#count = 0;
    this.#perturbations.begin();
    for (let t = 0; t < tables; t++) {
      const start = this.#count;
      this.#starts[t] = start;
      for (let p = t * perTable; p < (t + 1) * perTable; p++) this.#collect(p, limit);
      const scores = this.#scores.subarray(start, this.#count);
      this.#perturbations.addTable(t, scores, this.polytope.subarray(start, this.#count), scores.length, perTable);
    }
    return this.#perturbations;
  }

  /** Number of the alternative at a place in a table's list. */
  at(table: number, place: number): number {
    return this.#starts[table] + place;
  }

  #collect(p: number, limit: number): void {
    const [values, gaps] = [this.#values, this.#gaps];
    const [own, top] = [this.#own[p], this.#tops[p]];
    const first = this.#first[p];
    const end = p + 1 < this.#first.length ? this.#first[p + 1] : this.#used;
    for (let i = first; i < end; i++) {
      const sum = top + Math.abs(values[i]);
      const opposite = sum * sum <= limit;
      if (!(gaps[i] <= limit || opposite)) continue;
      const nearer = 2 * (i - first) + (values[i] > 0 ? 1 : 0);
      if (nearer !== own && gaps[i] <= limit) this.#add(p, nearer, gaps[i]);
      if (opposite) this.#add(p, nearer ^ 1, sum * sum);
    }
  }

  #add(p: number, vertex: number, score: number): void {
    if (this.#count === this.vertex.length) {
      const capacity = 2 * this.#count;
      this.polytope = grown(this.polytope, capacity);
      this.vertex = grown(this.vertex, capacity);
      this.#scores = grown(this.#scores, capacity);
    }
    this.polytope[this.#count] = p;
    this.vertex[this.#count] = vertex;
    this.#scores[this.#count++] = score;
  }
}
