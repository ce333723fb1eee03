import type { Supply } from "../../core/dump.js";
import type { Arena } from "../../kernels/contract.js";
import { squaredNorm } from "./dense-rows.js";
import type { Page } from "./page.js";
import type { RowLayout, StoredShape } from "./row-layout.js";
import type { RowLengths } from "./row-lengths.js";

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
