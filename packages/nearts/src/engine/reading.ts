import { Candidates } from "../core/columns.js";
import type { Id, RowReader, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkId } from "../core/ids.js";
import { type Kind, rowAt, type VectorOf } from "../core/rows.js";
import { isLater, type Stored } from "./options.js";
import { copyVector, toNeighbours } from "./results.js";

/** Reads stored vectors by their ids. */
export class Reading<Data, K extends Kind> {
  readonly #storage: Storage;
  readonly #requireOpen: () => void;

  /** `requireOpen` throws once the engine is closed. */
  constructor(storage: Storage, requireOpen: () => void) {
    this.#storage = storage;
    this.#requireOpen = requireOpen;
  }

  /** The stored vectors with these ids, in order; undefined where there is none. */
  async many(ids: readonly Id[]): Promise<(Stored<Data, K> | undefined)[]> {
    const found: (Stored<Data, K> | undefined)[] = [];
    for (const id of ids) {
      const [first] = (await this.one(id, (candidates, reader) => toNeighbours<Data, K>(candidates, reader, true))) ?? [];
      found.push(first as Stored<Data, K> | undefined); // toNeighbours was asked for the vector
    }
    return found;
  }

  /** All stored vectors, block by block; those written or removed meanwhile may or may not come. */
  async *all(): AsyncIterable<Stored<Data, K>> {
    for await (const block of this.#storage.entries()) {
      this.#requireOpen();
      for (let i = 0; i < block.ids.length; i++) {
        const text = block.data[i];
        const vector = copyVector(rowAt(block.rows, i)) as VectorOf<K>; // a storage of kind K holds nothing else
        yield text === undefined ? { id: block.ids[i], vector } : { id: block.ids[i], vector, data: JSON.parse(text) as Data }; // stored under Data
      }
    }
  }

  /** What `read` makes of the one candidate that has this id; undefined where none has. */
  async one<T>(id: Id, read: (candidates: Candidates, reader: RowReader) => T): Promise<T | undefined> {
    const candidates = new Candidates();
    // No wait where the storage needs none: between finding a row and reading it, a delete and a store could give it to another id.
    const finding = this.#storage.find([id], candidates);
    if ((isLater(finding) ? await finding : finding) === 0) return undefined;
    const fetching = this.#storage.fetch(candidates);
    const reader = isLater(fetching) ? await fetching : fetching;
    return candidates.count === 1 && reader.id(candidates.rows[0]) === id ? read(candidates, reader) : undefined;
  }
}

/** The ids, checked and copied; E_BAD_ID for what is no list of ids, with the remedy. */
export function checkIds(ids: unknown, remedy = "give an array of ids"): Id[] {
  if (!Array.isArray(ids)) throw new NearError("E_BAD_ID", `ids is ${show(ids)}; ${remedy}`, {});
  return ids.map(checkId);
}
