import { test } from "vitest";
import { Random } from "../../src/core/random.js";
import {
  HashPermutationMapper,
  HashPermutations,
  MinHash,
  MinHashEnsemble,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  UniBucket,
  WeightedMinHash,
} from "../../src/index.js";
import { arbitraryRows, hashSuite, type Skip } from "../../src/testing/index.js";

const dim = 24;
const training = arbitraryRows(new Random("training"), "dense", { count: 120, dim });

const boundsItself: readonly Skip[] = [
  {
    law: "a budget of one probe a table bounds the probes",
    reason: "the reading is bounded by the hash's own options, as in NearPy, which the default budget of an engine must not cut short",
  },
];

hashSuite({ test, hashClass: UniBucket, create: () => new UniBucket() });

hashSuite({
  test,
  title: "RandomBinaryProjections, 10 bits",
  hashClass: RandomBinaryProjections,
  create: () => new RandomBinaryProjections({ name: "rbp", projections: 10, seed: 1 }),
});
hashSuite({
  test,
  title: "RandomBinaryProjections, 40 bits × 3 tables",
  hashClass: RandomBinaryProjections,
  create: () => new RandomBinaryProjections({ name: "rbp", projections: 40, tables: 3, seed: "text" }),
});
hashSuite({
  test,
  title: "RandomBinaryProjections, 64 bits",
  hashClass: RandomBinaryProjections,
  create: () => new RandomBinaryProjections({ name: "rbp", projections: 64 }),
});

hashSuite({
  test,
  title: "RandomDiscretizedProjections, 3 integers",
  hashClass: RandomDiscretizedProjections,
  create: () => new RandomDiscretizedProjections({ name: "rdp", projections: 3, binWidth: 2, seed: 1 }),
});
hashSuite({
  test,
  title: "RandomDiscretizedProjections, 5 integers with offsets × 4 tables",
  hashClass: RandomDiscretizedProjections,
  create: () => new RandomDiscretizedProjections({ name: "rdp", projections: 5, binWidth: 3.5, tables: 4, offset: true, seed: 1 }),
});

hashSuite({
  test,
  title: "MinHash, 3 values",
  hashClass: MinHash,
  create: () => new MinHash({ name: "min", rows: 3, seed: 1 }),
});
hashSuite({
  test,
  title: "MinHash, 5 values × 6 tables",
  hashClass: MinHash,
  create: () => new MinHash({ name: "min", rows: 5, tables: 6, seed: "text" }),
});
hashSuite({
  test,
  title: "classic MinHash, 1 value × 9 tables",
  hashClass: MinHash,
  create: () => new MinHash({ name: "min", rows: 1, tables: 9, permutations: "classic" }),
});

hashSuite({
  test,
  hashClass: MinHashEnsemble,
  create: () => new MinHashEnsemble({ name: "ensemble", sizes: [2, 5, 9], bands: 6, seed: 1 }),
  skip: [
    {
      law: "a budget of one probe a table bounds the probes",
      reason: "each partition is read by prefixes of its own, which the default budget of an engine must not cut short",
    },
    { law: "a budget above one probe a table bounds the probes", reason: "as above" },
  ],
});

hashSuite({
  test,
  title: "WeightedMinHash, 2 values × 4 tables",
  hashClass: WeightedMinHash,
  create: () => new WeightedMinHash({ name: "min", rows: 2, tables: 4, seed: 1 }),
});

hashSuite({
  test,
  hashClass: PCABinaryProjections,
  create: () => new PCABinaryProjections({ name: "pca", projections: 8, training }),
});
hashSuite({
  test,
  hashClass: PCADiscretizedProjections,
  create: () => new PCADiscretizedProjections({ name: "pca", projections: 3, binWidth: 4, training }),
});

hashSuite({
  test,
  title: "RandomBinaryProjectionTree, at least 12",
  hashClass: RandomBinaryProjectionTree,
  create: () => new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 12, seed: 1 }),
});
hashSuite({
  test,
  title: "RandomBinaryProjectionTree, at least 5, 64 bits × 2 tables",
  hashClass: RandomBinaryProjectionTree,
  create: () => new RandomBinaryProjectionTree({ name: "tree", projections: 64, minimumResultSize: 5, tables: 2, seed: 1 }),
});

hashSuite({
  test,
  title: "HashPermutations of one hash",
  hashClass: HashPermutations,
  skip: boundsItself,
  create: () =>
    new HashPermutations({
      name: "permuted",
      children: [new RandomBinaryProjections({ name: "rbp", projections: 10, seed: 1 })],
      permutations: 6,
      beam: 4,
      neighbours: 8,
    }),
});
hashSuite({
  test,
  title: "HashPermutations of two hashes",
  hashClass: HashPermutations,
  skip: boundsItself,
  create: () =>
    new HashPermutations({
      name: "permuted",
      children: [
        new RandomBinaryProjections({ name: "rbp", projections: 14, tables: 2, seed: 1 }),
        new PCABinaryProjections({ name: "pca", projections: 6, training }),
      ],
      permutations: 4,
      beam: 6,
      neighbours: 5,
      seed: 2,
    }),
});

hashSuite({
  test,
  title: "HashPermutationMapper of one hash",
  hashClass: HashPermutationMapper,
  skip: boundsItself,
  create: () =>
    new HashPermutationMapper({ name: "mapped", children: [new RandomBinaryProjections({ name: "rbp", projections: 8, seed: 1 })] }),
});
hashSuite({
  test,
  title: "HashPermutationMapper of two hashes",
  hashClass: HashPermutationMapper,
  skip: boundsItself,
  create: () =>
    new HashPermutationMapper({
      name: "mapped",
      children: [
        new RandomBinaryProjections({ name: "rbp", projections: 12, tables: 2, seed: 1 }),
        new PCABinaryProjections({ name: "pca", projections: 6, training }),
      ],
    }),
});
