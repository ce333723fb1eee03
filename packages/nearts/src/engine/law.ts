import type { Collision } from "../core/contracts.js";

/** A distance of an engine in the terms of a law, such as the angle of a cosine distance; undefined where the law is of another distance. */
export function inTermsOf(law: Pick<Collision, "distance">, distance: string, value: number): number | undefined {
  if (law.distance === distance) return value;
  if (law.distance === "angular" && distance === "cosine") return Math.acos(Math.max(-1, Math.min(1, 1 - value)));
  return undefined;
}
