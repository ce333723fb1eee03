import type { Hash, HashConfig } from "../core/contracts.js";
import { asDense } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import { type Rows, slice } from "../core/rows.js";
import { BitSampling } from "../hashes/bit-sampling.js";
import { CrossPolytope } from "../hashes/cross-polytope.js";
import { ITQBinaryProjections } from "../hashes/itq-binary-projections.js";
import { LSHForest } from "../hashes/lsh-forest.js";
import { MinHash } from "../hashes/min-hash.js";
import { MultiIndexHashing } from "../hashes/multi-index-hashing.js";
import { PStableProjections } from "../hashes/p-stable-projections.js";
import { PCABinaryProjections } from "../hashes/pca-binary-projections.js";
import { PCADiscretizedProjections } from "../hashes/pca-discretized-projections.js";
import { RandomBinaryProjectionTree } from "../hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "../hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "../hashes/random-discretized-projections.js";
import { SuperBit } from "../hashes/super-bit.js";
import { binWidths, type Cells, manhattanCells, randomCells } from "./hash-bins.js";
import { fittedComponents } from "./hash-components.js";
import type { HashSample } from "./hash-sample.js";

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
export type HashFamilyName = keyof typeof realFamilies | keyof typeof bitFamilies | keyof typeof setFamilies;

/** What the hashes of a family have in common. */
interface Common {
  readonly name: string;
  readonly seed: number | string;
  /** Name of the distance that they are to serve. */
  readonly distance: string;
}

/** The family of this name for a sample, or an own one, checked. E_BAD_OPTION, E_UNSUPPORTED for vectors that it cannot hash. */
export function familyOf(family: unknown, sample: HashSample, common: Common): HashFamily {
  if (typeof family === "string" && Object.hasOwn(realFamilies, family)) {
    const rows = realRows(sample.rows, family);
    return realFamilies[family as keyof typeof realFamilies]({ ...sample, rows }, common); // an own key, see above
  }
  if (typeof family === "string" && Object.hasOwn(bitFamilies, family)) {
    requireKind(sample.rows, "bits", family);
    return bitFamilies[family as keyof typeof bitFamilies](sample, common); // likewise
  }
  if (typeof family === "string" && Object.hasOwn(setFamilies, family)) {
    requireKind(sample.rows, "set", family);
    return setFamilies[family as keyof typeof setFamilies](sample, common); // likewise
  }
  const own = family as Partial<HashFamily> | null; // its parts are checked here
  if (typeof own !== "object" || own === null || typeof own.make !== "function" || typeof own.name !== "string") {
    const known = [realFamilies, bitFamilies, setFamilies].flatMap(Object.keys).join(", ");
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

const realFamilies = {
  RandomBinaryProjections: (sample: RealSample, { name, seed }: Common): HashFamily => ({
    name: "RandomBinaryProjections",
    prefixes: true,
    grid: bitsTried(sample, 64).map((projections) => ({ projections })),
    make: ({ projections, tables }) => new RandomBinaryProjections({ name, seed, projections, tables }),
  }),
  RandomDiscretizedProjections: (sample: RealSample, { name, seed }: Common): HashFamily => ({
    name: "RandomDiscretizedProjections",
    prefixes: true,
    grid: cellsTried(randomCells(sample), sample),
    make: ({ projections, binWidth, tables }) =>
      new RandomDiscretizedProjections({ name, seed, projections, binWidth, tables, offset: true }),
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
  RandomBinaryProjectionTree: (sample: RealSample, { name, seed }: Common): HashFamily => ({
    name: "RandomBinaryProjectionTree",
    prefixes: true,
    grid: subtreesTried(sample),
    make: ({ projections, minimumResultSize, tables }) =>
      new RandomBinaryProjectionTree({ name, seed, projections, minimumResultSize, tables }),
    sampled: shareOfRows,
  }),
  CrossPolytope: (sample: RealSample, { name, seed, distance }: Common): HashFamily => {
    // Angles about the mean tell distances where all vectors lie to one side of the origin.
    const origin = distance === "euclidean" && sample.shape.kind === "dense" ? { origin: meanOf(sample.rows) } : {};
    return {
      name: "CrossPolytope",
      prefixes: true,
      grid: bitsTried(sample, 64).map((bits) => ({ bits })),
      make: ({ bits, tables }) => new CrossPolytope({ name, seed, bits, tables, ...origin }),
    };
  },
  ITQBinaryProjections: (sample: RealSample, { name, seed }: Common): HashFamily => {
    const training = slice<"dense" | "sparse">(sample.rows, 0, Math.min(sample.rows.count, mostLearned));
    // Learning takes seconds: what was tried is made again from what it learned.
    const learned = new Map<number, HashConfig>();
    return {
      name: "ITQBinaryProjections",
      grid: bitsTried(sample, sample.shape.dim).map((projections) => ({ projections })),
      make: ({ projections }) => {
        const known = learned.get(projections) ?? new ITQBinaryProjections({ name, seed, projections, training }).config();
        learned.set(projections, known);
        return ITQBinaryProjections.fromConfig(known);
      },
    };
  },
  LSHForest: (sample: RealSample, { name, seed }: Common): HashFamily => ({
    name: "LSHForest",
    grid: forestsTried(sample),
    make: ({ projections, trees, minimumResultSize }) =>
      new LSHForest({
        name,
        children: [new RandomBinaryProjections({ name: "trees", seed, projections, tables: trees })],
        minimumResultSize,
      }),
    sampled: shareOfRows,
  }),
  PStableProjections: (sample: RealSample, { name, seed, distance }: Common): HashFamily => {
    const manhattan = distance === "manhattan";
    return {
      name: "PStableProjections",
      prefixes: true,
      grid: cellsTried(manhattan ? manhattanCells(sample) : randomCells(sample), sample),
      make: ({ projections, binWidth, tables }) =>
        new PStableProjections({ name, seed, distance: manhattan ? "manhattan" : "euclidean", projections, binWidth, tables }),
    };
  },
  SuperBit: (sample: RealSample, { name, seed }: Common): HashFamily => ({
    name: "SuperBit",
    prefixes: true,
    grid: bitsTried(sample, 64).map((projections) => ({ projections })),
    make: ({ projections, tables }) => new SuperBit({ name, seed, projections, tables }),
  }),
};

const bitFamilies = {
  BitSampling: (sample: HashSample, { name, seed }: Common): HashFamily => ({
    name: "BitSampling",
    prefixes: true,
    grid: bitsTried(sample, sample.shape.dim).map((projections) => ({ projections })),
    make: ({ projections, tables }) => new BitSampling({ name, seed, projections, tables }),
  }),
  MultiIndexHashing: (sample: HashSample, { name }: Common): HashFamily => ({
    name: "MultiIndexHashing",
    grid: chunksTried(sample),
    make: ({ chunks }) => new MultiIndexHashing({ name, chunks }),
  }),
};

const setFamilies = {
  MinHash: (_sample: HashSample, { name, seed }: Common): HashFamily => ({
    name: "MinHash",
    prefixes: true,
    grid: valuesTried.map((rows) => ({ rows })),
    make: ({ rows, tables }) => new MinHash({ name, seed, rows, tables }),
  }),
};

/** Values of a key: with more, even sets of similarity 0.9 seldom meet. */
const valuesTried = [1, 2, 3, 4, 6, 8, 12, 16];
/** Bits tried, around those that leave a vector to a bucket: fewer as real vectors are not spread evenly but probes are cheap, more as buckets then are still uneven. */
const bitsAround = [-5, -3, -1, 1, 3];
/** Integers of a key, at most: more would need bins too wide to tell anything. */
const mostSlots = 40;
/** Buckets that hold so many times the vectors of an even share: of few and many probes. */
const sharesTried = [16, 1];
const subtreesCount = 6;
/** Trees of a forest that are tried. */
const treesTried = [4, 8];
/** Rows that a rotation is learned from. */
const mostLearned = 4096;

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

/** Trees whose leaves hold a few vectors, and prefixes that hold from a few times the neighbours wanted to a twentieth of all vectors. */
function forestsTried(sample: HashSample): HashParameters[] {
  const projections = Math.min(64, Math.round(Math.log2(sample.size)) + 1);
  const sizes = subtreesTried(sample).filter((_, i) => i % 2 === 1);
  return treesTried.flatMap((trees) =>
    sizes.map(({ minimumResultSize }) => ({ projections, trees, minimumResultSize: minimumResultSize * trees })),
  );
}

/** A subtree of a sample holds its share of the rows. */
function shareOfRows(parameters: HashParameters, share: number): HashParameters {
  return { ...parameters, minimumResultSize: Math.max(1, Math.round(parameters["minimumResultSize"] * share)) };
}

/** Chunks about as wide as there are bits in the number of vectors (Norouzi et al. 2012, section 3.2). */
function chunksTried({ size, shape }: HashSample): HashParameters[] {
  const even = shape.dim / Math.max(1, Math.log2(size));
  const counts = [0.7, 1, 1.4, 2].map((factor) => Math.min(shape.dim, Math.max(Math.ceil(shape.dim / 64), Math.round(even * factor))));
  return [...new Set(counts)].map((chunks) => ({ chunks }));
}

function meanOf(rows: Rows<"dense" | "sparse">): Float32Array {
  const { dim, count, values } = asDense(rows);
  const mean = new Float64Array(dim);
  for (let r = 0; r < count; r++) for (let i = 0; i < dim; i++) mean[i] += values[r * dim + i];
  return Float32Array.from(mean, (sum) => sum / count);
}

function requireKind(rows: Rows, kind: "bits" | "set", family: string): void {
  if (rows.kind === kind) return;
  const hashed = kind === "bits" ? "bit vectors" : "sets";
  throw new NearError("E_UNSUPPORTED", `${family} hashes ${hashed}, not ${rows.kind}: choose another family for these`, {
    family,
    kind: rows.kind,
  });
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
