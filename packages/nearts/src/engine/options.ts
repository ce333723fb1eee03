import type { Awaitable, Distance, Filter, Hash, HashClass, HashConfig, Id, Metric, Shape, Sketch, Storage } from "../core/contracts.js";
import type { FieldTypes } from "../core/fields.js";
import type { DenseRows, Kind, Rows, SetRows, VectorOf } from "../core/rows.js";
import type { Steps } from "../numeric/steps.js";
import type { MakeBatches } from "./batches.js";
import type { VectorInput } from "./intake.js";
import type { Where } from "./where-types.js";

/** Distances known by name. */
export type DistanceName =
  | "angular"
  | "containment"
  | "cosine"
  | "euclidean"
  | "hamming"
  | "inner-product"
  | "jaccard"
  | "manhattan"
  | "weighted-jaccard";

/** A distance that measures vectors of kind `K`, perhaps of others too. */
export type DistanceOn<K extends Kind> = Omit<Distance<K>, "kinds"> & { readonly kinds: readonly Kind[] };

/** What a new engine is made of. */
export interface EngineOptions<K extends Kind = Kind> {
  /** Dimension of the vectors: 1 to 16,384 dense, 1 to 2³² − 1 sparse; bits of a bit vector. Of sets, which need none, what members are below: 2³² when not given. */
  readonly dim?: number;
  /** Kind of vector it stores; "dense" when not given. Dense and sparse engines take either. */
  readonly kind?: K;
  /** How far apart two vectors are: a name or an own one; "cosine" when not given ("hamming" for bits, "jaccard" for sets). */
  readonly distance?: DistanceName | DistanceOn<K>;
  /** How candidates are found; none means an exact search. Names must differ. */
  readonly hashes?: readonly Hash[];
  /**
   * The share of the true nearest neighbours that queries are to find, over 0 to 1: the index then learns from its vectors how to be searched, by itself,
   * and tunes itself to this. Without it (and without hashes) searches are exact. With hashes, what `tune` aims at.
   */
  readonly recall?: number;
  /**
   * "per-query": each query reads until the hashes' law bounds by `recall` the probability with which it finds any of its k nearest, whatever the query and
   * the data; without it the recall is what a trial measured. For hashes whose keys can be read by prefixes, with a recall below 1.
   */
  readonly guarantee?: "per-query";
  /** Codes in the buckets of the hashes, by which most candidates are ruled out unread: true for one bit per dimension, or how many, or a sketch that makes them. */
  readonly codes?: boolean | { readonly bits: 1 | 2 | 4 } | Sketch;
  /** Precision in which vectors are stored: "f32" when not given. Distances are those of what is stored. */
  readonly vectors?: "f32" | "f16" | "i8";
  /** Check now and then what share of the neighbours queries find (at most 1 % of their time), for `stats()`. On when not given, where there is a recall. */
  readonly gauge?: boolean;
  /**
   * Fields of the data that are filtered by, and their types: `{ brand: "string", price: "number", tags: "strings", inStock: "boolean" }`, with dots into
   * nested objects. A memory storage keeps them as columns too, so that a `where` on them is found without reading data. Answers are the same without.
   */
  readonly fields?: FieldTypes;
  /** What becomes of the candidates, in order; each stored vector once and the nearest 10 when not given. */
  readonly filters?: readonly Filter[];
  /** Where everything lives; a fresh MemoryStorage when not given. */
  readonly storage?: Storage;
  /** Refuse writes (E_MEMORY) that would take the memory storage over so many bytes. */
  readonly maxBytes?: number;
  /**
   * Threads that answer `neighboursOfMany`, and learn, where that is sooner, the calling one included: 1 to 64, or "auto" for as many as the machine runs at
   * once, 8 at most. Answers and what is learned are the same; writes that arrive during a batch wait, so that it sees one state. 1 when not given. A storage
   * of your own needs as many.
   */
  readonly threads?: number | "auto";
}

/** How to open an index that a storage already holds. */
export interface OpenOptions {
  readonly storage: Storage;
  /** Classes of hashes that are not built in, and distances of your own, found by name. */
  readonly plugins?: readonly (HashClass | Distance)[];
  readonly filters?: readonly Filter[];
  /** As for a new engine with hashes: recall and guarantee are of the engine, not of the index. An index that has learned knows its recall. */
  readonly recall?: number;
  readonly guarantee?: "per-query";
}

/** What can be attached when storing one vector. */
export interface StoreOptions<Data> {
  /** The user's name for it; an existing one is replaced. The next free integer when not given. */
  readonly id?: Id;
  /** Anything JSON can carry. */
  readonly data?: Data;
  /** Seconds after which it is gone by itself, for storages that can do that; E_UNSUPPORTED elsewhere. */
  readonly ttlSeconds?: number;
}

/** How far a long write has come. */
export interface Progress {
  readonly stored: number;
  /** Known unless the vectors come from an iterable. */
  readonly total?: number;
}

/** What can be attached when storing many. */
export interface StoreManyOptions<Data> {
  /** One id a vector, in order. */
  readonly ids?: readonly Id[];
  /** Data of each vector, in order. */
  readonly data?: readonly (Data | undefined)[];
  /** Dimension of a flat array, if you want it checked. */
  readonly dim?: number;
  /** Seconds after which they are gone by themselves, for storages that can do that; E_UNSUPPORTED elsewhere. */
  readonly ttlSeconds?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Stops between batches; what was stored before stays. */
  readonly signal?: AbortSignal;
}

/** One vector with what belongs to it. */
export interface Item<Data> {
  readonly vector: VectorInput;
  readonly id?: Id;
  readonly data?: Data;
}

/** Several vectors as columns with what belongs to them, as readers yield them. */
export interface Chunk<Data> {
  readonly rows: Rows;
  readonly ids?: readonly Id[];
  readonly data?: readonly (Data | undefined)[];
}

/** Many vectors: an array, one flat typed array, columns, or an iterable of vectors, items or chunks, which is drawn from no faster than it is stored. */
export type VectorsInput<Data> =
  | Float32Array
  | Float64Array
  | Rows
  | readonly (VectorInput | Item<Data>)[]
  | Iterable<VectorInput | Item<Data> | Chunk<Data>>
  | AsyncIterable<VectorInput | Item<Data> | Chunk<Data>>;

/** What to ask with: a vector, or the id of a stored one (which is then left out of its own neighbours). */
export type QueryInput = VectorInput | { readonly id: Id };

/** How to ask. */
export interface NeighbourOptions {
  /** At most so many, nearest first: 1 to 10,000. 10 when neither `k`, `within` nor `filters` is given. */
  readonly k?: number;
  /** Only neighbours nearer than this. Without `k`: all of them, nearest first. */
  readonly within?: number;
  /** Measure by another distance this time; false measures nothing: the candidates come as the buckets gave them, without distances. */
  readonly distance?: DistanceName | Distance | false;
  /** Other filters this time; false (or none) gives every candidate, unsorted, as often as buckets proposed it. */
  readonly filters?: readonly Filter[] | false;
  /** Buckets to read per table, most promising first; when not given, as many as the engine is tuned for, or 1. */
  readonly probes?: number;
  /** Compare the query with every stored vector, whatever the engine is tuned for. A storage on servers sends them all for that, each time; they are compared block by block. */
  readonly exact?: boolean;
  readonly includeVector?: boolean;
  readonly signal?: AbortSignal;
}

/** How to ask with many queries. */
export interface BatchOptions<Data = unknown> extends QueryOptions<Data> {
  /** Most threads to use, up to those that the engine has; all of these when not given. */
  readonly threads?: number;
}

/** How to ask an engine whose vectors have such data. */
export interface QueryOptions<Data = unknown> extends NeighbourOptions {
  /**
   * Only vectors whose data fit: conditions by key, or a function of data and id. There are never fewer than `k` results while as many vectors fit, unless
   * `probes` says what to read; where few fit, all of these are measured, which is exact.
   */
  readonly where?: Where<Data>;
}

/** Which vectors to remove: those whose data fit. */
export interface DeleteOptions<Data = unknown> {
  readonly where: Where<Data>;
}

/** One result without a distance. */
export interface Found<Data, K extends Kind = Kind> {
  readonly id: Id;
  readonly data?: Data;
  /** A copy of the stored vector, where `includeVector` asked for it. */
  readonly vector?: VectorOf<K>;
}

/** One result. */
export interface Neighbour<Data, K extends Kind = Kind> extends Found<Data, K> {
  /** Computed in float64 from the stored float32 vector. */
  readonly distance: number;
}

/** Results of many queries as columns: those of query q are `ids[offsets[q] … offsets[q+1])` and as many distances. */
export interface NeighbourColumns {
  readonly ids: Id[];
  readonly distances: Float64Array;
  readonly offsets: Uint32Array;
}

/** A stored vector as `get` and `entries` give it. */
export interface Stored<Data, K extends Kind = Kind> {
  readonly id: Id;
  readonly vector: VectorOf<K>;
  readonly data?: Data;
}

/** The work of one query before any distance is measured. */
export interface CandidateCount {
  /** Entries read from buckets, repeats included. */
  readonly raw: number;
  /** Stored vectors among them. */
  readonly unique: number;
}

/** How a query would be answered, and why. */
export interface Explanation {
  readonly hashes: readonly {
    readonly name: string;
    readonly keys: readonly string[];
    readonly probes: number;
    readonly candidates: number;
  }[];
  readonly candidates: CandidateCount;
  /** Why the vector asked about is not among the results: its buckets were not probed, its code ruled it out, nearer ones outranked it, or a filter dropped it. */
  readonly missed?: {
    readonly id: Id;
    readonly reason: "not probed" | "pruned" | "outranked" | "filtered" | "not missed";
    readonly distance: number;
  };
  /** The same as sentences. */
  readonly text: string;
}

/** What queries found of what they should have, with a 95 % interval (Wilson 1927). */
export interface GaugedRecall {
  /** Queries checked. */
  readonly checked: number;
  readonly recall: number;
  readonly low: number;
  readonly high: number;
  /** Where the recall asked for is above the whole interval: what to do. */
  readonly warning?: string;
}

/** What `tune` aims at, and with which queries. */
export interface TuneOptions {
  /** Share of the true neighbours to be found; the engine's own when not given. */
  readonly recall?: number;
  /** Neighbours that queries ask for; 10 when not given. */
  readonly k?: number;
  /** Queries like those to come; stored vectors when not given. At least some 100 are of use. */
  readonly queries?: import("./bulk-input.js").QueriesInput;
  /** What a query may cost. */
  readonly budget?: import("./choose-effort.js").Budget;
  readonly signal?: AbortSignal;
}

/** How queries are answered now, and what is expected of that. */
export interface SearchPlan {
  /** "exact" while all vectors are read. */
  readonly kind: "exact" | "hashed" | "learned";
  /** Recall asked for, and expected from the trial it was tuned on (1 for exact searches). */
  readonly target?: number;
  readonly recall?: number;
  /** Standard error of the expected recall. */
  readonly error?: number;
  readonly lists?: number;
  /** Most lists (buckets per table) that a query reads. */
  readonly probes?: number;
  /** Means per query: entries whose codes are read, vectors measured, microseconds. */
  readonly scanned?: number;
  readonly measured?: number;
  readonly micros?: number;
  /** Seconds that learning and tuning took. */
  readonly seconds?: number;
  /** What could not be met. */
  readonly warning?: string;
  /** The same as sentences. */
  readonly text: string;
}

/** What an engine holds and how it is spread. */
export interface EngineStats {
  readonly size: number;
  readonly dim: number;
  readonly kind: Kind;
  readonly distance: string;
  readonly storage: string;
  readonly bytes: {
    readonly vectors: number;
    readonly rows: number;
    readonly buckets: number;
    readonly ids: number;
    readonly data: number;
    readonly total: number;
  };
  readonly hashes: readonly import("../core/contracts.js").BucketStats[];
  /** Background work going on. */
  readonly tasks: readonly string[];
  /** The recall of queries so far, from those that were checked exactly; absent where nothing is checked. */
  readonly recall?: GaugedRecall;
}

/** How far a save or a load has come, in bytes of the file. */
export interface SnapshotProgress {
  readonly bytes: number;
  readonly total: number;
}

/** How to go about a save. */
export interface SaveOptions {
  /** Called now and then, and at the end. */
  readonly onProgress?: (progress: SnapshotProgress) => void;
  /** Gives up: what was there before stays. */
  readonly signal?: AbortSignal;
}

/** Something that takes bytes, such as an open file: each piece is its own to keep, and the next comes when it has resolved. */
export interface ByteSink {
  write(bytes: Uint8Array): Awaitable<unknown>;
}

/** Where a snapshot goes: a path (not in browsers), a web stream, which is closed behind it (or aborted), or whatever takes bytes. */
export type SaveTarget = string | WritableStream<Uint8Array> | ByteSink;

/** Where a snapshot comes from: a path (not in browsers), the bytes themselves, or a stream of them. */
export type SnapshotSource = string | Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** What a snapshot is expected to hold; of the hashes the names, and the configurations of those given. */
export type Expectation<K extends Kind = Kind> = Partial<
  Pick<EngineOptions<K>, "dim" | "kind" | "distance" | "recall" | "hashes" | "vectors" | "fields">
>;

/** How to load an index from a snapshot. */
export interface LoadOptions<K extends Kind = Kind> {
  /** Classes of hashes that are not built in, and distances of your own, found by name. */
  readonly plugins?: readonly (HashClass | Distance)[];
  readonly filters?: readonly Filter[];
  /** As for a new engine with hashes: recall and guarantee are of the engine, not of the index. An index that has learned knows its recall. */
  readonly recall?: number;
  readonly guarantee?: "per-query";
  /** Refuse (E_SCHEMA_MISMATCH) a snapshot of an index made otherwise. */
  readonly expected?: Expectation<K>;
  /** Threads of the engine, as for a new one. */
  readonly threads?: number | "auto";
  /** Refuse writes (E_MEMORY) that would take the index over so many bytes, and a snapshot that is over them already. */
  readonly maxBytes?: number;
  readonly onProgress?: (progress: SnapshotProgress) => void;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** A sample of what is stored, for {@link Learn}. */
export interface LearnOptions {
  /** The kernel of the engine's distance. */
  readonly metric: Metric | undefined;
  /** Vectors that are stored. */
  readonly size: number;
  /** The recall asked for; 0.95 when not given. */
  readonly recall?: number;
}

/** What was learned from a sample. */
export interface Learned {
  readonly hash: Hash;
  readonly sketch: Sketch | null;
  /** Buckets of the hash, where they are lists of a partition; else its tables. */
  readonly lists: number;
}

/** Makes a hash and codes for dense vectors or sets like those of a sample, in pieces of a few milliseconds; null where no bands of sets are sooner than exact searches. */
export interface Learn {
  (sample: DenseRows, options: LearnOptions): Steps<Learned>;
  (sample: DenseRows | SetRows, options: LearnOptions): Steps<Learned | null>;
  /** Rows that the sample should have for so many stored vectors of `dim` values. */
  sampleFor(size: number, dim: number): number;
}

/** What a family of hashes for a join is made from. */
export interface JoinFamilyRequest {
  readonly shape: Shape;
  /** Name of the distance. */
  readonly distance: string;
  /** Pairs so far apart are to share a key of some table with probability `recall`. */
  readonly within: number;
  readonly recall: number;
  /** Vectors stored, and a sample of the distances between them. */
  readonly size: number;
  readonly distances: Float64Array;
  /** What measuring a pair takes, about. */
  readonly measureNanos: number;
  /** Of sets the members that nine in ten have at least; 0 of other vectors. */
  readonly members: number;
  /** Of other vectors the entries that are not 0, on average. */
  readonly entries: number;
}

/** What an engine is composed from when the user names things instead of bringing them. */
export interface Registry {
  readonly hashes: readonly HashClass[];
  readonly distances: Readonly<Record<DistanceName, () => Distance>>;
  /** The hash of an engine without hashes: an exact search. */
  readonly exact: () => Hash;
  readonly unique: () => Filter;
  readonly nearest: (count: number) => Filter;
  readonly within: (distance: number) => Filter;
  readonly storage: (options: { readonly maxBytes?: number; readonly outlines?: boolean; readonly threads?: number }) => Storage;
  /** Answers batches on several threads. */
  readonly batches: MakeBatches;
  /** Writes what a storage holds to a target, or returns it as bytes. `requireOpen` throws once the engine is closed. */
  readonly save: (
    storage: Storage,
    target: SaveTarget | undefined,
    options: SaveOptions,
    requireOpen: () => void,
  ) => Promise<Uint8Array | undefined>;
  /** What an engine of a given recall learns from its vectors. */
  readonly learn: Learn;
  /** Hashes that bring pairs together at the least cost; null where no family is known for the distance. */
  readonly joinFamily: (request: JoinFamilyRequest) => Hash | null;
  /** What was learned, from its configurations: a hash, and the codes in the buckets of that hash. */
  readonly revive: { readonly hash: (config: HashConfig) => Hash; readonly sketch: (config: HashConfig, hash: HashConfig) => Sketch };
  /** Codes for the buckets of hashes. */
  readonly codes: (options: { readonly metric: Metric; readonly bits: 1 | 2 | 4; readonly anchors?: DenseRows }) => Sketch;
}

/** Whether a storage answers later. */
export function isLater<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof Promise;
}
