import type { Numbers } from "./hdf5-file.js";

/** The numbers rounded to float32; themselves where they are float32. */
export function toFloats(numbers: Numbers): Float32Array {
  if (numbers instanceof Float32Array) return numbers;
  const wide = numbers instanceof BigInt64Array || numbers instanceof BigUint64Array;
  return wide ? Float32Array.from(numbers, Number) : Float32Array.from(numbers);
}
