import {
  type Hash,
  HashPermutationMapper,
  HashPermutations,
  KMeansHash,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  type Rows,
} from "nearts";

/** What the controls say. */
export interface Settings {
  readonly family: FamilyName;
  readonly distance: "euclidean" | "cosine";
  readonly bits: number;
  readonly width: number;
  readonly lists: number;
  readonly minimum: number;
  readonly tables: number;
  readonly probes: number;
  readonly codes: boolean;
  readonly k: number;
  readonly seed: number;
}

/** Controls that only some families heed. */
export type Knob = "bits" | "width" | "lists" | "minimum" | "tables" | "probes" | "codes";

export interface Family {
  readonly label: string;
  readonly knobs: readonly Knob[];
  /** Most bits (or bins) of a key; as many as the vectors have dimensions where it is 0. */
  readonly mostBits: number;
  make(settings: Settings, training: Rows<"dense">): Hash | null;
}

const name = "hash";

/** The families that can be chosen. */
export const FAMILIES = {
  planes: {
    label: "RandomBinaryProjections",
    knobs: ["bits", "tables", "probes", "codes"],
    mostBits: 24,
    make: ({ bits, tables, seed }) => new RandomBinaryProjections({ name, projections: bits, tables, seed }),
  },
  bins: {
    label: "RandomDiscretizedProjections",
    knobs: ["bits", "width", "tables", "probes", "codes"],
    mostBits: 8,
    make: ({ bits, width, tables, seed }) =>
      new RandomDiscretizedProjections({ name, projections: bits, binWidth: width, tables, seed, offset: true }),
  },
  pcaPlanes: {
    label: "PCABinaryProjections",
    knobs: ["bits", "probes", "codes"],
    mostBits: 0,
    make: ({ bits }, training) => new PCABinaryProjections({ name, projections: Math.min(bits, training.dim), training }),
  },
  pcaBins: {
    label: "PCADiscretizedProjections",
    knobs: ["bits", "width", "probes", "codes"],
    mostBits: 0,
    make: ({ bits, width }, training) =>
      new PCADiscretizedProjections({ name, projections: Math.min(bits, training.dim), binWidth: width, training }),
  },
  kMeans: {
    label: "KMeansHash",
    knobs: ["lists", "probes", "codes"],
    mostBits: 0,
    make: ({ lists, distance, seed }, training) =>
      new KMeansHash({ name, lists: Math.min(lists, training.count), distance, seed, training }),
  },
  tree: {
    label: "RandomBinaryProjectionTree",
    knobs: ["bits", "minimum", "tables", "codes"],
    mostBits: 24,
    make: ({ bits, minimum, tables, seed }) =>
      new RandomBinaryProjectionTree({ name, projections: bits, minimumResultSize: minimum, tables, seed }),
  },
  permutations: {
    label: "HashPermutations",
    knobs: ["bits", "tables", "probes", "codes"],
    mostBits: 24,
    make: (settings) =>
      new HashPermutations({ name, children: [planesOf(settings)], permutations: 16, neighbours: 64, seed: settings.seed }),
  },
  mapper: {
    label: "HashPermutationMapper",
    knobs: ["bits", "tables", "probes", "codes"],
    mostBits: 24,
    make: (settings) => new HashPermutationMapper({ name, children: [planesOf(settings)] }),
  },
  exact: { label: "none: exact search", knobs: [], mostBits: 0, make: () => null },
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** The family of this name. */
export function familyOf(of: FamilyName): Family {
  return FAMILIES[of];
}

function planesOf({ bits, tables, seed }: Settings): Hash {
  return new RandomBinaryProjections({ name: "planes", projections: bits, tables, seed });
}
