import { Candidates } from "../core/columns.js";
import type { Id, Storage } from "../core/contracts.js";
import { contextOf } from "./finish.js";
import { gateOf } from "./gate.js";
import { isLater } from "./options.js";
import { turnTaker } from "./turns.js";
import type { CompiledWhere } from "./where.js";

/** Vectors removed before other events have their turn. */
const removedAtOnce = 16_384;

/** What a removal works on. */
export interface RemovalParts {
  readonly storage: Storage;
  /** Throws once the engine is closed. */
  readonly requireOpen: () => void;
  /** Told the ids of what was removed, right after. */
  readonly removed: (ids: readonly Id[]) => Promise<void>;
}

/** Removes vectors by id; says how many of them existed. */
export async function removeIds({ storage, requireOpen, removed: tell }: RemovalParts, ids: readonly Id[]): Promise<number> {
  const turn = turnTaker(undefined);
  const gate = gateOf(storage);
  let removed = 0;
  for (let from = 0; from < ids.length; from += removedAtOnce) {
    for (let batch = gate.wait(); batch !== undefined; batch = gate.wait()) await batch;
    requireOpen();
    const some = ids.slice(from, from + removedAtOnce);
    const existed = await storage.remove(some);
    const gone = some.filter((_, i) => existed[i]);
    removed += gone.length;
    await tell(gone);
    await turn();
  }
  return removed;
}

/** Removes the vectors whose data pass; says how many. Each is asked right before it is removed; vectors written meanwhile may or may not be asked. */
export async function removeWhere(parts: RemovalParts, where: CompiledWhere): Promise<number> {
  return parts.storage.resident === undefined ? removeByBlocks(parts, where) : removeByRows(parts, where);
}

async function removeByRows({ storage, requireOpen, removed: tell }: RemovalParts, where: CompiledWhere): Promise<number> {
  const { resident } = storage;
  const all = new Candidates();
  resident?.all(all, where.indexed === null ? undefined : resident.select?.(where.indexed));
  const turn = turnTaker(undefined);
  const gate = gateOf(storage);
  const some = new Candidates();
  let removed = 0;
  for (let from = 0; from < all.count; from += removedAtOnce) {
    for (let batch = gate.wait(); batch !== undefined; batch = gate.wait()) await batch;
    requireOpen();
    some.clear();
    for (let i = from; i < Math.min(all.count, from + removedAtOnce); i++) some.add(all.rows[i]);
    // No wait where the storage needs none; others may have written since the rows were listed, so that all of `where` is asked again.
    const fetching = storage.fetch(some);
    const context = contextOf(isLater(fetching) ? await fetching : fetching);
    const passing = Array.from(some.rows.subarray(0, some.count)).filter((row) => where.test(context.data(row), context.id(row)));
    const ids = passing.map((row) => context.id(row));
    const removing = storage.remove(ids);
    const existed = isLater(removing) ? await removing : removing;
    const gone = ids.filter((_, i) => existed[i]);
    removed += gone.length;
    await tell(gone);
    await turn();
  }
  return removed;
}

async function removeByBlocks(parts: RemovalParts, { test }: CompiledWhere): Promise<number> {
  let removed = 0;
  for await (const { ids, data } of parts.storage.entries()) {
    const passing = ids.filter((id, i) => {
      const text = data[i];
      return test(text === undefined ? undefined : (JSON.parse(text) as unknown), id);
    });
    removed += await removeIds(parts, passing);
  }
  return removed;
}
