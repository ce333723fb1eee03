import type { Supply } from "../../core/dump.js";
import { squaredNorm } from "./dense-rows.js";
import type { StoredShape } from "./row-layout.js";
import type { RowLengths } from "./row-lengths.js";
import type { RowPages } from "./row-pages.js";

/**
 * What checks rows `from … to)` right after they were restored, to be called in order: values are finite, what pads them is 0, and `lengths` (null for bits)
 * gets theirs. What the rows of `free`, ascending, hold is never read.
 */
export function checkRows(
  pages: RowPages,
  shape: StoredShape,
  lengths: RowLengths | null,
  free: Uint32Array,
  supply: Supply,
): (from: number, to: number) => void {
  const checkRow = lengths === null ? bitChecker(pages, shape.dim) : denseChecker(pages, lengths);
  let next = 0;
  return (from, to) => {
    lengths?.reserve(to);
    for (let row = from; row < to; row++) {
      if (free[next] === row) {
        next++;
        if (lengths !== null) lengths.inverse[row] = Number.NaN;
        continue;
      }
      const fault = checkRow(row);
      if (fault !== null) supply.refuse(`row ${row} ${fault}`);
    }
  };
}

type RowChecker = (row: number) => string | null;

function denseChecker(pages: RowPages, lengths: RowLengths): RowChecker {
  const { format, width, stride } = pages.layout;
  return (row) => {
    const page = pages.of(row);
    const at = page.at(row % page.capacity);
    const views = page.arena.views();
    if (format === 2 && !(views.f32[at >>> 2] > 0)) return `has the scale ${views.f32[at >>> 2]}, expected one over 0`;
    const first = page.floatsAt(row % page.capacity) >>> 2;
    const { f32 } = page.arena.views();
    // Float64 sums of squares of finite float32 values are finite.
    const square = squaredNorm(f32, first, width);
    if (!Number.isFinite(square)) return "has a value that is no finite number";
    for (let i = first + width; i < first + stride; i++) if (f32[i] !== 0) return "has values beyond its dimension";
    lengths.set(row, Math.sqrt(square));
    return null;
  };
}

function bitChecker(pages: RowPages, dim: number): RowChecker {
  const { width, stride } = pages.layout;
  const beyond = dim % 32 === 0 ? 0 : -1 << (dim % 32);
  return (row) => {
    const page = pages.of(row);
    const first = page.at(row % page.capacity) >>> 2;
    const { u32 } = page.arena.views();
    let more = u32[first + width - 1] & beyond;
    for (let i = first + width; i < first + stride; i++) more |= u32[i];
    return more === 0 ? null : "has bits beyond its dimension";
  };
}
