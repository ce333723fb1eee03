import type { Distance, Hash, HashClass, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Kind } from "../core/rows.js";

/** Largest dimension by kind; a sparse index is a u32. */
const largest: Readonly<Record<Kind, number>> = { dense: 16_384, sparse: 2 ** 32 - 1, bits: 524_288, set: 2 ** 32 };

const mostHashes = 65_535;

/** Kind and dimension from an engine's options, checked. Of sets the dimension bounds the members, and need not be given. */
export function checkShape(options: { readonly dim?: number | undefined; readonly kind?: Kind }): Shape {
  const { kind = "dense" } = options;
  if (!Object.hasOwn(largest, kind))
    throw new NearError("E_BAD_OPTION", `kind is ${show(kind)}; give dense, sparse, bits or set`, { kind });
  const { dim = kind === "set" ? largest.set : Number.NaN } = options;
  if (!Number.isInteger(dim) || dim < 1 || dim > largest[kind]) {
    const code = Number.isInteger(dim) && dim > largest[kind] ? "E_LIMIT" : "E_BAD_OPTION";
    throw new NearError(code, `dim is ${show(options.dim)}; ${kind} vectors have 1 to ${largest[kind]} dimensions`, {
      dim: options.dim,
      limit: largest[kind],
    });
  }
  return { kind, dim };
}

/** Refuses (E_UNSUPPORTED) a recall for vectors that the engine cannot learn to search. */
export function requireLearnable({ kind }: Shape, { name, metric }: Distance): void {
  const learnable = metric === "squaredEuclidean" || metric === "cosine" || metric === "dot";
  if ((kind === "dense" && learnable) || (kind === "set" && metric === "jaccard")) return;
  const what = kind === "dense" || kind === "set" ? `the ${name} distance` : `${kind} vectors`;
  const message = `an engine learns by itself to search dense vectors by euclidean, cosine or inner-product and sets by jaccard, not ${what}: leave recall out for exact searches, or give hashes`;
  throw new NearError("E_UNSUPPORTED", message, { kind, distance: name });
}

/** Opens the hashes for vectors of this shape, after checking that they can be told apart and can hash them. */
export function openHashes(hashes: readonly Hash[], shape: Shape): void {
  if (hashes.length > mostHashes)
    throw new NearError("E_LIMIT", `there are ${hashes.length} hashes, the limit is ${mostHashes}: use tables`, { hashes: hashes.length });
  const names = new Set<string>();
  for (const hash of hashes) {
    if (typeof hash?.keys !== "function" || typeof hash.probes !== "function" || typeof hash.name !== "string") {
      throw new NearError(
        "E_BAD_OPTION",
        `${show(hash)} among the hashes is no hash: give instances, such as new RandomBinaryProjections({ … })`,
        {},
      );
    }
    if (names.has(hash.name)) {
      throw new NearError("E_DUPLICATE_NAME", `two hashes have the name ${show(hash.name)}: give each its own, or one hash more tables`, {
        name: hash.name,
      });
    }
    names.add(hash.name);
    if (!hash.kinds.includes(shape.kind)) {
      const message = `hash ${show(hash.name)} takes ${hash.kinds.join(" and ")} vectors, the engine stores ${shape.kind} ones: choose another`;
      throw new NearError("E_UNSUPPORTED", message, { hash: hash.name, kinds: hash.kinds, kind: shape.kind });
    }
    hash.open(shape);
  }
}

/** Refuses (E_UNSUPPORTED) hashes for a built-in distance that they do not serve, naming those that do; of a distance of somebody's own nothing is known. */
export function requireServed(hashes: readonly Hash[], distance: Distance, known: readonly string[], classes: readonly HashClass[]): void {
  if (!known.includes(distance.name)) return;
  for (const { name, serves } of hashes) {
    if (serves === undefined || serves.includes(distance.name)) continue;
    const others = classes.filter((one) => one.serves?.includes(distance.name)).map(({ type }) => type);
    const remedy = others.length === 0 ? "choose one of these" : `choose one of these, or a hash that serves it: ${others.join(", ")}`;
    const message = `hash ${show(name)} serves the distance ${serves.join(", ")}, not ${distance.name}: ${remedy}`;
    throw new NearError("E_UNSUPPORTED", message, { hash: name, serves, distance: distance.name, others });
  }
}
