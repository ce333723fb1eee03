export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** How far the mean of so many independent values may be off, as one standard deviation; 0 where there are fewer than two. */
export function standardError(values: ArrayLike<number>): number {
  const count = values.length;
  if (count < 2) return 0;
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i] - middle) ** 2;
  return Math.sqrt(squares / (count - 1) / count);
}

/** The value below which a part of all lie, between two neighbours in proportion. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** b of y ≈ a·x^b: the least-squares line through (log x, log y). */
export function growthExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)]);
  const [middleX, middleY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const both = logs.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0);
  const squares = logs.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  return both / squares;
}
