import { Codes } from "../../core/codes.js";
import { Keys } from "../../core/columns.js";
import { type Rows, slice } from "../../core/rows.js";
import { expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { codesOf, keysOf, listCodes, normalRows, opened, type SketchSubject } from "./subject.js";

/** What encoding promises. */
export const sketchCodeLaws: readonly Law<SketchSubject>[] = [
  { name: "the same vector always has the same code", check: deterministic },
  { name: "a batch has the codes of its rows one by one", check: batches },
  { name: "codes are appended, one for each entry of the keys, and an empty batch appends none", check: appends },
  { name: "rows are neither changed nor kept", check: borrows },
  { name: "factors are finite at every dimension, for zero vectors, equal ones, and very short and long ones", check: finite },
];

function deterministic(subject: SketchSubject): void {
  const rows = normalRows(subject, 70, 1);
  const [first, second] = [opened(subject), opened(subject)];
  const codes = listCodes(codesOf(subject, first, rows));
  codesOf(subject, second, normalRows(subject, 10, 2)); // other vectors in between must not matter
  expectSame(listCodes(codesOf(subject, second, rows)), codes, "codes by a second instance");
  expectSame(listCodes(codesOf(subject, first, rows)), codes, "codes by the first instance again");
}

function batches(subject: SketchSubject): void {
  const sketch = opened(subject);
  const rows = normalRows(subject, 70, 3);
  const together = listCodes(codesOf(subject, sketch, rows));
  const singly = together.map((_, r) => listCodes(codesOf(subject, sketch, slice(rows, r, r + 1)))[0]);
  expectSame(together, singly, "codes of a batch");
  expectSame(listCodes(codesOf(subject, sketch, slice(rows, 3, 68))), singly.slice(3, 68), "codes of rows 3 to 68");
}

function appends(subject: SketchSubject): void {
  const sketch = opened(subject);
  const rows = normalRows(subject, 9, 4);
  const codes = listCodes(codesOf(subject, sketch, rows));
  const nearest = keysOf(subject, rows);
  const keys = new Keys();
  for (const row of [0, 0, 4, 8, 8, 8]) keys.add(row, 0, 0, nearest.lo[row]);
  const out = new Codes(sketch.groups);
  sketch.encode(rows, keys, out);
  sketch.encode(slice(rows, 0, 0), new Keys(), out);
  sketch.encode(rows, keys, out);
  const expected = [0, 0, 4, 8, 8, 8].map((row) => codes[row]);
  expectSame(listCodes(out), [...expected, ...expected], "codes of chosen entries, twice");
}

function borrows(subject: SketchSubject): void {
  const sketch = opened(subject);
  const rows = normalRows(subject, 5, 5);
  if (rows.kind !== "dense" && rows.kind !== "sparse") return;
  const before = rows.values.slice();
  const codes = codesOf(subject, sketch, rows);
  const listed = listCodes(codes);
  expectSame(rows.values, before, "values of the rows");
  rows.values.fill(7);
  expectSame(listCodes(codes), listed, "codes after the rows were overwritten");
}

function finite(subject: SketchSubject): void {
  for (const dim of subject.dims) {
    const sketch = opened(subject, dim);
    for (const [what, length] of [
      ["usual", 1],
      ["zero", 0],
      ["short", 1e-30],
      ["long", 1e30],
    ] as const) {
      const rows = normalRows(subject, 3, 6, dim, () => length);
      check(codesOf(subject, sketch, rows), `${what} vectors of ${dim} dimensions`);
    }
    const equal = equalRows(normalRows(subject, 1, 7, dim));
    const [first, ...others] = listCodes(codesOf(subject, sketch, equal));
    for (const code of others) expectSame(code, first, `codes of equal vectors of ${dim} dimensions`);
  }
}

function check(codes: Codes, what: string): void {
  for (let e = 0; e < codes.count; e++) {
    const [add, scale, error] = [codes.add[e], codes.scale[e], codes.error[e]];
    expectThat(Number.isFinite(add), `add of ${what}`, add, "a finite number");
    expectThat(Number.isFinite(scale) && scale >= 0, `scale of ${what}`, scale, "a finite number of at least 0");
    expectThat(Number.isFinite(error) && error >= 0, `error of ${what}`, error, "a finite number of at least 0");
  }
}

function equalRows(one: Rows): Rows {
  if (one.kind === "dense") {
    const values = new Float32Array(one.dim * 4);
    for (let r = 0; r < 4; r++) values.set(one.values, r * one.dim);
    return { ...one, count: 4, values };
  }
  return one;
}
