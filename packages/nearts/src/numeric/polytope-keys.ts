import type { Keys, Probes } from "../core/columns.js";
import type { Rows } from "../core/rows.js";
import { OtherVertices } from "./other-vertices.js";
import type { PolytopeLayout } from "./polytope-layout.js";
import type { Rotations } from "./rotations.js";

/**
 * Keys of one vertex a polytope: ± the unit vector nearest to some rotated values, which is that of the largest magnitude, the first of equals (Andoni et al. 2015,
 * section 3). Vertex 2·j + s is ± value j, s = 1 where it is positive; the key is the vertices' bits one after the other, the first the most significant.
 */
export class PolytopeKeys {
  readonly #rotations: Rotations;
  readonly #layout: PolytopeLayout;
  readonly #tables: number;
  readonly #key = new Uint32Array(2);
  /** The vertex of each polytope of the query, and the magnitude of its value. */
  readonly #vertices: Uint32Array;
  readonly #tops: Float32Array;
  readonly #others = new OtherVertices();

  constructor(rotations: Rotations, layout: PolytopeLayout) {
    this.#rotations = rotations;
    this.#layout = layout;
    this.#tables = layout.first.length / layout.perTable;
    this.#vertices = new Uint32Array(layout.first.length);
    this.#tops = new Float32Array(layout.first.length);
  }

  /** Appends the key of each row in each table. */
  keys(rows: Rows, out: Keys): void {
    out.reserve(rows.count * this.#tables);
    const { most } = this.#rotations;
    for (let from = 0; from < rows.count; from += most) {
      const to = Math.min(rows.count, from + most);
      const at = this.#rotations.turn(rows, from, to);
      const { values } = this.#rotations;
      for (let r = from; r < to; r++) {
        this.#find(values, at + (r - from) * this.#rotations.width);
        for (let t = 0; t < this.#tables; t++) {
          this.#pack(t);
          out.add(r, t, this.#key[0], this.#key[1]);
        }
      }
    }
  }

  /**
   * Appends each table's own bucket (score 0), then, while there are fewer than `budget`, those of other vertices, all tables pooled: the score is the sum of the
   * squared differences between the largest magnitude and the other vertex's value, in the units of the vectors (Andoni et al. 2015, section 5.1 and appendix).
   */
  probes(query: Rows, budget: number, out: Probes): void {
    const at = this.#rotations.turn(query, 0, 1);
    const { values } = this.#rotations;
    this.#find(values, at);
    const own = out.count;
    for (let t = 0; t < this.#tables; t++) {
      this.#pack(t);
      out.add(t, this.#key[0], this.#key[1], 0);
    }
    if (budget > this.#tables) this.#addOthers(values, at, budget - this.#tables, own, out);
  }

  /** The vertices of one vector, counted from 1 and with their signs, a table each: `17_-4`. */
  strings(vector: Rows): string[] {
    const at = this.#rotations.turn(vector, 0, 1);
    this.#find(this.#rotations.values, at);
    const { perTable } = this.#layout;
    return Array.from({ length: this.#tables }, (_, t) => {
      const vertices = this.#vertices.subarray(t * perTable, (t + 1) * perTable);
      return Array.from(vertices, (vertex) => `${vertex & 1 ? "" : "-"}${(vertex >>> 1) + 1}`).join("_");
    });
  }

  /** Finds the vertices of the row whose rotated values begin at `at`. */
  #find(values: Float32Array, at: number): void {
    const { first, sizes, perTable } = this.#layout;
    for (let p = 0; p < first.length; p++) {
      const begin = at + first[p];
      const end = begin + sizes[p % perTable];
      let [best, top] = [begin, Math.abs(values[begin])];
      for (let i = begin + 1; i < end; i++) {
        const magnitude = Math.abs(values[i]);
        if (magnitude > top) [best, top] = [i, magnitude];
      }
      this.#vertices[p] = 2 * (best - begin) + (values[best] > 0 ? 1 : 0);
      this.#tops[p] = top;
    }
  }

  #pack(t: number): void {
    const { perTable } = this.#layout;
    this.#key.fill(0);
    for (let f = 0; f < perTable; f++) this.#toggle(f, this.#vertices[t * perTable + f]);
  }

  /** Turns the bits of a vertex of polytope f in the key. */
  #toggle(f: number, vertex: number): void {
    const end = this.#layout.places[f] + this.#layout.widths[f];
    if (end <= 32) this.#key[0] ^= vertex << (32 - end);
    else {
      this.#key[0] ^= vertex >>> (end - 32);
      this.#key[1] ^= vertex << (64 - end);
    }
  }

  #addOthers(values: Float32Array, at: number, count: number, own: number, out: Probes): void {
    const { perTable, sizes, first } = this.#layout;
    const others = this.#others;
    others.begin(values);
    for (let p = 0; p < this.#vertices.length; p++) others.add(at + first[p], sizes[p % perTable], this.#vertices[p], this.#tops[p]);
    const inOrder = perTable === 1 ? others.inOrder(count) : null;
    if (inOrder !== null) return this.#addInOrder(inOrder.subarray(0, count), own, out);
    const perturbations = others.choose(this.#tables, perTable, count);
    for (let i = 0; i < count && perturbations.next(); i++) {
      const { table, members, size } = perturbations;
      this.#key[0] = out.hi[own + table];
      this.#key[1] = out.lo[own + table];
      for (let s = 0; s < size; s++) {
        const other = others.at(table, members[s]);
        const f = others.polytope[other] - table * perTable;
        this.#toggle(f, others.vertex[other] ^ this.#vertices[table * perTable + f]);
      }
      out.add(table, this.#key[0], this.#key[1], perturbations.score * this.#rotations.square);
    }
  }

  /** Adds the buckets of single alternatives, where each is a set. */
  #addInOrder(alternatives: Float64Array, own: number, out: Probes): void {
    const others = this.#others;
    for (const other of alternatives) {
      const table = others.polytope[other];
      this.#key[0] = out.hi[own + table];
      this.#key[1] = out.lo[own + table];
      this.#toggle(0, others.vertex[other] ^ this.#vertices[table]);
      out.add(table, this.#key[0], this.#key[1], others.score(other) * this.#rotations.square);
    }
  }
}
