/** Where the polytopes of a hash lie in its rotated vectors, and their vertices in its keys: columns, a table's polytopes one after the other. */
export interface PolytopeLayout {
  /** Rotations that all polytopes together need. */
  readonly rotations: number;
  /** Polytopes of a table. */
  readonly perTable: number;
  /** Values of polytope f of any table, a power of two. */
  readonly sizes: readonly number[];
  /** Bits of its vertex: one of 2 · size. */
  readonly widths: readonly number[];
  /** Where these begin in a key. */
  readonly places: readonly number[];
  /** The first of the rotated values that polytope f of table t takes, at t·perTable + f. */
  readonly first: Uint32Array;
}

/** The smallest power of two that is at least n ≥ 1. */
export function powerOfTwoFor(n: number): number {
  return 2 ** (32 - Math.clz32(n - 1));
}

/** Sizes of the polytopes whose vertices make `bits` bits: as many of `dimension` values as fit, and a last one of fewer for the bits that are left (Andoni et al. 2015, section 5). */
export function polytopeSizes(bits: number, dimension: number): number[] {
  const width = Math.log2(2 * dimension);
  const whole = Math.floor(bits / width);
  const left = bits - whole * width;
  return [...Array.from({ length: whole }, () => dimension), ...(left > 0 ? [2 ** (left - 1)] : [])];
}

/**
 * Polytopes of `tables` tables laid out over rotated vectors of `size` values. Those that fit share a rotation: each takes values of its own, which are as good as
 * independent of the others'; a larger one takes several rotations. More tables begin with the same ones.
 */
export function layOutPolytopes({
  bits,
  dimension,
  tables,
  size,
}: Readonly<Record<"bits" | "dimension" | "tables" | "size", number>>): PolytopeLayout {
  const sizes = polytopeSizes(bits, dimension);
  const widths = sizes.map((values) => Math.log2(2 * values));
  const first = new Uint32Array(tables * sizes.length);
  let used = 0;
  for (let p = 0; p < first.length; p++) {
    const values = sizes[p % sizes.length];
    if ((used % size) + values > size) used = Math.ceil(used / size) * size;
    first[p] = used;
    used += values;
  }
  const places = widths.map((_, f) => widths.slice(0, f).reduce((sum, width) => sum + width, 0));
  return { rotations: Math.ceil(used / size), perTable: sizes.length, sizes, widths, places, first };
}
