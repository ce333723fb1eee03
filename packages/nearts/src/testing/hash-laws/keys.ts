import { Keys } from "../../core/columns.js";
import type { Hash } from "../../core/contracts.js";
import { asSparse } from "../../core/convert.js";
import { type Rows, type SparseRows, slice } from "../../core/rows.js";
import { expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { forEachRow, type HashSubject, keysOf, keyText, listKeys, opened, sample } from "./subject.js";

/** What storing promises. */
export const keyLaws: readonly Law<HashSubject>[] = [
  { name: "the same vector always has the same keys", check: deterministic },
  { name: "a batch has the keys of its rows one by one, rows ascending", check: batches },
  { name: "keys are appended, and an empty batch appends none", check: appends },
  { name: "a vector has keys in each table, distinct and no more than keysPerTable", check: staysInTables },
  { name: "rows are neither changed nor kept", check: borrows },
  {
    name: "a sparse vector has the keys of the same dense vector",
    applies: ({ kind, create }) => kind === "dense" && create().kinds.includes("sparse"),
    check: sparseAsDense,
  },
  { name: "its texts are one a table, equal where the keys are equal", check: texts },
  { name: "opening again for the same shape changes nothing", check: opensAgain },
];

function deterministic(subject: HashSubject): void {
  const rows = sample(subject);
  const [first, second] = [opened(subject), opened(subject)];
  const keys = listKeys(keysOf(first, rows));
  keysOf(second, sample(subject, 10, 2)); // other vectors in between must not matter
  expectSame(listKeys(keysOf(second, rows)), keys, "keys by a second instance");
  expectSame(listKeys(keysOf(first, rows)), keys, "keys by the first instance again");
}

function batches(subject: HashSubject): void {
  const hash = opened(subject);
  const rows = sample(subject);
  const singly = Array.from({ length: rows.count }, (_, i) => listKeys(keysOf(hash, slice(rows, i, i + 1)), i));
  for (const [from, to] of [
    [0, rows.count],
    [0, 2],
    [1, 64],
    [3, 68],
    [rows.count - 65, rows.count],
  ]) {
    const keys = keysOf(hash, slice(rows, from, to));
    expectSame(listKeys(keys, from), singly.slice(from, to).flat(), `keys of rows ${from} to ${to} at once`);
    const { count, rows: numbers } = keys;
    for (let e = 1; e < count; e++)
      expectThat(numbers[e] >= numbers[e - 1], `row of entry ${e}, rows ascending`, numbers[e], `at least ${numbers[e - 1]}`);
  }
}

function appends(subject: HashSubject): void {
  const hash = opened(subject);
  const rows = sample(subject, 3);
  const out = new Keys();
  out.add(9, 8, 7, 6);
  hash.keys(slice(rows, 0, 0), out);
  expectSame(out.count, 1, "entries after an empty batch");
  hash.keys(rows, out);
  expectSame(listKeys(out), [`9 8 ${keyText(7, 6)}`, ...listKeys(keysOf(hash, rows))], "entries after those that were there");
}

function staysInTables(subject: HashSubject): void {
  const hash = opened(subject);
  const rows = sample(subject);
  const keys = keysOf(hash, rows);
  const { keysPerTable = 1 } = hash;
  const held = new Map<string, Set<string>>();
  for (let e = 0; e < keys.count; e++) {
    expectThat(keys.tables[e] < hash.tables, `table of entry ${e}`, keys.tables[e], `below ${hash.tables}`);
    const place = `row ${keys.rows[e]}, table ${keys.tables[e]}`;
    const known = held.get(place) ?? new Set();
    const key = keyText(keys.hi[e], keys.lo[e]);
    expectThat(!known.has(key), `keys of ${place}`, `${key} twice`, "each once");
    held.set(place, known.add(key));
    expectThat(known.size <= keysPerTable, `keys of ${place}`, known.size, `at most ${keysPerTable}`);
  }
  expectSame(held.size, rows.count * hash.tables, "pairs of row and table that have keys");
}

function borrows(subject: HashSubject): void {
  const hash = opened(subject);
  const rows = sample(subject, 5);
  const before = structuredClone(rows);
  const keys = listKeys(keysOf(hash, rows));
  expectSame(rows, before, "the rows after they were hashed");
  const values = valuesOf(rows);
  values.reverse(); // whoever passes rows may use their buffers again
  expectSame(listKeys(keysOf(hash, before)), keys, "keys of a copy, the first rows overwritten");
}

function sparseAsDense(subject: HashSubject): void {
  const rows = sample(subject);
  const dense = listKeys(keysOf(opened(subject), rows));
  const hash = subject.create();
  hash.open({ kind: "sparse", dim: subject.dim });
  expectSame(listKeys(keysOf(hash, asSparse(rows))), dense, "keys of the sparse rows");
  expectSame(listKeys(keysOf(hash, withAllZeros(rows, subject.dim))), dense, "keys of sparse rows that list their zeros");
}

async function texts(subject: HashSubject): Promise<void> {
  const hash = opened(subject);
  const textOf = new Map<string, string>();
  const keyOf = new Map<string, string>();
  await forEachRow(sample(subject), (row, i) => {
    const strings = hash.bucketKeys(row);
    expectSame(strings.length, hash.tables, `texts of row ${i}`);
    if ((hash.keysPerTable ?? 1) === 1) matchTexts(hash, row, strings, textOf, keyOf);
  });
}

function matchTexts(hash: Hash, row: Rows, strings: readonly string[], textOf: Map<string, string>, keyOf: Map<string, string>): void {
  const keys = keysOf(hash, row);
  for (let e = 0; e < keys.count; e++) {
    const table = keys.tables[e];
    const key = `${table} ${keyText(keys.hi[e], keys.lo[e])}`;
    const text = `${table} ${strings[table]}`;
    expectSame(textOf.get(key) ?? text, text, `text of the key ${key}`);
    expectSame(keyOf.get(text) ?? key, key, `key of the text ${text}`);
    textOf.set(key, text);
    keyOf.set(text, key);
  }
}

function opensAgain(subject: HashSubject): void {
  const hash = opened(subject);
  const rows = sample(subject);
  const keys = listKeys(keysOf(hash, rows));
  expectSame(listKeys(keysOf(opened(subject, hash), rows)), keys, "keys after opening again");
}

function valuesOf(rows: Rows): Float32Array | Uint32Array {
  if (rows.kind === "bits") return rows.words;
  return rows.kind === "set" ? rows.members : rows.values;
}

/** Dense rows as sparse rows in which every index is listed, zeros included. */
function withAllZeros(rows: Rows, dim: number): SparseRows {
  const { count } = rows;
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * dim);
  const indices = Uint32Array.from({ length: count * dim }, (_, i) => i % dim);
  return { kind: "sparse", dim, count, offsets, indices, values: valuesOf(rows) as Float32Array }; // of dense rows these are floats
}
