import type { Codes } from "../../core/codes.js";
import type { Batch, Knowledge, Schema, SchemaHash } from "../../core/contracts.js";
import type { KeptHash } from "./kept.js";
import type { TaggedHash } from "./state.js";
import { StoredHash } from "./stored-hash.js";
import type { Table } from "./table.js";

/** The hashes whose entries are in the database, those that are being added too, by number. */
export class StoredHashes {
  /** The next tag to be given. */
  nextTag = 0;
  readonly #hashes = new Map<number, { readonly stored: StoredHash; readonly schema: SchemaHash }>();

  get(number: number): StoredHash | undefined {
    return this.#hashes.get(number)?.stored;
  }

  /** By number. */
  all(): Map<number, StoredHash> {
    return new Map(Array.from(this.#hashes, ([number, { stored }]) => [number, stored]));
  }

  /** Gives a hash a tag of its own, under which there are no entries. */
  add(table: Table<number>, number: number, schema: SchemaHash): StoredHash {
    const stored = new StoredHash(table, this.nextTag++, schema);
    this.#hashes.set(number, { stored, schema });
    return stored;
  }

  /** Has a hash tagged anew, as its entries are all to go; those under the old tag are removed. */
  renew(table: Table<number>, number: number, end: number): void {
    const known = this.#hashes.get(number);
    if (known === undefined) return;
    known.stored.remove(end);
    this.add(table, number, known.schema);
  }

  delete(number: number): void {
    this.#hashes.delete(number);
  }

  /** Begins anew with the hashes of a schema. */
  reset(table: Table<number>, { hashes }: Schema): void {
    this.#hashes.clear();
    for (const [number, hash] of hashes.entries()) this.add(table, number, hash);
  }

  /** Has these and no others; gives the numbers of those that go, and those that come. */
  adopt(kept: readonly KeptHash[]): { readonly gone: readonly number[]; readonly fresh: readonly KeptHash[] } {
    const stays = (number: number, tag: number) => kept.some((hash) => hash.number === number && hash.stored.tag === tag);
    const gone = [...this.#hashes].filter(([number, { stored }]) => !stays(number, stored.tag)).map(([number]) => number);
    for (const number of gone) this.#hashes.delete(number);
    const fresh = kept.filter(({ number }) => !this.#hashes.has(number));
    for (const { number, schema, stored } of fresh) this.#hashes.set(number, { stored, schema });
    return { gone, fresh };
  }

  /** Those in use: of the schema, and what the knowledge names. */
  inUse(schema: Schema, knowledge: Knowledge | null): TaggedHash[] {
    const learned = knowledge?.learned?.number;
    const used = [...this.#hashes].filter(([number, hash]) => number === learned || schema.hashes[number] === hash.schema);
    return used.map(([number, { stored }]) => ({ number, tag: stored.tag }));
  }

  /** Writes the entries of a batch whose row i has number `rows[i]`. */
  write(rows: Uint32Array, { keys, codes }: Batch): void {
    for (const [number, { stored }] of this.#hashes) stored.write(rows, keys[number], codesOf(codes, number));
  }

  /** Removes the entries of rows. */
  remove(rows: readonly number[]): void {
    const none = new Map(rows.map((row) => [row, nothing]));
    for (const { stored } of this.#hashes.values()) stored.update(none);
  }
}

const nothing = new Uint8Array(0);

function codesOf(codes: Batch["codes"], number: number): Codes | null {
  return codes?.[number] ?? null;
}
