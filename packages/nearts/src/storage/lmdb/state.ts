import { corrupt, seal, sealBytes, unseal } from "./records.js";

/** A hash in use: its number, and the tag under which its entries are kept. Tags are never given again, so that what belongs to no hash in use is known to be left over. */
export interface TaggedHash {
  readonly number: number;
  readonly tag: number;
}

/** What every commit leaves behind of the whole. */
export interface State {
  /** Number of the commit. */
  readonly seq: number;
  /** Changes whenever the knowledge does. */
  readonly generation: number;
  /** Integers below it are no ids to be reserved. */
  readonly nextId: number;
  /** Row numbers are below it; rows that hold a vector. */
  readonly end: number;
  readonly size: number;
  /** The next tag to be given. */
  readonly nextTag: number;
  /** The first commit that is in the journal, and bytes of the journal. */
  readonly journalFrom: number;
  readonly journalBytes: number;
  readonly hashes: readonly TaggedHash[];
}

export const firstState: State = {
  seq: 0,
  generation: 0,
  nextId: 0,
  end: 0,
  size: 0,
  nextTag: 0,
  journalFrom: 1,
  journalBytes: 0,
  hashes: [],
};

const numbers = ["seq", "generation", "nextId", "end", "size", "nextTag", "journalFrom", "journalBytes"] as const;
/** The number of the commit comes first, as it is what readers look at. */
const headBytes = sealBytes + 4 + numbers.length * 8;

/** As a record: behind the seal and 4 zeros the numbers as f64, then number and tag of each hash as f64, little-endian. */
export function stateRecord(state: State): Uint8Array {
  const record = new Uint8Array(headBytes + state.hashes.length * 16);
  const view = new DataView(record.buffer);
  for (const [i, name] of numbers.entries()) view.setFloat64(sealBytes + 4 + i * 8, state[name], true);
  state.hashes.forEach(({ number, tag }, i) => {
    view.setFloat64(headBytes + i * 16, number, true);
    view.setFloat64(headBytes + i * 16 + 8, tag, true);
  });
  return seal(record, 0);
}

/** E_CORRUPT for what is no state. */
export function stateOf(record: Uint8Array | null): State {
  if (record === null) throw corrupt("the index has no state", {});
  const body = unseal(record, 0, "the state of the index");
  if (body.length < headBytes - sealBytes || (body.length - headBytes + sealBytes) % 16 !== 0) {
    throw corrupt(`the state of the index has ${body.length} bytes`, { bytes: body.length });
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const hashes = Array.from({ length: (body.length - headBytes + sealBytes) / 16 }, (_, i) => ({
    number: countAt(view, headBytes - sealBytes + i * 16),
    tag: countAt(view, headBytes - sealBytes + i * 16 + 8),
  }));
  const values = numbers.map((_, i) => countAt(view, 4 + i * 8));
  const [seq, generation, nextId, end, size, nextTag, journalFrom, journalBytes] = values;
  return { seq, generation, nextId, end, size, nextTag, journalFrom, journalBytes, hashes };
}

/** The number of the commit alone, without a look at the rest: what readers ask for before every query. */
export function seqOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, record.byteLength).getFloat64(sealBytes + 4, true);
}

function countAt(view: DataView, at: number): number {
  const value = view.getFloat64(at, true);
  if (Number.isInteger(value) && value >= 0 && value <= 2 ** 53) return value;
  throw corrupt(`the state of the index holds ${value}, which is no count`, { value });
}
