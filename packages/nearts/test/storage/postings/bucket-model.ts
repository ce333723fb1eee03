import { Codes } from "../../../src/core/codes.js";
import { Keys } from "../../../src/core/columns.js";
import type { Random } from "../../../src/core/random.js";

/** A code as the model keeps it. */
export interface Code {
  readonly bytes: Uint8Array;
  readonly add: number;
  readonly scale: number;
  readonly error: number;
}

/** A bucket of the model. */
export interface ModelBucket {
  readonly table: number;
  readonly hi: number;
  readonly lo: number;
  readonly rows: Map<number, Code>;
}

/** Buckets as a map of maps: table and key → row → code. The plainest thing that postings have to agree with. */
export class BucketModel {
  readonly #keysPerTable: number;
  readonly #buckets = new Map<string, ModelBucket>();
  readonly #byRow = new Map<number, ModelBucket[]>();

  constructor(keysPerTable: number) {
    this.#keysPerTable = keysPerTable;
  }

  bucket(table: number, hi: number, lo: number): ModelBucket {
    const name = `${table}:${hi}:${lo}`;
    const bucket = this.#buckets.get(name) ?? { table, hi, lo, rows: new Map() };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** Buckets of a table that hold something. */
  filled(table: number): ModelBucket[] {
    return [...this.#buckets.values()].filter((bucket) => bucket.table === table && bucket.rows.size > 0);
  }

  add(row: number, keys: Keys, e: number, codes: Codes): void {
    const table = keys.tables[e];
    const bucket = this.bucket(table, keys.hi[e], keys.lo[e]);
    const held = this.#byRow.get(row) ?? [];
    if (bucket.rows.has(row) || held.filter((other) => other.table === table).length === this.#keysPerTable) return;
    const bytes = codes.bytes.slice(e * codes.bytesPerCode, (e + 1) * codes.bytesPerCode);
    bucket.rows.set(row, { bytes, add: codes.add[e], scale: codes.scale[e], error: codes.error[e] });
    this.#byRow.set(row, [...held, bucket]);
  }

  remove(row: number): void {
    for (const bucket of this.#byRow.get(row) ?? []) bucket.rows.delete(row);
    this.#byRow.delete(row);
  }

  clear(): void {
    this.#buckets.clear();
    this.#byRow.clear();
  }
}

/** Random keys for rows, some in few buckets and some in many, with one random code each. */
export function randomEntries(
  rows: readonly number[],
  tables: number,
  keysPerTable: number,
  groups: number,
  random: Random,
): { keys: Keys; codes: Codes } {
  const keys = new Keys();
  const codes = new Codes(groups);
  for (const row of rows) {
    for (let t = 0; t < tables; t++) {
      for (let j = 0; j < keysPerTable; j++) {
        const rare = random.below(3) === 0;
        keys.add(row, t, rare ? random.below(16) * 2 ** 28 : 0, rare ? random.below(20) : random.below(4));
        addCode(codes, random);
      }
    }
  }
  return { keys, codes };
}

/** Appends one random code. */
export function addCode(codes: Codes, random: Random): void {
  codes.reserve(1);
  const c = codes.count++;
  for (let i = 0; i < codes.bytesPerCode; i++) codes.bytes[c * codes.bytesPerCode + i] = random.below(256);
  codes.add[c] = random.uniform();
  codes.scale[c] = random.uniform();
  codes.error[c] = random.uniform() * 0.2;
}
