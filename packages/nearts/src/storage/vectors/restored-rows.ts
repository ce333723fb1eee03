import type { Supply } from "../../core/dump.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { squaredNorm } from "./dense-rows.js";
import { Page } from "./page.js";
import type { RowLayout, StoredShape } from "./row-layout.js";
import type { RowLengths } from "./row-lengths.js";

/** Bytes of rows that are restored together. */
export const restoredBytes: number = 2 ** 20;

/** Fills parts of rows, each of one page, in order; `check` is called for each when it is there, while the next is read. */
export async function restoreParts(
  parts: Iterable<readonly [page: Page, from: number, to: number]>,
  rowBytes: number,
  supply: Supply,
  check: (page: Page, from: number, to: number) => void,
): Promise<void> {
  let checked = () => {};
  for (const [page, from, to] of parts) {
    const at = page.at(from % page.capacity);
    const reading = supply.fill(page.arena.views().u8.subarray(at, at + (to - from) * rowBytes));
    reading?.catch(() => {}); // heard below, unless the rows before are refused
    checked();
    if (reading !== undefined) await reading;
    checked = () => check(page, from, to);
  }
  checked();
}

/** As {@link restoreParts} for rows that are not kept as they come: they pass through memory for two parts, where `check` finds them and then `keep` their padded values. */
export async function restoreThrough(
  layout: RowLayout,
  rows: number,
  supply: Supply,
  check: (page: Page, from: number, to: number) => void,
  keep: (from: number, count: number, values: Float32Array) => void,
): Promise<void> {
  const { stride, rowBytes } = layout;
  const atOnce = Math.ceil(restoredBytes / rowBytes);
  const arena = createArena();
  const page = new Page(layout, new Page(layout, 0, arena).base + 2 * atOnce * rowBytes, arena);
  page.reserve(page.capacity);
  await restoreParts(partsThrough(page, rows, atOnce), rowBytes, supply, (_, from, to) => {
    check(page, from, to);
    const first = page.at(from % page.capacity) >>> 2;
    keep(from, to - from, page.arena.views().f32.subarray(first, first + (to - from) * stride));
  });
}

function* partsThrough(page: Page, rows: number, atOnce: number): Iterable<readonly [page: Page, from: number, to: number]> {
  for (let from = 0; from < rows; from += atOnce) yield [page, from, Math.min(rows, from + atOnce)];
}

/** What is wrong with the row at a byte offset of an arena; null where nothing is. */
type RowCheck = (at: number) => string | null;

/**
 * Checks rows `from … to)`, all of one page, right after they were restored, to be called in order: values are finite, what pads them is 0, and
 * `lengths` (null for bits) gets theirs. What the rows of `free`, ascending, hold is never read.
 */
export function rowChecker(
  layout: RowLayout,
  shape: StoredShape,
  lengths: RowLengths | null,
  free: Uint32Array,
  supply: Supply,
): (page: Page, from: number, to: number) => void {
  const squares = new Float64Array(1);
  let next = 0;
  return (page, from, to) => {
    lengths?.reserve(to);
    const check =
      lengths === null
        ? bitCheck(layout, shape.dim, page.arena)
        : layout.format === 0
          ? floatCheck(layout, page.arena, squares)
          : narrowCheck(layout, page, squares);
    let at = page.at(from % page.capacity);
    for (let row = from; row < to; row++, at += layout.rowBytes) {
      if (free[next] === row) {
        next++;
        if (lengths !== null) lengths.inverse[row] = Number.NaN;
        continue;
      }
      const fault = check(at);
      if (fault !== null) supply.refuse(`row ${row} ${fault}`);
      lengths?.set(row, Math.sqrt(squares[0]));
    }
  };
}

function floatCheck({ width, stride }: RowLayout, arena: Arena, squares: Float64Array): RowCheck {
  const { f32 } = arena.views();
  return (at) => floatFault(f32, at >>> 2, width, stride, squares);
}

/** Of rows that are not f32, as the kernels widen them. */
function narrowCheck({ format, width, stride }: RowLayout, page: Page, squares: Float64Array): RowCheck {
  const { f32 } = page.arena.views();
  return (at) => {
    if (format === 2 && !(f32[at >>> 2] > 0)) return `has the scale ${f32[at >>> 2]}, expected one over 0`;
    return floatFault(f32, page.widenedAt(at) >>> 2, width, stride, squares);
  };
}

function floatFault(f32: Float32Array, first: number, width: number, stride: number, squares: Float64Array): string | null {
  squares[0] = squaredNorm(f32, first, width);
  // Float64 sums of squares of finite float32 values are finite.
  if (!(squares[0] < Number.POSITIVE_INFINITY)) return "has a value that is no finite number";
  for (let i = first + width; i < first + stride; i++) if (f32[i] !== 0) return "has values beyond its dimension";
  return null;
}

function bitCheck({ width, stride }: RowLayout, dim: number, arena: Arena): RowCheck {
  const { u32 } = arena.views();
  const beyond = dim % 32 === 0 ? 0 : -1 << (dim % 32);
  return (at) => {
    const first = at >>> 2;
    let more = u32[first + width - 1] & beyond;
    for (let i = first + width; i < first + stride; i++) more |= u32[i];
    return more === 0 ? null : "has bits beyond its dimension";
  };
}
