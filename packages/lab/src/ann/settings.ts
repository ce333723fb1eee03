import { BitSampling, type DistanceName, Engine, type EngineOptions, type Kind, MinHash, NearError } from "nearts";
import { distanceNamed } from "../formats/hdf5/distances.js";
import { unknownName } from "../names.js";
import type { PointType } from "./points.js";

/** What the runner says before it sends points; each has a value that works. */
export interface Settings {
  /** As ann-benchmarks calls it. */
  distance: DistanceName;
  /** The share of the true neighbours to be found (floats: the index learns how to find them). */
  recall: number;
  /** Tables of MinHash (sets) or of sampled bits. */
  tables: number;
  /** Values of a MinHash key. */
  rows: number;
  /** Bits of a key of sampled bits. */
  projections: number;
  seed: number;
}

/** Settings that nobody has changed. */
export function usualSettings(): Settings {
  return { distance: "euclidean", recall: 0.9, tables: 32, rows: 3, projections: 16, seed: 1 };
}

const numbers = ["recall", "tables", "rows", "projections", "seed"] as const;

/** Sets one of them: E_BAD_OPTION where there is none of that name, or it cannot have that value. */
export function setOption(settings: Settings, name: string, value: string): void {
  if (name === "distance") {
    settings.distance = distanceNamed(value);
    return;
  }
  const known = numbers.find((number) => number === name);
  if (known === undefined) throw unknownName("an option", name, ["distance", ...numbers]);
  settings[known] = known === "recall" ? shareOf(value) : countOf(name, value);
}

/** A recall, over 0 and up to 1. */
export function shareOf(value: string): number {
  const share = Number(value);
  if (share > 0 && share <= 1) return share;
  throw new NearError("E_BAD_OPTION", `recall is ${JSON.stringify(value)}, expected a number over 0 and up to 1`, { got: value });
}

/** A whole number from 1. */
export function countOf(name: string, value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new NearError("E_BAD_OPTION", `${name} is ${JSON.stringify(value)}, expected a whole number from 1`, { option: name, got: value });
}

/** How points of a distance are written. */
export function pointTypeOf(distance: DistanceName): PointType {
  if (distance === "jaccard") return "int";
  return distance === "hamming" ? "bit" : "float";
}

/** The engine that the settings describe, for points of this dimension. */
export function engineFor(settings: Settings, dim: number): Engine<unknown, Kind> {
  return new Engine<unknown, Kind>({ dim, ...familyFor(settings) });
}

function familyFor({ distance, recall, tables, rows, projections, seed }: Settings): Omit<EngineOptions, "dim"> {
  const type = pointTypeOf(distance);
  if (type === "int") return { kind: "set", distance, hashes: [new MinHash({ name: "sets", rows, tables, seed })] };
  if (type === "bit") return { kind: "bits", distance, hashes: [new BitSampling({ name: "bits", projections, tables, seed })] };
  // An index learns to find all but some neighbours: all of them it finds by looking at every vector.
  return { kind: "dense", distance, ...(recall < 1 && { recall }) };
}
