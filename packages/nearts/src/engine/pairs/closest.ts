import type { Id } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { rowAt } from "../../core/rows.js";
import { turnTaker } from "../turns.js";
import type { Pair, PairsAsked } from "./options.js";
import { type JoinParts, planJoin } from "./plan.js";
import { prepare } from "./prepare.js";
import { sampleOf } from "./stored.js";
import { walkPairs } from "./walk.js";

/**
 * The closest k pairs, closest first, ties by their rows. The pairs within a distance are gone through; where there are fewer than k, those within a larger
 * one. The distance shrinks to that of the k-th pair on the way, so that the recall asked for holds for every pair given.
 */
export async function* closestPairs(parts: JoinParts, asked: PairsAsked, recall: number): AsyncGenerator<Pair, void, undefined> {
  const { k = 1, within, signal, maxBytes, onProgress } = asked;
  const turn = turnTaker(signal);
  const guesses = within === undefined ? [...(await guessedRadii(parts, k)), Number.POSITIVE_INFINITY] : [within];
  for (const radius of guesses) {
    const plan = await planJoin(parts, radius, Number.isFinite(radius) ? recall : 1);
    const onRows = () => {};
    const { storage, numbers, proposals } = await prepare(parts, plan, { maxBytes, turn, onRows });
    // Where all are compared anyway, it is done once for all distances.
    const whole = plan.way === "exact";
    const best = new Closest(k, whole && within === undefined ? Number.POSITIVE_INFINITY : radius);
    for await (const { position, pairs, reader } of walkPairs(
      { ...parts, storage, numbers, proposals, within: () => best.radius, turn },
      0,
    )) {
      const row = numbers[position];
      for (let i = 0; i < pairs.count; i++) best.add(row, pairs.rows[i], pairs.distances[i], (of) => reader.id(of));
      onProgress?.({ phase: "comparing", rows: position + 1, total: numbers.length, pairs: best.count, cursor: null });
    }
    if (best.count < k && !whole && radius !== guesses.at(-1)) continue;
    yield* best.pairs();
    return;
  }
}

/** Distances, ascending, within one of which there are probably k pairs: quantiles of the distances between vectors drawn at random. */
async function guessedRadii({ storage, shape, distance }: JoinParts, k: number): Promise<number[]> {
  const rows = await sampleOf(storage, shape.kind, shape.dim, sampled);
  if (rows.count < 2) return [];
  const random = new Random("radii");
  const distances = Float64Array.from({ length: drawn }, () => {
    const i = random.below(rows.count);
    const j = (i + 1 + random.below(rows.count - 1)) % rows.count;
    return distance.between(rowAt(rows, i), rowAt(rows, j));
  }).sort();
  const size = await storage.size();
  const share = (2 * k) / (size * (size - 1));
  if (share > 0.01) return [];
  // The nearest of few may be far from the nearest of all: half of it first.
  return [distances[0] / 2, distances[0], distances[Math.floor(share * drawn)], distances[Math.floor(0.01 * drawn)]].filter(
    (radius, i, all) => i === 0 || radius > all[i - 1],
  );
}

const sampled = 2048;
const drawn = 8192;

interface Held extends Pair {
  readonly row: number;
  readonly other: number;
}

/** The closest so many of the pairs added: a heap with the farthest on top. */
class Closest {
  readonly #k: number;
  readonly #limit: number;
  readonly #heap: Held[] = [];

  constructor(k: number, limit: number) {
    this.#k = k;
    this.#limit = limit;
  }

  get count(): number {
    return this.#heap.length;
  }

  /** Farther pairs are of no use. */
  get radius(): number {
    return this.#heap.length < this.#k ? this.#limit : this.#heap[0].distance;
  }

  add(row: number, other: number, distance: number, id: (row: number) => Id): void {
    const heap = this.#heap;
    if (heap.length === this.#k) {
      if (!farther(heap[0], { row, other, distance })) return;
      heap[0] = { row, other, distance, a: id(row), b: id(other) };
      this.#sink();
      return;
    }
    heap.push({ row, other, distance, a: id(row), b: id(other) });
    for (let at = heap.length - 1; at > 0; ) {
      const up = (at - 1) >> 1;
      if (!farther(heap[at], heap[up])) return;
      [heap[at], heap[up]] = [heap[up], heap[at]];
      at = up;
    }
  }

  /** Closest first. */
  pairs(): Pair[] {
    return this.#heap.sort((x, y) => (farther(x, y) ? 1 : -1)).map(({ a, b, distance }) => ({ a, b, distance }));
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0, child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && farther(heap[child + 1], heap[child])) child++;
      if (!farther(heap[child], heap[at])) return;
      [heap[at], heap[child]] = [heap[child], heap[at]];
      at = child;
    }
  }
}

type Measured = Pick<Held, "row" | "other" | "distance">;

function farther(x: Measured, y: Measured): boolean {
  return x.distance > y.distance || (x.distance === y.distance && (x.row > y.row || (x.row === y.row && x.other > y.other)));
}
