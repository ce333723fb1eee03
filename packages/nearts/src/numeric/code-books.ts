/** Mapped values that share 4 bits of a code. */
export type Width = 1 | 2 | 4;

/** Finds the entry nearest to each group of `values · factor`, and writes its number (0 to 15) to `chosen`. */
type Choose = (values: Float64Array, factor: number, chosen: Uint8Array) => void;

/** What the 4 bits of each group of a code stand for. */
export interface CodeBooks {
  readonly width: Width;
  readonly groups: number;
  /** Where mapped value i stands among the values of all groups; places that no value has are 0. */
  readonly places: Uint32Array;
  /** Entry j of group g has the values entries[(g·width + i)·16 + j], i from 0 to width − 1. */
  readonly entries: Float32Array;
  readonly choose: Choose;
  /**
   * For books that are fixed for values of variance 1 and therefore chosen from after stretching a vector to that: √(1 − c²)·‖entries‖/√size, with c the cosine
   * between normally distributed values and their entries. Null for learned books, which are in the unit of the values.
   */
  readonly stretched: number | null;
}

/** Least mean square levels for the standard normal distribution, the positive half (Max 1960, table I, N = 4 and 16). */
const fourLevels = [0.4528, 1.51];
const sixteenLevels = [0.1284, 0.3881, 0.6568, 0.9424, 1.256, 1.618, 2.069, 2.733];
/** Their mean square errors, from the same table. */
const fourError = 0.1175;
const sixteenError = 0.009497;

/** Books for rotated values, which look normally distributed: the signs of 4 values (1 bit each), or the levels of 2 (2 bits) or of 1 (4 bits). `size` is a multiple of 4. */
export function fixedBooks(bits: 1 | 2 | 4, size: number): CodeBooks {
  const width = (4 / bits) as Width; // 4, 2 or 1
  const levels = bits === 1 ? [-1, 1] : mirrored(bits === 2 ? fourLevels : sixteenLevels);
  const entries = new Float32Array(size * 16);
  for (let k = 0; k < size; k++) {
    for (let j = 0; j < 16; j++) entries[k * 16 + j] = levels[(j >>> (bits * (k % width))) & (2 ** bits - 1)];
  }
  const groups = size / width;
  const places = Uint32Array.from({ length: size }, (_, i) => i);
  const choose = bits === 1 ? chooseSigns : bits === 2 ? chooseTwoBits : chooseByThresholds(entries, groups);
  return { width, groups, places, entries, choose, stretched: bits === 1 ? signNoise : levelNoise(bits === 2 ? fourError : sixteenError) };
}

/** Books of given entries, for `size` values by falling variance: group g takes values from both ends, so that no group has all the variance. Entries of width 1 ascend. */
export function learnedBooks(width: Width, size: number, entries: Float32Array): CodeBooks {
  const groups = Math.ceil(size / width);
  const choose = width === 1 ? chooseByThresholds(entries, groups) : width === 2 ? chooseOfTwo(entries) : chooseOfFour(entries);
  return { width, groups, places: balancedPlaces(width, size), entries, choose, stretched: null };
}

/** Places that pair value i with the i-th last (width 2), or take one from each quarter, to and fro (width 4). */
export function balancedPlaces(width: Width, size: number): Uint32Array {
  const groups = Math.ceil(size / width);
  return Uint32Array.from({ length: size }, (_, i) => {
    const turn = Math.floor(i / groups);
    const step = i % groups;
    return (turn % 2 === 0 ? step : groups - 1 - step) * width + turn;
  });
}

/** Cosine of a standard normal vector with its signs: c² = 2/π. */
const signNoise = Math.sqrt(1 - 2 / Math.PI);

/** With least mean square levels of error D both c² and the mean square of a level are 1 − D. */
function levelNoise(error: number): number {
  return Math.sqrt(error * (1 - error));
}

function mirrored(levels: readonly number[]): number[] {
  return [...levels.map((level) => -level).reverse(), ...levels];
}

/** By the sign bits: a branch a value would be guessed wrong half of the time. */
function chooseSigns(values: Float64Array, _factor: number, chosen: Uint8Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let g = 0, k = highWord; g < chosen.length; g++, k += 8) {
    const below = (words[k] >>> 31) | ((words[k + 2] >>> 31) << 1) | ((words[k + 4] >>> 31) << 2) | ((words[k + 6] >>> 31) << 3);
    chosen[g] = below ^ 15;
  }
}

/** Which of the two words of a float64 has its sign. */
const highWord = new Uint32Array(Float64Array.of(-1).buffer)[0] === 0 ? 1 : 0;

function chooseTwoBits(values: Float64Array, factor: number, chosen: Uint8Array): void {
  const outer = (fourLevels[0] + fourLevels[1]) / 2;
  for (let g = 0, k = 0; k < values.length; g++, k += 2) {
    const x = values[k] * factor;
    const y = values[k + 1] * factor;
    const low = (x > -outer ? 1 : 0) + (x > 0 ? 1 : 0) + (x > outer ? 1 : 0);
    const high = (y > -outer ? 1 : 0) + (y > 0 ? 1 : 0) + (y > outer ? 1 : 0);
    chosen[g] = low | (high << 2);
  }
}

/** Entries of one value ascend, so four comparisons with the middles between them find the nearest. */
function chooseByThresholds(entries: Float32Array, groups: number): Choose {
  const middles = new Float64Array(groups * 16);
  for (let e = 0; e < groups * 16; e++) middles[e] = e % 16 === 15 ? Number.POSITIVE_INFINITY : (entries[e] + entries[e + 1]) / 2;
  return (values, factor, chosen) => {
    for (let g = 0, at = 0; g < groups; g++, at += 16) {
      const x = values[g] * factor;
      let j = x > middles[at + 7] ? 8 : 0;
      j += x > middles[at + j + 3] ? 4 : 0;
      j += x > middles[at + j + 1] ? 2 : 0;
      j += x > middles[at + j] ? 1 : 0;
      chosen[g] = j;
    }
  };
}

function chooseOfTwo(entries: Float32Array): Choose {
  const { half, groups } = halfSquares(entries, 2);
  return (values, factor, chosen) => {
    for (let g = 0, at = 0; g < groups; g++, at += 32) {
      const x = values[2 * g] * factor;
      const y = values[2 * g + 1] * factor;
      let best = 0;
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < 16; j++) {
        // ‖v − c‖² is least where ⟨v, c⟩ − ½‖c‖² is largest.
        const promise = x * entries[at + j] + y * entries[at + 16 + j] - half[g * 16 + j];
        if (promise > largest) {
          largest = promise;
          best = j;
        }
      }
      chosen[g] = best;
    }
  };
}

function chooseOfFour(entries: Float32Array): Choose {
  const { half, groups } = halfSquares(entries, 4);
  return (values, factor, chosen) => {
    for (let g = 0, at = 0; g < groups; g++, at += 64) {
      const x = values[4 * g] * factor;
      const y = values[4 * g + 1] * factor;
      const z = values[4 * g + 2] * factor;
      const w = values[4 * g + 3] * factor;
      let best = 0;
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = at; j < at + 16; j++) {
        const promise = x * entries[j] + y * entries[j + 16] + z * entries[j + 32] + w * entries[j + 48] - half[g * 16 + j - at];
        if (promise > largest) {
          largest = promise;
          best = j - at;
        }
      }
      chosen[g] = best;
    }
  };
}

function halfSquares(entries: Float32Array, width: Width): { readonly half: Float64Array; readonly groups: number } {
  const groups = entries.length / (16 * width);
  const half = new Float64Array(groups * 16);
  for (let k = 0; k < groups * width; k++) {
    const g = Math.floor(k / width);
    for (let j = 0; j < 16; j++) half[g * 16 + j] += (entries[k * 16 + j] * entries[k * 16 + j]) / 2;
  }
  return { half, groups };
}
