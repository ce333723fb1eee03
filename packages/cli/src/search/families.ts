import {
  CrossPolytope,
  type Hash,
  HashPermutationMapper,
  HashPermutations,
  ITQBinaryProjections,
  KMeansHash,
  LSHForest,
  PCABinaryProjections,
  PCADiscretizedProjections,
  PStableProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  type Rows,
  SuperBit,
  UniBucket,
} from "nearts";

/** What a hash is made from: its name, the numbers given, and rows to learn from. */
export interface Making {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
  /** undefined where values are only to be checked. */
  readonly sample: () => Rows<"dense" | "sparse"> | undefined;
}

/** A family of hashes as the command line offers it. */
export interface Family {
  readonly about: string;
  /** Every option with its default; null where it must be given. */
  readonly options: Readonly<Record<string, number | null>>;
  make(making: Making): Hash;
}

/** Every family of hashes, by the name that the command line has for it. */
export const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ["exact", { about: "one bucket for all: exact search", options: {}, make: ({ name }) => new UniBucket({ name }) }],
  [
    "rbp",
    {
      about: "a bit for each random plane: for angles (RandomBinaryProjections)",
      options: { bits: 10, tables: 10, seed: 1 },
      make: ({ name, values: { bits, tables, seed } }) => new RandomBinaryProjections({ name, projections: bits, tables, seed }),
    },
  ],
  [
    "rdp",
    {
      about: "a bin on each random direction: for lengths (RandomDiscretizedProjections)",
      options: { width: null, projections: 4, tables: 10, seed: 1 },
      make: ({ name, values: { projections, width, tables, seed } }) =>
        new RandomDiscretizedProjections({ name, projections, binWidth: width, tables, seed, offset: true }),
    },
  ],
  [
    "cp",
    {
      about: "the nearest vertex of a turned cross-polytope: for angles; wants many probes (CrossPolytope)",
      options: { bits: 10, tables: 4, seed: 1 },
      make: ({ name, values: { bits, tables, seed } }) => new CrossPolytope({ name, bits, tables, seed }),
    },
  ],
  [
    "superbit",
    {
      about: "a bit for each of random planes at right angles: for angles (SuperBit)",
      options: { bits: 10, tables: 10, seed: 1 },
      make: ({ name, values: { bits, tables, seed } }) => new SuperBit({ name, projections: bits, tables, seed }),
    },
  ],
  [
    "l2",
    {
      about: "a bin on each normal direction: for Euclidean distance (PStableProjections)",
      options: { width: null, projections: 5, tables: 10, seed: 1 },
      make: (making) => pStable("euclidean", making),
    },
  ],
  [
    "l1",
    {
      about: "a bin on each Cauchy direction: for Manhattan distance (PStableProjections)",
      options: { width: null, projections: 5, tables: 10, seed: 1 },
      make: (making) => pStable("manhattan", making),
    },
  ],
  [
    "itq",
    {
      about: "a bit for each turned principal component; wants many probes (ITQBinaryProjections)",
      options: { bits: 10, seed: 1 },
      make: ({ name, values: { bits, seed }, sample }) =>
        new ITQBinaryProjections({ name, projections: bits, seed, ...training(sample()) }),
    },
  ],
  [
    "pca",
    {
      about: "a bit for each principal component; wants many probes (PCABinaryProjections)",
      options: { bits: 10 },
      make: ({ name, values, sample }) => new PCABinaryProjections({ name, projections: values["bits"], ...training(sample()) }),
    },
  ],
  [
    "pcad",
    {
      about: "a bin on each principal component (PCADiscretizedProjections)",
      options: { width: null, projections: 4 },
      make: ({ name, values: { projections, width }, sample }) =>
        new PCADiscretizedProjections({ name, projections, binWidth: width, ...training(sample()) }),
    },
  ],
  [
    "lists",
    {
      about: "the lists of the nearest centroids; wants several probes (KMeansHash)",
      options: { lists: 256, assignments: 1, seed: 1 },
      make: ({ name, values: { lists, assignments, seed }, sample }) =>
        new KMeansHash({ name, lists, assignments: assignments as 1 | 2, seed, ...training(sample()) }), // another number is refused there
    },
  ],
  [
    "tree",
    {
      about: "the smallest subtrees with at least min rows (RandomBinaryProjectionTree)",
      options: { bits: 24, min: 50, tables: 10, seed: 1 },
      make: ({ name, values: { bits, min, tables, seed } }) =>
        new RandomBinaryProjectionTree({ name, projections: bits, minimumResultSize: min, tables, seed }),
    },
  ],
  [
    "forest",
    {
      about: "the longest prefixes of keys that at least min rows share (LSHForest of rbp)",
      options: { bits: 24, min: 50, tables: 10, seed: 1 },
      make: ({ name, values: { bits, min, tables, seed } }) =>
        new LSHForest({ name, children: planes(name, bits, tables, seed), minimumResultSize: min }),
    },
  ],
  [
    "perm",
    {
      about: "buckets near the query's in Hamming distance (HashPermutations of rbp)",
      options: { bits: 14, tables: 4, permutations: 10, beam: 10, neighbours: 100, seed: 1 },
      make: ({ name, values: { bits, tables, permutations, beam, neighbours, seed } }) =>
        new HashPermutations({ name, children: planes(name, bits, tables, seed), permutations, beam, neighbours, seed }),
    },
  ],
  [
    "flip",
    {
      about: "all buckets one bit away (HashPermutationMapper of rbp)",
      options: { bits: 14, tables: 4, seed: 1 },
      make: ({ name, values: { bits, tables, seed } }) => new HashPermutationMapper({ name, children: planes(name, bits, tables, seed) }),
    },
  ],
]);

function training(sample: ReturnType<Making["sample"]>): { training?: Rows<"dense" | "sparse"> } {
  return sample === undefined ? {} : { training: sample };
}

function pStable(distance: "euclidean" | "manhattan", { name, values: { projections, width, tables, seed } }: Making): Hash {
  return new PStableProjections({ name, distance, projections, binWidth: width, tables, seed });
}

function planes(name: string, bits: number, tables: number, seed: number): Hash[] {
  return [new RandomBinaryProjections({ name: `${name}-planes`, projections: bits, tables, seed })];
}
