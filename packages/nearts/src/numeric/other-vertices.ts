import { grown } from "../core/columns.js";
import { Perturbations } from "./perturbations.js";

/** An alternative's number takes so many bits of the 53 that float64 keeps exactly; a score, which is at most 4 in units of squared length, has 31. */
const numberBits = 22;
/** Into so many steps, up to the largest magnitude, gaps are sorted roughly. */
const steps = 256;

/** The vertices of a query's polytopes beside its own, and sets of them by ascending score: at most one a polytope, all of one table. */
export class OtherVertices {
  /** Of each alternative its polytope and its vertex. */
  polytope: Uint32Array = new Uint32Array(256);
  vertex: Uint32Array = new Uint32Array(256);
  #scores: Float32Array = new Float32Array(256);
  #keys: Float64Array = new Float64Array(256);
  #count = 0;
  /** Where those of each table begin. */
  #starts: Uint32Array = new Uint32Array(0);

  // The polytopes: the rotated values, where each begins and ends in them, their own vertices, and their largest magnitudes.
  #values: Float32Array = new Float32Array(0);
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];
  readonly #own: number[] = [];
  readonly #tops: number[] = [];

  readonly #histogram = new Uint32Array(steps + 1);
  readonly #perturbations = new Perturbations();

  /** Forgets the last query's polytopes; the next ones are of `values`, which stay as they are until the last alternative was read. */
  begin(values: Float32Array): void {
    this.#values = values;
    for (const list of [this.#firsts, this.#ends, this.#own, this.#tops]) list.length = 0;
  }

  /** Adds the next polytope: `size` values from `at` on, the vertex that is the query's own, and the largest magnitude. */
  add(at: number, size: number, vertex: number, top: number): void {
    this.#firsts.push(at);
    this.#ends.push(at + size);
    this.#own.push(vertex);
    this.#tops.push(top);
  }

  /**
   * The alternatives of tables of one polytope each, which are sets by themselves: their numbers, by ascending score, then by table. The first `count` are right;
   * borrowed until the next call. Null where there are too many for that.
   */
  inOrder(count: number): Float64Array | null {
    this.#count = 0;
    const limit = this.#limitFor(count);
    for (let p = 0; p < this.#firsts.length; p++) this.#collect(p, limit);
    if (this.#count > 2 ** numberBits) return null;
    if (this.#keys.length < this.#count) this.#keys = new Float64Array(this.vertex.length);
    const keys = this.#keys.subarray(0, this.#count);
    // Floats of at least 0 are in the order of their bits: by these, and among equals by their numbers, alternatives are sorted without a comparison function.
    const bits = new Uint32Array(this.#scores.buffer);
    for (let i = 0; i < keys.length; i++) keys[i] = bits[i] * 2 ** numberBits + i;
    keys.sort();
    for (let i = 0; i < keys.length; i++) keys[i] %= 2 ** numberBits;
    return keys;
  }

  /** The sets of alternatives of `tables` tables of `perTable` polytopes each, the first `count` of which are right: those of one alternative alone are as many. */
  choose(tables: number, perTable: number, count: number): Perturbations {
    // No set among the first `count` has a member beyond the count-th alternative.
    const limit = this.#limitFor(count);
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

  /** Score of an alternative. */
  score(alternative: number): number {
    return this.#scores[alternative];
  }

  /** A gap that at least `count` alternatives are within, and not many more: those on the nearer sides are counted by steps of it. */
  #limitFor(count: number): number {
    const histogram = this.#histogram.fill(0);
    const largest = this.#tops.reduce((most, top) => Math.max(most, top), 0);
    if (largest === 0) return 0;
    const scale = steps / largest;
    const values = this.#values;
    for (let p = 0; p < this.#firsts.length; p++) {
      const top = this.#tops[p];
      for (let i = this.#firsts[p]; i < this.#ends[p]; i++) histogram[((top - Math.abs(values[i])) * scale) >>> 0]++;
      histogram[0]--; // the query's own vertex
    }
    for (let step = 0, sum = 0; step <= steps; step++) {
      sum += histogram[step];
      if (sum >= count) return (step + 1.001) / scale; // a little more, for rounding
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Notes the alternatives of a polytope whose gaps are within `limit`. */
  #collect(p: number, limit: number): void {
    const values = this.#values;
    const [first, own, top] = [this.#firsts[p], this.#own[p], this.#tops[p]];
    const least = top - limit;
    for (let i = first; i < this.#ends[p]; i++) {
      const magnitude = Math.abs(values[i]);
      if (magnitude < least) continue;
      const nearer = 2 * (i - first) + (values[i] > 0 ? 1 : 0);
      if (nearer !== own) this.#note(p, nearer, top - magnitude);
      if (top + magnitude <= limit) this.#note(p, nearer ^ 1, top + magnitude);
    }
  }

  #note(p: number, vertex: number, gap: number): void {
    if (this.#count === this.vertex.length) {
      const capacity = 2 * this.#count;
      this.polytope = grown(this.polytope, capacity);
      this.vertex = grown(this.vertex, capacity);
      this.#scores = grown(this.#scores, capacity);
    }
    this.polytope[this.#count] = p;
    this.vertex[this.#count] = vertex;
    this.#scores[this.#count++] = gap * gap;
  }
}
