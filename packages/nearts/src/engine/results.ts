import type { Candidates } from "../core/columns.js";
import type { Id, RowReader } from "../core/contracts.js";
import type { Kind, VectorOf } from "../core/rows.js";
import type { Neighbour, NeighbourColumns } from "./options.js";

/** Results as objects; `distance` only where it was measured. */
export function toNeighbours<Data, K extends Kind>(
  candidates: Candidates,
  reader: RowReader,
  includeVector: boolean,
): Neighbour<Data, K>[] {
  const results: Neighbour<Data, K>[] = [];
  for (let i = 0; i < candidates.count; i++) {
    const row = candidates.rows[i];
    const result: { id: Id; distance?: number; data?: Data; vector?: VectorOf<K> } = { id: reader.id(row) };
    if (candidates.measured) result.distance = candidates.distances[i];
    const text = reader.data(row);
    if (text !== undefined) result.data = JSON.parse(text) as Data; // what was stored under this engine's Data
    if (includeVector) result.vector = copyVector(reader.vector(row) as VectorOf<K>); // a storage of kind K holds nothing else
    results.push(result as Neighbour<Data, K>); // callers that measured nothing say so in their own type
  }
  return results;
}

/** Gathers the results of so many queries, which come in any order, as columns. */
export class ColumnCollector {
  readonly #ids: Id[] = [];
  readonly #distances: number[] = [];
  /** Where the results of each query begin, and how many there are. */
  readonly #starts: Uint32Array;
  readonly #counts: Uint32Array;

  constructor(queries: number) {
    this.#starts = new Uint32Array(queries);
    this.#counts = new Uint32Array(queries);
  }

  add(candidates: Candidates, reader: RowReader, q: number): void {
    this.#starts[q] = this.#ids.length;
    this.#counts[q] = candidates.count;
    const { rows, distances, measured, count } = candidates;
    // In loops of their own: ids lie scattered over memory, and short rounds wait for several of them at once.
    for (let i = 0; i < count; i++) this.#ids.push(reader.id(rows[i]));
    for (let i = 0; i < count; i++) this.#distances.push(measured ? distances[i] : Number.NaN);
  }

  columns(): NeighbourColumns {
    const offsets = new Uint32Array(this.#counts.length + 1);
    const ids = new Array<Id>(this.#ids.length);
    const distances = new Float64Array(ids.length);
    let next = 0;
    for (let q = 0; q < this.#counts.length; q++) {
      for (let from = this.#starts[q], end = from + this.#counts[q]; from < end; from++, next++) {
        ids[next] = this.#ids[from];
        distances[next] = this.#distances[from];
      }
      offsets[q + 1] = next;
    }
    return { ids, distances, offsets };
  }
}

/** An owned copy of a borrowed vector. */
export function copyVector<K extends Kind>(vector: VectorOf<K>): VectorOf<K>;
export function copyVector(vector: VectorOf): VectorOf {
  if (vector instanceof Float32Array) return vector.slice();
  if ("values" in vector) return { dim: vector.dim, indices: vector.indices.slice(), values: vector.values.slice() };
  if ("words" in vector) return { dim: vector.dim, words: vector.words.slice() };
  return { members: vector.members.slice() };
}
