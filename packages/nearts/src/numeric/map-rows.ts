import type { DenseRows } from "../core/rows.js";
import { type HeadParts, PrincipalHead } from "./principal-head.js";
import { leastShared, type Steps, sharedFloats } from "./steps.js";

/** Rows as a head maps them: as many values of each as it has directions. */
export interface MappedRows extends DenseRows {
  /** ‖x − origin‖² of each. */
  readonly squares: Float32Array;
}

/** What other threads map rows by: the rows, and what they are mapped to, in shared memory. */
export interface SharedMapping {
  readonly kind: "map";
  readonly head: HeadParts;
  readonly rows: DenseRows;
  readonly mapped: MappedRows;
}

/** Rows mapped between pauses: as many as take so many products, a few milliseconds. */
const mostInBlock = 64;
const pieceProducts = 8_000_000;

/** Maps rows, in pieces of a few milliseconds. */
export function* mapSteps(head: PrincipalHead, rows: DenseRows): Steps<MappedRows> {
  const { dim, count } = rows;
  const { size } = head;
  let mapped = roomFor(count, size, (length) => new Float32Array(length));
  const blocks = Math.ceil(count / blockRows(dim, size));
  const run = (block: number) => mapBlock(head, rows, mapped, block);
  const share = (): SharedMapping => {
    mapped = roomFor(count, size, (length) => new Float32Array(new SharedArrayBuffer(length * 4)));
    return { kind: "map", head: head.parts, rows: { ...rows, values: sharedFloats(rows.values) }, mapped };
  };
  if (count * dim * size >= leastShared && (yield { count: blocks, run, share }) === true) return mapped;
  for (let block = 0; block < blocks; block++) {
    run(block);
    yield;
  }
  return mapped;
}

/** Maps blocks of rows in another thread. */
export function mapperOf({ head: parts, rows, mapped }: SharedMapping): (block: number) => void {
  const head = new PrincipalHead(parts);
  return (block) => mapBlock(head, rows, mapped, block);
}

function roomFor(count: number, size: number, floats: (length: number) => Float32Array): MappedRows {
  return { kind: "dense", dim: size, count, values: floats(count * size), squares: floats(count) };
}

function mapBlock(head: PrincipalHead, rows: DenseRows, { values, squares }: MappedRows, block: number): void {
  const { size } = head;
  const atOnce = blockRows(rows.dim, size);
  const from = block * atOnce;
  const to = Math.min(rows.count, from + atOnce);
  values.set(head.map(rows, from, to).subarray(0, (to - from) * size), from * size);
  squares.set(head.squares.subarray(0, to - from), from);
}

function blockRows(dim: number, size: number): number {
  return Math.max(4, Math.min(mostInBlock, Math.floor(pieceProducts / (size * dim))));
}
