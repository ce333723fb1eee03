/** A point of a braille plot, from 0 to 1 from the left and from the bottom. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Number of its series: drawn by a letter instead of dots where it is given. */
  readonly letter?: string;
}

/** The dot of row y and column x of a braille sign (Unicode 2800 + bits). */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** Lines of a plot: 2 × 4 dots a sign, a letter where a spot has one; the first letter at a place stays. */
export function braille(spots: readonly Spot[], columns: number, rows: number): string[] {
  const bits = new Uint8Array(columns * rows);
  const letters = new Map<number, string>();
  for (const { x, y, letter } of spots) {
    const across = Math.round(x * (2 * columns - 1));
    const down = Math.round((1 - y) * (4 * rows - 1));
    const cell = (down >> 2) * columns + (across >> 1);
    if (letter === undefined) bits[cell] |= DOTS[down & 3][across & 1];
    else if (!letters.has(cell)) letters.set(cell, letter);
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from(
      { length: columns },
      (_, column) => letters.get(row * columns + column) ?? String.fromCharCode(0x2800 + bits[row * columns + column]),
    ).join(""),
  );
}
