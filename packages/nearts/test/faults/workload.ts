import type { Id } from "nearts";
import { Dice } from "../readers/mutate.js";

/** Dimension of the vectors. */
export const DIM = 8;

/** One call of the engine: a batch stored, or removed. Names of different lanes differ, so that lanes can be under way at once. */
export interface Operation {
  readonly number: number;
  readonly kind: "store" | "remove";
  readonly names: readonly number[];
}

/** A sequence of operations that writer and judge make from the same seed. */
export interface Workload {
  readonly seed: number;
  /** Operations under way at a time. */
  readonly lanes: number;
  /** Most vectors of one operation. */
  readonly most: number;
  /** How many names there are (192): few, so that the same ones are written again and again. */
  readonly names?: number;
}

/** The operation of this number, from 1. Its lane is `number % lanes`. */
export function operation({ seed, lanes, most, names: all = 192 }: Workload, number: number): Operation {
  const dice = new Dice(Math.imul(seed + 1, 0x9e3779b1) + number);
  const kind = dice.roll(10) < 7 ? "store" : "remove";
  const names = new Set<number>();
  const wanted = 1 + dice.roll(most);
  for (let tries = 0; tries < wanted; tries++) names.add(dice.roll(all / lanes) * lanes + (number % lanes));
  return { number, kind, names: [...names] };
}

/** Half of the names are integers, half are text. */
export function idOf(name: number): Id {
  return name % 2 === 0 ? name : `v${name}`;
}

export function nameOf(id: Id): number {
  return typeof id === "number" ? id : Number(id.slice(1));
}

/** What operation `number` stores under a name; every value is a float32. */
export function vectorOf(name: number, number: number): Float32Array {
  const dice = new Dice(Math.imul(name + 1, 0x85ebca6b) ^ number);
  return Float32Array.from({ length: DIM }, () => (dice.roll(4096) - 2048) / 64);
}
