import { Random, type Rows } from "nearts";

/** Points of the plane, in the square from −1 to 1. */
export type Points = Rows<"dense">;

export const PRESETS = {
  clusters: "clusters",
  uniform: "uniform",
  spiral: "spiral",
  ring: "ring",
  skewed: "skewed: one dense corner",
} as const;

export type PresetName = keyof typeof PRESETS;

type Draw = (random: Random, i: number, count: number) => [x: number, y: number];

const CLUSTERS = 24;

/** `count` points of a preset: the same for the same seed, anywhere. */
export function presetPoints(preset: PresetName, count: number, seed: number): Points {
  const random = new Random(`${preset} ${seed}`);
  const draw = drawing[preset](random);
  const values = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) values.set(draw(random, i, count).map(clamp), 2 * i);
  return { kind: "dense", dim: 2, count, values };
}

/** Rows of `dim` values around centres, for measuring. */
export function clusteredRows(count: number, dim: number, seed: string): Rows<"dense"> {
  const random = new Random(`clustered ${dim}`);
  const centres = Float32Array.from({ length: CLUSTERS * 8 * dim }, () => bell(random));
  const own = new Random(seed);
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const centre = own.below(CLUSTERS * 8) * dim;
    for (let j = 0; j < dim; j++) values[i * dim + j] = centres[centre + j] + 0.6 * bell(own);
  }
  return { kind: "dense", dim, count, values };
}

/** The points and one more. */
export function withPoint({ count, values }: Points, [x, y]: readonly [number, number]): Points {
  const more = new Float32Array(2 * count + 2);
  more.set(values);
  more.set([x, y], 2 * count);
  return { kind: "dense", dim: 2, count: count + 1, values: more };
}

/** The points but the one nearest to a place. */
export function withoutPoint(points: Points, [x, y]: readonly [number, number]): Points {
  const { count, values } = points;
  if (count === 0) return points;
  let nearest = 0;
  const away = (row: number) => (values[2 * row] - x) ** 2 + (values[2 * row + 1] - y) ** 2;
  for (let row = 1; row < count; row++) if (away(row) < away(nearest)) nearest = row;
  const fewer = new Float32Array(2 * count - 2);
  fewer.set(values.subarray(0, 2 * nearest));
  fewer.set(values.subarray(2 * nearest + 2), 2 * nearest);
  return { kind: "dense", dim: 2, count: count - 1, values: fewer };
}

/** `count` queries, each beside one of `points`. */
export function besidePoints(points: Points, count: number, seed: number): Points {
  const random = new Random(`beside ${seed}`);
  const values = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const row = random.below(points.count);
    values[2 * i] = clamp(points.values[2 * row] + 0.02 * bell(random));
    values[2 * i + 1] = clamp(points.values[2 * row + 1] + 0.02 * bell(random));
  }
  return { kind: "dense", dim: 2, count, values };
}

// What is drawn is for looking at: it need not be the same bits on every runtime, so sine and power may be used.
const drawing: Readonly<Record<PresetName, (random: Random) => Draw>> = {
  clusters: (random) => {
    const centres = Array.from({ length: CLUSTERS }, () => [1.7 * random.uniform() - 0.85, 1.7 * random.uniform() - 0.85]);
    return (own) => {
      const [x, y] = centres[own.below(CLUSTERS)];
      return [x + 0.06 * bell(own), y + 0.06 * bell(own)];
    };
  },
  uniform: () => (random) => [2 * random.uniform() - 1, 2 * random.uniform() - 1],
  spiral: () => (random, i, count) => {
    const [turn, radius] = [6 * Math.PI * Math.sqrt(i / count), 0.95 * Math.sqrt(i / count)];
    return [radius * Math.cos(turn) + 0.02 * bell(random), radius * Math.sin(turn) + 0.02 * bell(random)];
  },
  ring: () => (random) => {
    const [turn, radius] = [2 * Math.PI * random.uniform(), 0.7 + 0.06 * bell(random)];
    return [radius * Math.cos(turn), radius * Math.sin(turn)];
  },
  skewed: () => (random) => [2 * random.uniform() ** 3 - 1, 2 * random.uniform() ** 3 - 1],
};

/** Nearly normal, of mean 0 and variance 1: the sum of four uniform numbers. */
function bell(random: Random): number {
  return Math.sqrt(3) * (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2);
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
