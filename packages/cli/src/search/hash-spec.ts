import {
  type Hash,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  type Rows,
  UniBucket,
} from "nearts";
import { UsageError } from "./usage-error.js";

/** A hash as the command line names it: `family` or `family:option=value,…`. */
export interface HashSpec {
  readonly family: FamilyName;
  readonly values: Values;
  /** The hash under this name; `sample` gives rows to learn from. */
  make(name: string, sample: () => Sample): Hash;
}

/** Rows that hashes can learn from. */
export type Sample = Rows<"dense" | "sparse">;

type FamilyName = keyof typeof FAMILIES;
type Values = Readonly<Record<string, number>>;

interface Family {
  readonly about: string;
  /** Every option with its default; undefined where there is no default. */
  readonly options: Readonly<Record<string, number | undefined>>;
  make(values: Values, name: string, sample: () => Sample): Hash;
}

const FAMILIES = {
  exact: { about: "one bucket for all: exact search", options: {}, make: (_, name) => new UniBucket({ name }) },
  rbp: {
    about: "RandomBinaryProjections: a bit for each random plane (angles)",
    options: { bits: 10, tables: 10, seed: 1 },
    make: ({ bits, tables, seed }, name) => new RandomBinaryProjections({ name, projections: bits, tables, seed }),
  },
  rdp: {
    about: "RandomDiscretizedProjections: a bin of this width on each random direction (lengths)",
    options: { projections: 4, width: undefined, tables: 10, seed: 1 },
    make: ({ projections, width, tables, seed }, name) =>
      new RandomDiscretizedProjections({ name, projections, binWidth: width, tables, seed, offset: true }),
  },
  pca: {
    about: "PCABinaryProjections: a bit for each principal component; wants many probes",
    options: { bits: 10 },
    make: ({ bits }, name, sample) => new PCABinaryProjections({ name, projections: bits, training: sample() }),
  },
  pcad: {
    about: "PCADiscretizedProjections: a bin of this width on each principal component",
    options: { projections: 4, width: undefined },
    make: ({ projections, width }, name, sample) => new PCADiscretizedProjections({ name, projections, binWidth: width, training: sample() }),
  },
  tree: {
    about: "RandomBinaryProjectionTree: the smallest subtrees with at least min rows each",
    options: { bits: 24, min: 50, tables: 10, seed: 1 },
    make: ({ bits, min, tables, seed }, name) =>
      new RandomBinaryProjectionTree({ name, projections: bits, minimumResultSize: min, tables, seed }),
  },
} satisfies Record<string, Family>;

/** The hash that `text` names, for example `rbp:bits=12,tables=8`; a UsageError says what is wrong with it and what there is. */
export function parseHash(text: string): HashSpec {
  const [family, list = "", ...rest] = text.split(":");
  if (!isFamily(family) || rest.length > 0) throw new UsageError(`--hash ${text}: there is no hash ${JSON.stringify(family)}\n${describeHashes()}`);
  const values = { ...FAMILIES[family].options, ...parseOptions(text, family, list) };
  return { family, values, make: (name, sample) => makeHash(text, FAMILIES[family], values, name, sample) };
}

/** One line for each family, with all options and their defaults. */
export function describeHashes(): string {
  const lines = Object.entries<Family>(FAMILIES).map(([name, { about, options }]) => {
    const list = Object.entries(options).map(([option, value]) => `${option}=${value ?? "…"}`);
    return `  ${[name, ...(list.length > 0 ? [list.join(",")] : [])].join(":").padEnd(42)} ${about}`;
  });
  return lines.join("\n");
}
