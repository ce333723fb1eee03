export { Engine } from "./bound-engine.js";
export type { BandsChoice, ChooseBandsOptions } from "./choosing/choose-bands.js";
export { chooseBands } from "./choosing/choose-bands.js";
export type { ChooseHashOptions, HashChoice, TriedHash } from "./choosing/choose-hash.js";
export { chooseHash } from "./choosing/choose-hash.js";
export type { HashFamily, HashFamilyName, HashParameters } from "./choosing/hash-families.js";
export { Codes, Estimate } from "./core/codes.js";
export { Candidates, Keys, Probes } from "./core/columns.js";
export type {
  Awaitable,
  Batch,
  Block,
  BucketStats,
  BucketView,
  Collision,
  Distance,
  Estimation,
  Filter,
  FilterContext,
  Hash,
  HashClass,
  HashConfig,
  Id,
  Json,
  KeyDirectory,
  KeyParts,
  Knowledge,
  Lease,
  Metric,
  Precision,
  Resident,
  Rounding,
  RowReader,
  RowSet,
  ScanPlan,
  Schema,
  SchemaHash,
  SchemaSketch,
  Shape,
  Shared,
  SharedBlock,
  Sketch,
  Storage,
  StorageStats,
  WriteReport,
} from "./core/contracts.js";
export type { NearErrorCode, NearErrorDetails } from "./core/errors.js";
export { NearError } from "./core/errors.js";
export type { FieldType, FieldTypes } from "./core/fields.js";
export type { Condition, FieldPredicate, Range, Scalar } from "./core/predicates.js";
export type { Seed } from "./core/random.js";
export { derive, Random, seedFrom } from "./core/random.js";
export type {
  BitRows,
  BitVector,
  DenseRows,
  DenseVector,
  Kind,
  Rows,
  SetRows,
  SetVector,
  SparseRows,
  SparseVector,
  VectorOf,
} from "./core/rows.js";
export { gather, rowAt } from "./core/rows.js";
export type { Token } from "./core/tokens.js";
export { memberOf, membersOf } from "./core/tokens.js";
export { AngularDistance } from "./distances/angular.js";
export { ContainmentDistance } from "./distances/containment.js";
export { CosineDistance } from "./distances/cosine.js";
export { EuclideanDistance } from "./distances/euclidean.js";
export { HammingDistance } from "./distances/hamming.js";
export { InnerProductDistance } from "./distances/inner-product.js";
export { JaccardDistance } from "./distances/jaccard.js";
export { ManhattanDistance } from "./distances/manhattan.js";
export { WeightedJaccardDistance } from "./distances/weighted-jaccard.js";
export type { QueriesInput } from "./engine/bulk-input.js";
export type { Budget } from "./engine/choose-effort.js";
export type { BitInput, SparseInput, VectorInput } from "./engine/intake.js";
export type { SetInput } from "./engine/intake-sets.js";
export type {
  ByteSink,
  CandidateCount,
  Chunk,
  DeleteOptions,
  DistanceName,
  DistanceOn,
  EngineOptions,
  EngineStats,
  Expectation,
  Explanation,
  Found,
  GaugedRecall,
  Item,
  LoadOptions,
  Neighbour,
  NeighbourColumns,
  NeighbourOptions,
  OpenOptions,
  Progress,
  QueryInput,
  QueryOptions,
  SaveOptions,
  SaveTarget,
  SearchPlan,
  SnapshotProgress,
  SnapshotSource,
  Stored,
  StoreManyOptions,
  StoreOptions,
  TuneOptions,
  VectorsInput,
} from "./engine/options.js";
export type { Cluster } from "./engine/pairs/clusters.js";
export type { PairJoin } from "./engine/pairs/join.js";
export type { ClusterOptions, Pair, PairCursor, PairOptions, PairProgress } from "./engine/pairs/options.js";
export type { AnyCondition, ConditionOn, OpenWhere, Where, WhereObject } from "./engine/where-types.js";
export { DistanceThresholdFilter } from "./filters/distance-threshold.js";
export { NearestFilter } from "./filters/nearest.js";
export { UniqueFilter } from "./filters/unique.js";
export type { BitSamplingOptions } from "./hashes/bit-sampling.js";
export { BitSampling } from "./hashes/bit-sampling.js";
export type { CrossPolytopeOptions } from "./hashes/cross-polytope.js";
export { CrossPolytope } from "./hashes/cross-polytope.js";
export type { HashPermutationMapperOptions } from "./hashes/hash-permutation-mapper.js";
export { HashPermutationMapper } from "./hashes/hash-permutation-mapper.js";
export type { HashPermutationsOptions } from "./hashes/hash-permutations.js";
export { HashPermutations } from "./hashes/hash-permutations.js";
export type { ITQBinaryProjectionsOptions } from "./hashes/itq-binary-projections.js";
export { ITQBinaryProjections } from "./hashes/itq-binary-projections.js";
export type { KMeansHashOptions } from "./hashes/k-means-hash.js";
export { KMeansHash } from "./hashes/k-means-hash.js";
export type { LSHForestOptions } from "./hashes/lsh-forest.js";
export { LSHForest } from "./hashes/lsh-forest.js";
export type { MinHashOptions } from "./hashes/min-hash.js";
export { MinHash } from "./hashes/min-hash.js";
export type { MinHashEnsembleOptions } from "./hashes/min-hash-ensemble.js";
export { MinHashEnsemble, partitionSizes } from "./hashes/min-hash-ensemble.js";
export type { MultiIndexHashingOptions } from "./hashes/multi-index-hashing.js";
export { MultiIndexHashing } from "./hashes/multi-index-hashing.js";
export type { PStableProjectionsOptions } from "./hashes/p-stable-projections.js";
export { PStableProjections } from "./hashes/p-stable-projections.js";
export type { PCABinaryProjectionsOptions } from "./hashes/pca-binary-projections.js";
export { PCABinaryProjections } from "./hashes/pca-binary-projections.js";
export type { PCADiscretizedProjectionsOptions } from "./hashes/pca-discretized-projections.js";
export { PCADiscretizedProjections } from "./hashes/pca-discretized-projections.js";
export type { RandomBinaryProjectionTreeOptions } from "./hashes/random-binary-projection-tree.js";
export { RandomBinaryProjectionTree } from "./hashes/random-binary-projection-tree.js";
export type { RandomBinaryProjectionsOptions } from "./hashes/random-binary-projections.js";
export { RandomBinaryProjections } from "./hashes/random-binary-projections.js";
export type { RandomDiscretizedProjectionsOptions } from "./hashes/random-discretized-projections.js";
export { RandomDiscretizedProjections } from "./hashes/random-discretized-projections.js";
export type { SuperBitOptions } from "./hashes/super-bit.js";
export { SuperBit } from "./hashes/super-bit.js";
export type { UniBucketOptions } from "./hashes/uni-bucket.js";
export { UniBucket } from "./hashes/uni-bucket.js";
export type { WeightedMinHashOptions } from "./hashes/weighted-min-hash.js";
export { WeightedMinHash } from "./hashes/weighted-min-hash.js";
export { MixedEngine } from "./mixed/mixed-engine.js";
export type {
  MixedField,
  MixedItem,
  MixedNeighbour,
  MixedOptions,
  MixedQueryOptions,
  MixedStored,
  MixedVectors,
} from "./mixed/options.js";
export type { BandCosts, Bands } from "./numeric/bands.js";
export type { Permutations } from "./numeric/min-values.js";
export { fillNormal, normalAt } from "./numeric/normal.js";
export type { Training } from "./numeric/training.js";
export { classic } from "./presets.js";
export type { ProductCodesOfOptions } from "./product-codes-of.js";
export { productCodes } from "./product-codes-of.js";
export { reviveSketch as sketchFromConfig } from "./revive-sketch.js";
export { hashFromConfig } from "./schema-options.js";
export type { ShingleOptions } from "./shingles.js";
export { shingles } from "./shingles.js";
export type { MinHashCodesOptions } from "./sketches/min-hash-codes.js";
export { MinHashCodes } from "./sketches/min-hash-codes.js";
export type { Alike, SignaturesOptions } from "./sketches/signatures.js";
export { Signatures } from "./sketches/signatures.js";
export type { MemoryStorageOptions } from "./storage/memory/memory-storage.js";
export { MemoryStorage } from "./storage/memory/memory-storage.js";
