import type { Id, Json } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { gather, type Kind, type Rows, type VectorOf, wordsPerRow } from "../core/rows.js";

/** What rows are made of. */
export interface ArbitraryRowsOptions {
  readonly count: number;
  /** Dimension; of sets the bound of the members. */
  readonly dim: number;
  /** Whether some rows may be zero vectors or empty sets (false). */
  readonly zeros?: boolean;
  /** Whether no value is negative (false). */
  readonly positive?: boolean;
}

/**
 * Rows such as real sets of vectors have: of several scales, some repeated, some close to an earlier one, some with many zeros.
 * The same for the same state of `random`; components are below 1,000 in size.
 */
export function arbitraryRows<K extends Kind>(random: Random, kind: K, options: ArbitraryRowsOptions): Rows<K> {
  const { count, dim } = options;
  const vectors: Components[] = [];
  for (let i = 0; i < count; i++) vectors.push(components(random, kind, options, vectors));
  return gather(kind, dim, count, (i) => vectorOf(kind, dim, vectors[i]) as VectorOf<K>); // vectorOf makes one of the kind it was asked for
}

/** Distinct ids: integers, some negative or large, and texts, some of them the digits of one of the integers. */
export function arbitraryIds(random: Random, count: number): Id[] {
  const ids = new Set<Id>();
  while (ids.size < count) {
    const n = random.below(4 * count) - count;
    const choice = random.below(8);
    if (choice < 4) ids.add(n);
    else if (choice < 5) ids.add(n * 2 ** 33);
    else ids.add(choice < 7 ? String(n) : `${["ü", "日本", "a b", "{x}:*", "😀"][random.below(5)]}/${n}`);
  }
  return [...ids];
}

/** Data of any JSON kind; undefined now and then, which is no data. */
export function arbitraryData(random: Random, depth = 2): Json | undefined {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return random.below(2) === 0;
    case 3:
      return (random.uniform() - 0.5) * 10 ** random.below(20);
    case 4:
      return ["", "text", 'quo"te\\', "line\nbreak", "日本語 😀"][random.below(5)];
    case 5:
      return random.below(1000);
    case 6:
      return Array.from({ length: random.below(4) }, () => arbitraryData(random, depth - 1) ?? null);
    default:
      return Object.fromEntries(Array.from({ length: random.below(4) }, (_, i) => [`key ${i}`, arbitraryData(random, depth - 1) ?? null]));
  }
}

/** The components of one vector that are not 0, by place. */
type Components = ReadonlyMap<number, number>;

function components(
  random: Random,
  kind: Kind,
  { dim, zeros = false, positive = false }: ArbitraryRowsOptions,
  earlier: readonly Components[],
): Components {
  const known = earlier.length === 0 ? undefined : earlier[random.below(earlier.length)];
  const choice = random.below(10);
  if (zeros && choice === 0) return new Map();
  if (known !== undefined && choice === 1) return known;
  const real = kind === "dense" || kind === "sparse";
  const scale = [0.01, 1, 1, 1, 100][random.below(5)];
  const made = new Map<number, number>();
  if (known !== undefined && choice === 2) {
    for (const [place, value] of known)
      if (real || random.below(16) > 0) made.set(place, real ? Math.fround(value * (1 + 0.01 * bell(random))) : 1);
  } else {
    const share = kind === "dense" && choice > 3 ? 1 : kind === "bits" ? 0.5 : 0.3;
    for (const place of places(random, dim, share, kind === "sparse" || kind === "set"))
      made.set(place, real ? Math.fround(scale * (positive ? Math.abs(bell(random)) : bell(random))) : 1);
  }
  // A row of zeros by chance gets one component: whoever wants zeros says so.
  if (!zeros && made.size === 0) made.set(random.below(dim), 1);
  return made;
}

/** About so large a share of the places below `dim`; a few where vectors of many dimensions are to be `short`. */
function places(random: Random, dim: number, share: number, short: boolean): Iterable<number> {
  if (short && dim > 64) return new Set(Array.from({ length: 20 }, () => random.below(dim)));
  return Array.from({ length: dim }, (_, place) => place).filter(() => random.uniform() < share);
}

/** About standard normal: the sum of three uniforms (Irwin and Hall), stretched. */
function bell(random: Random): number {
  return 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
}

function vectorOf(kind: Kind, dim: number, parts: Components): VectorOf {
  const present = Uint32Array.from(parts.keys()).sort();
  const values = Float32Array.from(present, (place) => parts.get(place) ?? 0);
  switch (kind) {
    case "dense": {
      const vector = new Float32Array(dim);
      for (let e = 0; e < present.length; e++) vector[present[e]] = values[e];
      return vector;
    }
    case "sparse":
      return { dim, indices: present, values };
    case "bits": {
      const words = new Uint32Array(wordsPerRow(dim));
      for (const bit of present) words[bit >>> 5] |= 1 << (bit & 31);
      return { dim, words };
    }
    case "set":
      return { members: present };
    default:
      throw new NearError("E_BAD_OPTION", `kind is ${show(kind)}; give dense, sparse, bits or set`, { kind });
  }
}
