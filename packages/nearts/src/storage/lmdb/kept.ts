import { configFromBytes } from "../../core/config-bytes.js";
import type { Knowledge, Schema, SchemaHash } from "../../core/contracts.js";
import type { Tables } from "./environment.js";
import { corrupt, unseal } from "./records.js";
import type { State } from "./state.js";
import { StoredHash } from "./stored-hash.js";

/** The schema of an index; null where it has none yet. */
export function keptSchema({ meta }: Tables): Schema | null {
  const record = meta.get("schema");
  return record === null ? null : (configFromBytes(unseal(record, 0, "the schema of the index")) as Schema); // made from one
}

/** The knowledge kept with an index, or null. */
export function keptKnowledge({ meta }: Tables): Knowledge | null {
  const record = meta.get("knowledge");
  return record === null ? null : (configFromBytes(unseal(record, 0, "the knowledge of the index")) as Knowledge); // made from some
}

/** A hash in use: its number, how it was added, and its entries. */
export interface KeptHash {
  readonly number: number;
  readonly schema: SchemaHash;
  readonly stored: StoredHash;
}

/** The hashes that a state names. E_CORRUPT where one of them is neither in the schema nor in the knowledge. */
export function keptHashes(tables: Tables, state: State, schema: Schema, knowledge: Knowledge | null): KeptHash[] {
  return state.hashes.map(({ number, tag }) => {
    const learned = knowledge?.learned;
    const known: SchemaHash | undefined = learned?.number === number ? learned.hash : schema.hashes[number];
    if (known === undefined) throw corrupt(`the index has entries of hash ${number} and does not know that hash`, { number });
    return { number, schema: known, stored: new StoredHash(tables.entries, tag, known) };
  });
}
