// The one relaxed instruction of the scan.

// @ts-ignore: decorator
@inline
export function swizzle(table: v128, indices: v128): v128 {
  // Indices are under 16, where the relaxed instruction is exact too.
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, indices);
  return i8x16.swizzle(table, indices);
}
