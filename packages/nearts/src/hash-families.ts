import type { Hash } from "./core/contracts.js";
import { NearError, show } from "./core/errors.js";
import type { Rows } from "./core/rows.js";
import { binWidths, type Cells, randomCells } from "./hash-bins.js";
import { fittedComponents } from "./hash-components.js";
import type { HashSample } from "./hash-sample.js";
import { PCABinaryProjections } from "./hashes/pca-binary-projections.js";
import { PCADiscretizedProjections } from "./hashes/pca-discretized-projections.js";
import { RandomBinaryProjectionTree } from "./hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "./hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "./hashes/random-discretized-projections.js";

/** Parameters of a hash by name, as its constructor takes them. */
export type HashParameters = Readonly<Record<string, number>>;

/** Hashes that differ in parameters, among which one is to be chosen. */
export interface HashFamily {
  readonly name: string;
  /** What is tried. */
  readonly grid: readonly HashParameters[];
  /** A new hash with parameters from the grid, and with `tables` besides where `prefixes`. */
  make(parameters: HashParameters): Hash;
  /**
   * Declares that `make` takes `tables`, and that a hash of fewer tables is the first tables of one of more: the same keys, and the same probes in the same order.
   * Every number of tables is then tried at once; else each hash is tried with the tables that it has.
   */
  readonly prefixes?: boolean;
  /** The parameters by which a sample, that is this share of the vectors to be stored, is read as they all would be by `parameters`; these themselves when not given. */
  sampled?(parameters: HashParameters, share: number): HashParameters;
}

/** The families that are known by name. */
export type HashFamilyName = keyof typeof families;

/** What the hashes of a family have in common. */
interface Common {
  readonly name: string;
  readonly seed: number | string;
}

/** The family of this name for a sample, or an own one, checked. E_BAD_OPTION, E_UNSUPPORTED for vectors that it cannot hash. */
export function familyOf(family: unknown, sample: HashSample, common: Common): HashFamily {
  if (typeof family === "string" && Object.hasOwn(families, family)) {
    const rows = realRows(sample.rows, family);
    return families[family as HashFamilyName]({ ...sample, rows }, common); // an own key, see above
  }
  const own = family as Partial<HashFamily> | null; // its parts are checked here
  if (typeof own !== "object" || own === null || typeof own.make !== "function" || typeof own.name !== "string") {
    const known = Object.keys(families).join(", ");
    throw new NearError("E_BAD_OPTION", `family is ${show(family)}; give one of ${known}, or your own { name, grid, make(parameters) }`, {
      family,
    });
  }
  if (!Array.isArray(own.grid) || own.grid.length === 0) {
    throw new NearError(
      "E_BAD_OPTION",
      `the grid of family ${show(own.name)} is ${show(own.grid)}; give a list of at least one set of parameters`,
      {},
    );
  }
  return own as HashFamily; // checked above
}

/** A sample of vectors that planes can project. */
interface RealSample extends HashSample {
  readonly rows: Rows<"dense" | "sparse">;
}

const families = {
  RandomBinaryProjections: (sample: RealSample, common: Common): HashFamily => ({
    name: "RandomBinaryProjections",
    prefixes: true,
    grid: bitsTried(sample, 64).map((projections) => ({ projections })),
    make: ({ projections, tables }) => new RandomBinaryProjections({ ...common, projections, tables }),
  }),
  RandomDiscretizedProjections: (sample: RealSample, common: Common): HashFamily => ({
    name: "RandomDiscretizedProjections",
    prefixes: true,
    grid: cellsTried(randomCells(sample), sample),
    make: ({ projections, binWidth, tables }) =>
      new RandomDiscretizedProjections({ ...common, projections, binWidth, tables, offset: true }),
  }),
  PCABinaryProjections: (sample: RealSample, { name }: Common): HashFamily => {
    const grid = bitsTried(sample, sample.shape.dim);
    const components = fittedComponents(sample, Math.max(...grid));
    return {
      name: "PCABinaryProjections",
      grid: grid.map((projections) => ({ projections })),
      make: ({ projections }) =>
        PCABinaryProjections.fromConfig({ type: PCABinaryProjections.type, version: 1, name, ...components.first(projections) }),
    };
  },
  PCADiscretizedProjections: (sample: RealSample, { name }: Common): HashFamily => {
    const components = fittedComponents(sample, Math.min(sample.shape.dim, Math.round(Math.log2(sample.size)) + 3));
    return {
      name: "PCADiscretizedProjections",
      grid: cellsTried(components.cells(), sample),
      make: ({ projections, binWidth }) =>
        PCADiscretizedProjections.fromConfig({
          type: PCADiscretizedProjections.type,
          version: 1,
          name,
          binWidth,
          ...components.first(projections),
        }),
    };
  },
  RandomBinaryProjectionTree: (sample: RealSample, common: Common): HashFamily => ({
    name: "RandomBinaryProjectionTree",
    prefixes: true,
    grid: subtreesTried(sample),
    make: ({ projections, minimumResultSize, tables }) =>
      new RandomBinaryProjectionTree({ ...common, projections, minimumResultSize, tables }),
    // A subtree of a sample holds its share of the rows.
    sampled: (parameters, share) => ({
      ...parameters,
      minimumResultSize: Math.max(1, Math.round(parameters["minimumResultSize"] * share)),
    }),
  }),
};

/** Bits tried, around those that leave a vector to a bucket: fewer as real vectors are not spread evenly but probes are cheap, more as buckets then are still uneven. */
const bitsAround = [-5, -3, -1, 1, 3];
/** Integers of a key, at most: more would need bins too wide to tell anything. */
const mostSlots = 40;
/** Buckets that hold so many times the vectors of an even share: of few and many probes. */
const sharesTried = [16, 1];
const subtreesCount = 6;

function bitsTried({ size }: HashSample, most: number): number[] {
  const even = Math.round(Math.log2(size));
  return [...new Set(bitsAround.map((more) => Math.min(64, most, Math.max(1, even + more))))];
}

/** Bins, and as many integers of a key as leave the wanted share of the vectors in a bucket. */
function cellsTried(cells: Cells, { size, shape }: HashSample): HashParameters[] {
  const most = Math.min(mostSlots, shape.kind === "dense" ? Math.max(shape.dim, 4) : mostSlots, cells.slots);
  const tried = new Map<string, HashParameters>();
  for (const binWidth of binWidths(cells)) {
    for (const share of sharesTried) {
      let projections = 1;
      let together = cells.meeting(0, binWidth);
      while (projections < most && together > share / size) together *= cells.meeting(projections++, binWidth);
      tried.set(`${projections}/${binWidth}`, { projections, binWidth });
    }
  }
  return [...tried.values()];
}

/** Deep trees, and subtrees from a few times the neighbours wanted to a twentieth of all vectors. */
function subtreesTried({ size, k }: HashSample): HashParameters[] {
  const projections = Math.min(64, Math.round(Math.log2(size)) + 6);
  const [least, most] = [Math.min(size, 2 * k), Math.max(2 * k, size / 20)];
  const sizes = Array.from({ length: subtreesCount }, (_, i) => Math.round(least * (most / least) ** (i / (subtreesCount - 1))));
  return [...new Set(sizes)].map((minimumResultSize) => ({ projections, minimumResultSize }));
}

function realRows(rows: Rows, family: string): Rows<"dense" | "sparse"> {
  if (rows.kind === "dense" || rows.kind === "sparse") return rows;
  throw new NearError(
    "E_UNSUPPORTED",
    `${family} hashes dense and sparse vectors, not ${rows.kind}: choose a family of your own for these`,
    {
      family,
      kind: rows.kind,
    },
  );
}
