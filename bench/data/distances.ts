import { type DataSet, queryOf, type SetDistance, vectorOf } from "./set.js";

/** Distances in float64 by plain loops, which share no code with what is measured. */
const between: Readonly<Record<SetDistance, (x: Float32Array, y: Float32Array) => number>> = {
  cosine: (x, y) => {
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      xx += x[i] * x[i];
      yy += y[i] * y[i];
      xy += x[i] * y[i];
    }
    return 1 - xy / Math.sqrt(xx * yy);
  },
  euclidean: (x, y) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return Math.sqrt(sum);
  },
  "inner-product": (x, y) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return -sum;
  },
};

/** Distance of one vector of a set from one of its queries. */
export function distanceOf(set: DataSet, q: number, row: number): number {
  return between[set.distance](queryOf(set, q), vectorOf(set, row));
}

/** Distance of the `place`-th nearest vector, from 1, by looking at all of them. */
export function plainDistance(set: DataSet, q: number, place: number): number {
  return Float64Array.from({ length: set.base.length / set.dim }, (_, row) => distanceOf(set, q, row)).sort()[place - 1];
}

/** Whether a distance is no more than a bound, apart from the last digits of sums in another order. */
export function isWithin(distance: number, bound: number): boolean {
  return distance <= bound + tolerance(bound);
}

/** Whether two distances differ in no more than their last digits. */
export function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= tolerance(b);
}

function tolerance(value: number): number {
  return 1e-9 + 1e-6 * Math.abs(value);
}
