import { test } from "vitest";
import { Random } from "../../src/core/random.js";
import {
  BitSampling,
  CrossPolytope,
  ITQBinaryProjections,
  LSHForest,
  MultiIndexHashing,
  PStableProjections,
  RandomBinaryProjections,
  SuperBit,
} from "../../src/index.js";
import { arbitraryRows, hashSuite, type Skip } from "../../src/testing/index.js";

const training = arbitraryRows(new Random("training"), "dense", { count: 120, dim: 24 });

const boundsItself: readonly Skip[] = [
  {
    law: "a budget of one probe a table bounds the probes",
    reason: "all that lies within the radius is read, whatever the budget: that is what makes it exact",
  },
  { law: "a budget above one probe a table bounds the probes", reason: "as above" },
];
hashSuite({
  test,
  title: "CrossPolytope, 9 bits",
  hashClass: CrossPolytope,
  create: () => new CrossPolytope({ name: "cp", bits: 9, seed: 1 }),
});
hashSuite({
  test,
  title: "CrossPolytope, 21 bits of polytopes of 16 × 3 tables, centred",
  hashClass: CrossPolytope,
  create: () =>
    new CrossPolytope({
      name: "cp",
      bits: 21,
      dimension: 16,
      tables: 3,
      seed: "text",
      origin: Float32Array.from({ length: 24 }, (_, i) => i / 50),
    }),
});
hashSuite({
  test,
  title: "CrossPolytope, 64 bits",
  hashClass: CrossPolytope,
  create: () => new CrossPolytope({ name: "cp", bits: 64, tables: 2 }),
});

hashSuite({
  test,
  title: "PStableProjections for Euclidean distance",
  hashClass: PStableProjections,
  create: () => new PStableProjections({ name: "e2", projections: 4, binWidth: 3, tables: 3, seed: 1 }),
});
hashSuite({
  test,
  title: "PStableProjections for Manhattan distance",
  hashClass: PStableProjections,
  create: () => new PStableProjections({ name: "l1", distance: "manhattan", projections: 3, binWidth: 40, tables: 2, seed: 1 }),
});

hashSuite({
  test,
  title: "SuperBit, 10 bits × 3 tables",
  hashClass: SuperBit,
  create: () => new SuperBit({ name: "sb", projections: 10, tables: 3, seed: 1 }),
});
hashSuite({
  test,
  title: "SuperBit, more planes than dimensions at right angles",
  hashClass: SuperBit,
  create: () => new SuperBit({ name: "sb", projections: 40, depth: 30, tables: 2 }),
});

hashSuite({
  test,
  hashClass: ITQBinaryProjections,
  create: () => new ITQBinaryProjections({ name: "itq", projections: 8, tables: 2, rounds: 5, training }),
});

hashSuite({
  test,
  title: "LSHForest of random planes",
  hashClass: LSHForest,
  create: () =>
    new LSHForest({
      name: "forest",
      children: [new RandomBinaryProjections({ name: "rbp", projections: 64, tables: 4, seed: 1 })],
      minimumResultSize: 12,
    }),
});
hashSuite({
  test,
  title: "LSHForest of bits",
  hashClass: LSHForest,
  create: () =>
    new LSHForest({
      name: "forest",
      children: [new BitSampling({ name: "bits", projections: 20, tables: 3, seed: 1 })],
      minimumResultSize: 5,
    }),
});

hashSuite({
  test,
  title: "BitSampling, 9 bits × 3 tables",
  hashClass: BitSampling,
  create: () => new BitSampling({ name: "bits", projections: 9, tables: 3, seed: 1 }),
});
hashSuite({
  test,
  title: "BitSampling, 64 of 100 bits",
  dim: 100,
  hashClass: BitSampling,
  create: () => new BitSampling({ name: "bits", projections: 64 }),
});

hashSuite({
  test,
  title: "MultiIndexHashing, no radius",
  hashClass: MultiIndexHashing,
  create: () => new MultiIndexHashing({ name: "mih", chunks: 5 }),
});
hashSuite({
  test,
  title: "MultiIndexHashing, radius 5",
  hashClass: MultiIndexHashing,
  skip: boundsItself,
  create: () => new MultiIndexHashing({ name: "mih", chunks: 3, radius: 5 }),
});
