import { Candidates } from "../../core/columns.js";
import type { Storage } from "../../core/contracts.js";
import { gather, type Kind, type Rows, rowAt, slice, type VectorOf } from "../../core/rows.js";
import { spread } from "../../numeric/spread.js";
import { isLater } from "../options.js";

/** Rows read at once. */
const blockRows = 256;

/** Some stored vectors with their row numbers. */
export interface StoredBlock {
  readonly numbers: Uint32Array;
  readonly vectors: Rows;
}

/** All stored vectors, block by block, with their row numbers: ascending where the storage is in this process's memory. */
export async function* storedBlocks(storage: Storage): AsyncIterable<StoredBlock> {
  const { resident } = storage;
  if (resident !== undefined) {
    const all = resident.rows();
    for (let from = 0; from < all.length; from += blockRows) {
      const { rows, vectors } = resident.gather(all.subarray(from, from + blockRows));
      if (rows.length > 0) yield { numbers: rows, vectors };
    }
    return;
  }
  const found = new Candidates();
  for await (const { rows, ids } of storage.entries()) {
    found.clear();
    const finding = storage.find(ids, found);
    const count = isLater(finding) ? await finding : finding;
    if (count === ids.length) yield { numbers: found.rows.slice(0, count), vectors: rows };
    else yield* oneByOne(storage, rows, ids);
  }
}

/** The vectors of a block of which some are gone: those that are there. */
async function* oneByOne(storage: Storage, rows: Rows, ids: readonly (string | number)[]): AsyncIterable<StoredBlock> {
  const found = new Candidates();
  for (let i = 0; i < ids.length; i++) {
    found.clear();
    if ((await storage.find([ids[i]], found)) === 1) yield { numbers: found.rows.slice(0, 1), vectors: slice(rows, i, i + 1) };
  }
}

/** About `count` stored vectors, spread over all; all where there are fewer. */
export async function sampleOf(storage: Storage, kind: Kind, dim: number, count: number): Promise<Rows> {
  const { resident, shared } = storage;
  if (resident !== undefined) {
    const all = resident.rows();
    return resident.gather(Uint32Array.from(spread(all.length, 0, count), (i) => all[i])).vectors;
  }
  const vectors: VectorOf[] = [];
  const blocks = shared === undefined ? storage.entries() : shared.sample(count);
  for await (const block of blocks) {
    const rows = "rows" in block ? block.rows : block;
    for (let i = 0; i < rows.count; i++) vectors.push(rowAt(rows, i));
    if (vectors.length >= count) break;
  }
  return gather(kind, dim, Math.min(count, vectors.length), (i) => vectors[i]);
}
