/** Mapped values that share 4 bits of a code. */
export type Width = 1 | 2 | 4;

/** What the entry nearest to the values of a group is chosen by: a table of the kernel `choose`, made of entries times `factor`. */
export interface ChoiceTable {
  readonly values: Float32Array;
  readonly factor: number;
}

/** What the 4 bits of each group of a code stand for. */
export interface CodeBooks {
  readonly width: Width;
  readonly groups: number;
  /** Where mapped value i stands among the values of all groups; places that no value has are 0. */
  readonly places: Uint32Array;
  /** Entry j of group g has the values entries[(g·width + i)·16 + j], i from 0 to width − 1. */
  readonly entries: Float32Array;
  /** Null where the signs say it. */
  readonly choice: ChoiceTable | null;
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
  const choice = bits === 1 ? null : choiceTable(width, entries, 1);
  return { width, groups, places, entries, choice, stretched: bits === 1 ? signNoise : levelNoise(bits === 2 ? fourError : sixteenError) };
}

/** Books of given entries, for `size` values by falling variance: group g takes values from both ends, so that no group has all the variance. Entries of width 1 ascend. */
export function learnedBooks(width: Width, size: number, entries: Float32Array): CodeBooks {
  const groups = Math.ceil(size / width);
  return { width, groups, places: balancedPlaces(width, size), entries, choice: learnedChoice(width, entries), stretched: null };
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

/** By what values choose among learned entries, which are brought near 1 by a power of 2, lest products of them leave float32. */
export function learnedChoice(width: Width, entries: Float32Array): ChoiceTable {
  let largest = 0;
  for (const entry of entries) largest = Math.max(largest, Math.abs(entry));
  return choiceTable(width, entries, largest > 0 ? powerAbove(1 / largest) : 1);
}

/** What the kernel `choose` reads for entries times `factor`, laid out as in {@link CodeBooks}. */
export function choiceTable(width: Width, entries: Float32Array, factor: number): ChoiceTable {
  const groups = entries.length / (16 * width);
  const values = new Float32Array(groups * (width + 1) * 16);
  for (let k = 0; k < groups * width; k++) {
    const first = Math.floor(k / width) * (width + 1) * 16;
    for (let j = 0; j < 16; j++) {
      const entry = entries[k * 16 + j] * factor;
      values[first + (k % width) * 16 + j] = entry;
      values[first + width * 16 + j] += (entry * entry) / 2;
    }
  }
  return { values, factor };
}

/** The least power of 2 over a positive number, within what float32 holds. */
function powerAbove(value: number): number {
  let power = 1;
  while (power <= value && power < 2 ** 126) power *= 2;
  while (power / 2 > value && power > 2 ** -126) power /= 2;
  return power;
}
