import { type DistanceName, NearError } from "nearts";
import { unknownName } from "../../names.js";

/** Names of ann-benchmarks, and what they are here: its angular distance is 1 − cos. */
const names: Readonly<Record<string, DistanceName>> = {
  angular: "cosine",
  euclidean: "euclidean",
  hamming: "hamming",
  ip: "inner-product",
  jaccard: "jaccard",
  manhattan: "manhattan",
};

/** The distance that ann-benchmarks calls so; E_BAD_OPTION where there is none. */
export function distanceNamed(name: string): DistanceName {
  if (Object.hasOwn(names, name)) return names[name];
  throw unknownName("a distance of ann-benchmarks", name, Object.keys(names));
}

/** What ann-benchmarks calls a distance; E_UNSUPPORTED where it has no name for it. */
export function nameOfDistance(distance: DistanceName): string {
  const found = Object.keys(names).find((name) => names[name] === distance);
  if (found !== undefined) return found;
  const message = `ann-benchmarks has no distance ${distance}, it has ${Object.values(names).join(", ")}`;
  throw new NearError("E_UNSUPPORTED", message, { distance });
}
