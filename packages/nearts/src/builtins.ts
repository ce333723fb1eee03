import type { HashClass } from "./core/contracts.js";
import { AngularDistance } from "./distances/angular.js";
import { ContainmentDistance } from "./distances/containment.js";
import { CosineDistance } from "./distances/cosine.js";
import { EuclideanDistance } from "./distances/euclidean.js";
import { HammingDistance } from "./distances/hamming.js";
import { InnerProductDistance } from "./distances/inner-product.js";
import { JaccardDistance } from "./distances/jaccard.js";
import { ManhattanDistance } from "./distances/manhattan.js";
import { WeightedJaccardDistance } from "./distances/weighted-jaccard.js";
import type { Registry } from "./engine/options.js";
import { reviveHash } from "./engine/schema.js";
import { DistanceThresholdFilter } from "./filters/distance-threshold.js";
import { NearestFilter } from "./filters/nearest.js";
import { UniqueFilter } from "./filters/unique.js";
import { BitSampling } from "./hashes/bit-sampling.js";
import { CrossPolytope } from "./hashes/cross-polytope.js";
import { HashPermutationMapper } from "./hashes/hash-permutation-mapper.js";
import { HashPermutations } from "./hashes/hash-permutations.js";
import { ITQBinaryProjections } from "./hashes/itq-binary-projections.js";
import { KMeansHash } from "./hashes/k-means-hash.js";
import { LSHForest } from "./hashes/lsh-forest.js";
import { MinHash } from "./hashes/min-hash.js";
import { MinHashEnsemble } from "./hashes/min-hash-ensemble.js";
import { MultiIndexHashing } from "./hashes/multi-index-hashing.js";
import { PStableProjections } from "./hashes/p-stable-projections.js";
import { PCABinaryProjections } from "./hashes/pca-binary-projections.js";
import { PCADiscretizedProjections } from "./hashes/pca-discretized-projections.js";
import { RandomBinaryProjectionTree } from "./hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "./hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "./hashes/random-discretized-projections.js";
import { SuperBit } from "./hashes/super-bit.js";
import { UniBucket } from "./hashes/uni-bucket.js";
import { WeightedMinHash } from "./hashes/weighted-min-hash.js";
import { joinFamily } from "./join-family.js";
import { learn } from "./learned.js";
import { codedMetricOf } from "./numeric/sketch-shape.js";
import { reviveSketch } from "./revive-sketch.js";
import { MinHashCodes } from "./sketches/min-hash-codes.js";
import { RotatedCodes } from "./sketches/rotated-codes.js";
import { saveSnapshot } from "./snapshot/save.js";
import { MemoryStorage } from "./storage/memory/memory-storage.js";
import { makeBatches } from "./threads/batches.js";

/** Every hash that is built in. */
export const hashClasses: readonly HashClass[] = [
  BitSampling,
  CrossPolytope,
  HashPermutationMapper,
  HashPermutations,
  ITQBinaryProjections,
  KMeansHash,
  LSHForest,
  MultiIndexHashing,
  MinHash,
  MinHashEnsemble,
  PCABinaryProjections,
  PCADiscretizedProjections,
  PStableProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  SuperBit,
  UniBucket,
  WeightedMinHash,
];

const distances: Registry["distances"] = {
  angular: () => new AngularDistance(),
  containment: () => new ContainmentDistance(),
  cosine: () => new CosineDistance(),
  euclidean: () => new EuclideanDistance(),
  hamming: () => new HammingDistance(),
  "inner-product": () => new InnerProductDistance(),
  jaccard: () => new JaccardDistance(),
  manhattan: () => new ManhattanDistance(),
  "weighted-jaccard": () => new WeightedJaccardDistance(),
};

/** What the public Engine is composed from. */
export const builtins: Registry = {
  hashes: hashClasses,
  distances,
  exact: () => new UniBucket(),
  unique: () => new UniqueFilter(),
  nearest: (count) => new NearestFilter(count),
  within: (distance) => new DistanceThresholdFilter(distance),
  storage: (options) => new MemoryStorage(options),
  batches: (storage, threads) =>
    makeBatches(storage, threads, { distances, filters: [new NearestFilter(1), new DistanceThresholdFilter(1)] }),
  save: saveSnapshot,
  learn,
  joinFamily,
  revive: { hash: (config) => reviveHash(config, hashClasses), sketch: reviveSketch },
  codes: ({ metric, bits, anchors }) =>
    metric === "jaccard" ? new MinHashCodes({ bits }) : new RotatedCodes({ metric: codedMetricOf(metric), bits, seed: 1, anchors }),
};
