import { type Command, InvalidArgumentError } from "commander";
import type { DistanceName, OpenWhere } from "nearts";
import type { FileFormatName } from "nearts-lab";
import { type HashSpec, parseHash } from "../search/hash-spec.js";
import { fileFormats } from "../search/read-file.js";

const DISTANCES: readonly DistanceName[] = ["cosine", "euclidean", "angular", "manhattan", "inner-product"];

/** Names of the distances between vectors of numbers, for help texts. */
export const distanceNames: string = DISTANCES.join(", ");

/** Names of the file formats, for help texts. */
export const formatNames: string = fileFormats.join(", ");

/** Reads an option that counts something: a whole number from 1. */
export function toCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
}

/** Reads an option that is a number. */
export function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** Reads an option that is a part of a whole. */
export function toShare(text: string): number {
  const value = toNumber(text);
  if (value <= 0 || value > 1) throw new InvalidArgumentError("Expected a number above 0 and up to 1, such as 0.9.");
  return value;
}

/** Reads the name of a distance. */
export function toDistance(text: string): DistanceName {
  const found = DISTANCES.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${distanceNames}.`);
  return found;
}

/** Reads the name of a file format. */
export function toFormat(text: string): FileFormatName {
  const found = fileFormats.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${formatNames}.`);
  return found;
}

/** Reads one more hash. */
export function addHash(text: string, before: readonly HashSpec[] = []): readonly HashSpec[] {
  return [...before, parseHash(text)];
}

/** Options that say more of a place. */
export interface PlaceFlags {
  readonly name?: string;
}

/** Adds the options that say more of a place. */
export function addPlace(command: Command): Command {
  return command.option("--name <name>", "name of the index in a Redis server (default: nearts)");
}

/** Reads a condition on the data: JSON, as `where` takes it. */
export function toWhere(text: string): OpenWhere {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as OpenWhere; // what it holds, the engine checks
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('Expected a JSON object, such as {"year":{"gte":2020}}.');
}
