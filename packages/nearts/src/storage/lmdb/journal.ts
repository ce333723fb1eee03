import { corrupt, seal, sealBytes, unseal } from "./records.js";
import type { State } from "./state.js";
import type { Table } from "./table.js";

/** Bytes of the journal that are kept: a reader that is further behind begins anew. */
const keptBytes = 4 * 2 ** 20;

/** What a commit changed: these rows, or everything. */
export type Changed = readonly number[] | "everything";

/** Notes what commit `state.seq` + 1 changes; returns the state with the journal as it is then. */
export function note(table: Table<number>, state: State, changed: Changed): State {
  const seq = state.seq + 1;
  const record = recordOf(changed, seq);
  table.put(seq, record);
  let { journalFrom, journalBytes } = state;
  journalBytes += record.length;
  while (journalBytes > keptBytes && journalFrom < seq) {
    journalBytes -= table.get(journalFrom)?.length ?? 0;
    table.put(journalFrom++, null);
  }
  return { ...state, seq, journalFrom, journalBytes };
}

/** What the commits behind `seq`, up to that of `state`, changed together; "everything" where not all of them are known. */
export function changedSince(table: Table<number>, seq: number, state: State): Changed {
  if (seq + 1 < state.journalFrom) return "everything";
  const rows = new Set<number>();
  for (let next = seq + 1; next <= state.seq; next++) {
    const changed = changedBy(table, next);
    if (changed === "everything") return changed;
    for (const row of changed) rows.add(row);
  }
  return [...rows].sort((a, b) => a - b);
}

/** E_CORRUPT where it is damaged. */
export function changedBy(table: Table<number>, seq: number): Changed {
  const record = table.get(seq);
  if (record === null) return "everything";
  const body = unseal(record, seq, `the journal of commit ${seq}`);
  if (body.length % 4 !== 0 || body.length === 0) throw corrupt(`the journal of commit ${seq} has ${body.length} bytes`, { seq });
  const words = new Uint32Array(body.buffer, body.byteOffset, body.length >>> 2);
  return words[0] === 1 ? "everything" : [...words.subarray(1)];
}

/** A word that is 1 for everything, then the rows. */
function recordOf(changed: Changed, seq: number): Uint8Array {
  const rows = changed === "everything" ? [] : changed;
  const record = new Uint8Array(sealBytes + 4 + rows.length * 4);
  const words = new Uint32Array(record.buffer, sealBytes);
  words[0] = changed === "everything" ? 1 : 0;
  words.set(rows, 1);
  return seal(record, seq);
}
