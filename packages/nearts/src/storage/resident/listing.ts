import type { Block, BucketView, Field, Id, RowReader } from "../../core/contracts.js";
import { gather } from "../../core/rows.js";
import type { HashTable } from "./hash-tables.js";
import type { RowTable } from "./row-table.js";

const blockRows = 1024;

/** As `Storage.buckets`. */
export async function* listBuckets(table: HashTable, idOf: (row: number) => Id): AsyncIterable<BucketView> {
  for (let t = 0; t < table.tables; t++) {
    // By key, as numbers may be given anew while the caller looks at a bucket.
    const keys = Array.from(table.sorted(t), (i) => [table.keyHi(t, i), table.keyLo(t, i)]);
    for (const [hi, lo] of keys) {
      const i = table.find(t, hi, lo);
      if (i < 0 || table.countAt(t, i) === 0) continue;
      yield { table: t, key: hex(hi) + hex(lo), ids: Array.from(table.rowsAt(t, i), idOf) };
    }
  }
}

/** As `Storage.entries`, of vectors of this field. */
export async function* listEntries(table: RowTable, reader: RowReader, field: Field | undefined): AsyncIterable<Block> {
  if (field === undefined) return;
  for (const living of table.blocks(blockRows)) {
    yield {
      rows: gather(field.kind, field.dim, living.length, (i) => reader.vector(living[i])),
      ids: living.map((row) => reader.id(row)),
      data: living.map((row) => reader.data(row)),
    };
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
