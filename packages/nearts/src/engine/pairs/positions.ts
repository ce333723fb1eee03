/** The position of the first of ascending numbers that is over `row`; their count where none is. */
export function firstAfter(numbers: Uint32Array, row: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}
