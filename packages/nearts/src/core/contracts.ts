import type { Codes, Estimate } from "./codes.js";
import type { Candidates, Keys, Probes } from "./columns.js";
import type { FieldTypes } from "./fields.js";
import type { FieldPredicate } from "./predicates.js";
import type { DenseRows, Kind, Rows, VectorOf } from "./rows.js";

/** The user's name for a vector: a non-empty string or a safe integer; `7` and `"7"` differ. */
export type Id = string | number;

/** A value or a promise of it: storages in memory answer at once, others later. */
export type Awaitable<T> = T | Promise<T>;

/** What a configuration may hold beside typed arrays. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Configuration of a hash: plain JSON and typed arrays, enough to make the same hash again anywhere. */
export interface HashConfig {
  /** Class of the hash, as the registry knows it. */
  readonly type: string;
  /** Version of this configuration's form. */
  readonly version: number;
  /** The hash's name within its engine. */
  readonly name: string;
  /** Dimension it was opened for; absent while it was not. */
  readonly dim?: number;
  readonly [option: string]: ConfigValue | undefined;
}

/** One value of a {@link HashConfig}. */
export type ConfigValue = Json | Float32Array | Float64Array | Uint32Array | HashConfig | readonly HashConfig[];

/** The shape of the vectors a plug-in will meet. */
export interface Shape {
  readonly kind: Kind;
  readonly dim: number;
}

/**
 * A family instance: maps vectors to bucket keys (64 bits, as two u32) in one or more tables.
 * It keeps no state about stored rows; what it needs to know of them it asks the {@link KeyDirectory}.
 */
export interface Hash {
  /** Unique within an engine. */
  readonly name: string;
  /** Kinds of vector it can hash. */
  readonly kinds: readonly Kind[];
  /** Key columns; each vector has keys in each. Known after `open`. */
  readonly tables: number;
  /** Most keys a vector has in one table (1 when absent). */
  readonly keysPerTable?: number;
  /** Declares that `probes` asks nothing of the directory, which may then be an empty one: bringing it from a server costs time. */
  readonly asksDirectory?: false;
  /** Learns the shape of the vectors; called before anything else, any number of times. Refuses (E_CONFIG) a shape it was not made for. */
  open(shape: Shape): void;
  /** Keys of each row, for storing: appends to `out`, rows ascending. The same row always has the same keys. */
  keys(rows: Rows, out: Keys): void;
  /** Buckets to read for `query` (one row), most promising first: appends at most `budget` probes (at least one per table where it has any) to `out`. */
  probes(query: Rows, directory: KeyDirectory, budget: number, out: Probes): void;
  /** Names the queries that `probes` is going to be asked for, where what is known of many at once costs less; they must not change until others are named, or none. */
  ahead?(queries: Rows | null): void;
  /** The keys of one vector in a form for people, a table each: `"0110"`, `"14_-4_1"`. */
  bucketKeys(vector: Rows): string[];
  /** Everything needed to make the same hash again; owns its arrays. */
  config(): HashConfig;
  /** Where the vectors of each bucket lie, for families that know: row i for the buckets with key i. Codes are of the differences from it, which are smaller than the vectors. */
  anchors?(): DenseRows;
  /** Names of the distances whose near vectors its buckets bring together: an engine of another built-in distance refuses it (E_UNSUPPORTED). Any when absent. */
  readonly serves?: readonly string[] | undefined;
  /** How likely two vectors meet, where theory says. May be asked before `open` where it does not depend on the shape. */
  readonly collision?: Collision | undefined;
}

/** The law of a family: how likely two vectors have a key of one table in common, by their distance. */
export interface Collision {
  /** Name of the distance that it is a function of: "angular" (radians), "euclidean", "hamming", "jaccard" … */
  readonly distance: string;
  /**
   * The probability, over the random choices of the family (its seeds), that two vectors so far apart have the same key in ONE given table: all its
   * projections agree. With independent tables they meet in some table with probability 1 − (1 − p)^tables. Within [0, 1], 1 at distance 0.
   */
  probability(distance: number): number;
  /** How keys begin, where their prefixes mean something: needed for `guarantee: "per-query"`. */
  readonly parts?: KeyParts;
}

/** Keys made of the values of independent functions, the first function's in the uppermost bits, with no bits between. */
export interface KeyParts {
  /** Bits of one value. */
  readonly bits: number;
  /** Functions of a key: `bits · count` is at most 64. */
  readonly count: number;
  /** With what probability two vectors so far apart have the same value of ONE function; falls with the distance. */
  probability(distance: number): number;
}

/** A class of hashes that can be made again from a configuration. */
export interface HashClass {
  /** Name under which configurations refer to it. */
  readonly type: string;
  /** Distances that its instances can serve, as {@link Hash.serves}: what a refusal suggests. */
  readonly serves?: readonly string[];
  /** The hash described by `config`; E_CONFIG where the version or a value is not understood. `revive` makes nested hashes. */
  fromConfig(config: HashConfig, revive: (config: HashConfig) => Hash): Hash;
}

/**
 * Makes the codes that are kept inside buckets, and what estimates the ranks of a query from them. It is made for one metric and, where its hash has
 * {@link Hash.anchors}, for these; else codes are of the differences from one anchor of its own.
 */
export interface Sketch {
  /** How people call it, with what was chosen: "sign codes, 1 bit". */
  readonly name: string;
  /** Groups of 4 bits in a code. Known after `open`. */
  readonly groups: number;
  /** The metric whose ranks it estimates; with another its codes are of no use. */
  readonly metric: Metric;
  /** What its estimates are to be multiplied by; 1 where it is absent. Known after `open`. */
  readonly scale?: number;
  /** Learns the shape of the vectors; as {@link Hash.open}. */
  open(shape: Shape): void;
  /** Codes of bucket entries: appends one for each entry of `keys`, whose `rows` are numbers in `rows` and whose `lo` is the anchor. */
  encode(rows: Rows, keys: Keys, out: Codes): void;
  /** Fills `out` for `query` (one row): its table, and centre, spread and order of each probe of hash number `hash`, by the probe's place in `probes`. */
  estimate(query: Rows, probes: Probes, hash: number, out: Estimate): void;
  /** Everything needed to make the same sketch again; owns its arrays. */
  config(): HashConfig;
}

/**
 * Which keys exist in each table of one hash and how many rows each holds, right at any moment, after deletes by anyone too.
 * Entries of a table are numbered in order of first appearance; an emptied bucket keeps its number with count 0 until `epoch` changes.
 */
export interface KeyDirectory {
  /** Changes when numbers are given anew: whatever was derived from them is stale. */
  readonly epoch: number;
  /** How many numbers table `t` has given out. */
  size(table: number): number;
  /** Upper and lower half of the key of entry `i`. */
  keyHi(table: number, i: number): number;
  keyLo(table: number, i: number): number;
  /** Rows that entry `i` holds now. */
  countAt(table: number, i: number): number;
  /** Number of the entry with this key, or −1. */
  find(table: number, hi: number, lo: number): number;
  /** Numbers of the entries in ascending order of key: borrowed, valid until the next write. */
  sorted(table: number): Uint32Array;
}

/** Kernels that rank stored rows in place; each sorts as the distance it serves. */
export type Metric = "squaredEuclidean" | "dot" | "cosine" | "manhattan" | "hamming" | "jaccard" | "containment";

/** A measure of how far two vectors are apart; smaller is nearer. */
export interface Distance<K extends Kind = Kind> {
  readonly name: string;
  /** Kinds of vector it can measure. */
  readonly kinds: readonly K[];
  /** The kernel that ranks candidates in place; without one `between` is called for each candidate. */
  readonly metric?: Metric;
  /** The rank that `metric` gives two vectors at this distance, for thresholds: increasing. Needed with `metric`. */
  toRank?(distance: number): number;
  /** The distance from the float64 value that a storage may compute in place: Σ(x−y)², Σ x·y, ½‖x/‖x‖ − y/‖y‖‖², or the distance itself of sets, by `metric`. Agrees with `between` up to rounding. */
  fromExact?(value: number): number;
  /** The distance, in float64, by direct difference where that is exact: identical vectors give 0. */
  between(x: VectorOf<K>, y: VectorOf<K>): number;
  /** Whether it is undefined for vectors of length zero, which are then refused at the door (E_ZERO_VECTOR). */
  readonly refusesZero?: boolean;
  /** Whether it is undefined for vectors with negative values, which are then refused at the door (E_BAD_VECTOR). */
  readonly refusesNegative?: boolean;
  /** Declares that it is one less a similarity of which 1 is the most, so that thresholds of similarity can be given. */
  readonly similarity?: true;
  /** Declares that it is measured from a query: that from x to y is not that from y to x, and pairs have none. */
  readonly directed?: true;
}

/** What a filter may ask about the candidates of the query at hand. */
export interface FilterContext<Data = unknown> {
  id(row: number): Id;
  data(row: number): Data | undefined;
  vector(row: number): VectorOf;
}

/**
 * A step that drops or reorders candidates by compacting their columns. `stage` says when: on the rows as the buckets gave them ("scan"),
 * on rows whose id, data and vector can be read ("candidates"), or once distances are known ("distances").
 */
export interface Filter {
  readonly name: string;
  readonly stage: "scan" | "candidates" | "distances";
  /** Declares that each row should come once; the scan sees to it. */
  readonly unique?: true;
  /** Declares that only the `nearest` so many, or those `within` a distance, can pass: the pipeline then measures no more exactly than it must. */
  readonly bound?: { readonly nearest?: number; readonly within?: number };
  apply(candidates: Candidates, context: FilterContext): void;
}

/** How a storage keeps the values of dense vectors: as they are, as IEEE halves, or as a scale for the vector and a byte for each value. */
export type Precision = "f32" | "f16" | "i8";

/** One column of vectors in a storage. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly dim: number;
  readonly precision: Precision;
}

/** One hash of a schema: how to make it again, and how many keys its rows have. */
export interface SchemaHash {
  readonly config: HashConfig;
  readonly tables: number;
  /** Most keys of a row in one table. */
  readonly keysPerTable: number;
  /** The codes inside its buckets, where there are any. */
  readonly sketch?: SchemaSketch;
}

/** The codes of a schema's hash. */
export interface SchemaSketch {
  readonly config: HashConfig;
  /** Groups of 4 bits in a code. */
  readonly groups: number;
}

/** What a storage holds: written when it is created, compared when it is opened. */
export interface Schema {
  readonly version: 1;
  readonly fields: readonly Field[];
  /** Name of the distance the index was made for. */
  readonly distance: string;
  readonly hashes: readonly SchemaHash[];
  /** Declared fields of the data, which a {@link Resident} storage keeps as columns too; absent where there are none. */
  readonly dataFields?: FieldTypes;
  /** The recall asked for, where the index learns how to be searched. */
  readonly recall?: number;
  /** The recall that each query is promised, where it is. */
  readonly guarantee?: { readonly recall: number };
}

/** What engines found out about an index, kept with it: whoever opens it goes on from there. */
export interface Knowledge {
  /** The learned hash in use and its number; null while queries go by the hashes of the schema, or exactly. */
  readonly learned: { readonly number: number; readonly hash: SchemaHash } | null;
  /** How queries read the index, and what learning and tuning found, in the engine's own form. */
  readonly notes: Json;
  /** A hash that is being filled, where processes share the index: written, not read. Said by the storage only. */
  readonly filling?: { readonly number: number; readonly hash: SchemaHash };
}

/** One atomic write: upserts by id (the last of equal ids wins), with the keys of each row per hash. */
export interface Batch {
  readonly rows: Rows;
  readonly ids: readonly Id[];
  /** JSON text of each row's data; undefined where there is none. */
  readonly data?: readonly (string | undefined)[];
  /** Keys per hash, in the schema's order. */
  readonly keys: readonly Keys[];
  /** Codes per hash, one for each entry of its keys; null for a hash without a sketch. */
  readonly codes?: readonly (Codes | null)[];
  /** Seconds after which the vectors are gone by themselves; for storages of which `expires` is true. */
  readonly ttlSeconds?: number;
  /** The version of the knowledge (see {@link Storage.refresh}) by which the keys were made: a shared storage refuses (E_STALE) those of an older one. */
  readonly version?: number | undefined;
}

/** What a write did. */
export interface WriteReport {
  readonly inserted: number;
  readonly replaced: number;
}

/** How a scan reads buckets. */
export interface ScanPlan {
  /** Each row once, at its first appearance. */
  readonly unique: boolean;
  /** Reads no more than can be among the results, by the codes; without it every entry of the probed buckets is read. */
  readonly estimation?: Estimation | undefined;
  /** Only these rows; all when not given. */
  readonly allowed?: RowSet | undefined;
}

/** How a scan chooses by codes. Estimates have the unit of the sketch; `lower` of the candidates is in ranks. */
export interface Estimation {
  /** Per hash; null where it has no codes: all entries of its probed buckets are read, with a lower bound of −∞. */
  readonly estimates: readonly (Estimate | null)[];
  /** Keeps rows whose lower bound is at most the `nearest`-th smallest estimate so far (no bound by that where it is 0) … */
  readonly nearest: number;
  /** … and at most this: +∞ where there is no such limit. */
  readonly within: number;
  /** A lower bound is the estimate less so many of its standard deviations. */
  readonly deviations: number;
  /** Probes are taken in order until one whose `order` is over `factor · T + offset`, T being the `nearest`-th smallest estimate so far. */
  readonly stop: { readonly factor: number; readonly offset: number } | null;
  /** Rank = scale · estimate + offset. */
  readonly toRank: { readonly scale: number; readonly offset: number };
  /** Receives T as it was before each probe, for those who calibrate; +∞ while there were too few. */
  readonly trace?: Float32Array;
}

/** A set of row numbers. */
export interface RowSet {
  /** Bit `row & 31` of word `row >> 5`; rows beyond are not in the set. */
  readonly words: Uint32Array;
  /** Rows in the set. */
  readonly count: number;
}

/** A bound on the error of ranks, part by part. */
export interface Rounding {
  readonly relative: number;
  readonly absolute: number;
}

/** The rows of candidates, readable: what a storage's `fetch` gives. Valid until the next write to the storage. */
export interface RowReader {
  /** Writes the rank of each candidate against `query` (one row) into `candidates.distances`. */
  rank(metric: Metric, query: Rows, candidates: Candidates): void;
  /** Keeps the `limit` best candidates of rank ≤ `within`, best first, ties by row. Right at any magnitude that float32 vectors can have. */
  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void;
  /** How far a rank may be from its true value r: |r|·relative + absolute, at most. */
  rounding(metric: Metric, query: Rows): Rounding;
  /** Writes what {@link Distance.fromExact} takes into `candidates.distances`, in float64; false where it cannot, and then nothing is written. */
  exact?(metric: Metric, query: Rows, candidates: Candidates): boolean;
  /** As `nearest` for every row of `queries` over the same candidates, reading each stored row once for several queries; calls `each` with them in order. */
  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void;
  /** The stored vector; a view, borrowed until the next write. */
  vector(row: number): VectorOf;
  id(row: number): Id;
  /** JSON text of the data, or undefined. */
  data(row: number): string | undefined;
}

/** What a storage holds, for people and for limits. All sizes in bytes. */
export interface StorageStats {
  readonly size: number;
  readonly bytes: {
    readonly vectors: number;
    readonly rows: number;
    readonly buckets: number;
    readonly ids: number;
    readonly data: number;
  };
  readonly hashes: readonly BucketStats[];
  /** Size of its files, where it keeps some. */
  readonly fileBytes?: number;
}

/** How the rows of one hash spread over its buckets. */
export interface BucketStats {
  readonly name: string;
  readonly tables: number;
  /** Buckets that hold at least one row, over all tables. */
  readonly buckets: number;
  readonly entries: number;
  readonly largestBucket: number;
  /** Imbalance factor B·Σlen²/(Σlen)² per table, averaged: 1 when all buckets are equal (Jégou et al. 2011, section V). */
  readonly skew: number;
}

/** One bucket, for people and for tests. */
export interface BucketView {
  readonly table: number;
  /** The key as 16 hexadecimal digits. */
  readonly key: string;
  readonly ids: readonly Id[];
}

/** A block of stored rows, as `entries` yields them; owned by the receiver. */
export interface Block {
  readonly rows: Rows;
  readonly ids: readonly Id[];
  readonly data: readonly (string | undefined)[];
}

/**
 * What a storage whose buckets are in this process's memory offers beyond: an engine can go through its rows and change its hashes while it is in use.
 * All of it takes effect in memory at once; where the index lasts, a hash does so from the moment it is in what is kept ({@link Storage.keep}).
 */
export interface Resident {
  /** Numbers of the rows that hold a vector now, ascending; a copy. */
  rows(): Uint32Array;
  /** The vectors of these rows, a copy, dense ones in `into` where they fit in it; rows that hold none are left out, of `rows` too. */
  gather(rows: Uint32Array, into?: Float32Array): { readonly rows: Uint32Array; readonly vectors: Rows };
  /** Adds a hash without entries: every write from now on has keys for it. Returns its number. */
  addHash(hash: SchemaHash): number;
  /** Makes room in table 0 of a hash that has no entries for `counts[i]` entries under key `lo[i]`, each bucket's in one piece. */
  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void;
  /** Enters rows (`keys.rows` are row numbers) into the buckets of an added hash, but those written or removed since it was added. */
  enter(hash: number, keys: Keys, codes: Codes | null): Awaitable<void>;
  /** Ends the adding of a hash: all rows are entered. */
  settle(hash: number): Awaitable<void>;
  /** Removes a hash with all its entries. Its number may be given to another. */
  dropHash(hash: number): void;
  /** Takes its rows for the candidates of exact searches: all that hold a vector, or those also in `allowed`. */
  all(out: Candidates, allowed?: RowSet): void;
  /**
   * The rows that hold a vector now whose data a predicate on declared fields of the schema holds for, in agreement with `evaluator`; a set of this
   * moment, which no write changes. E_BAD_OPTION for a field that is not declared. Without it every predicate is asked of the data of candidates.
   */
  select?(predicate: FieldPredicate): RowSet;
}

/** Stored vectors and their row numbers, as a {@link Lease} reads them. */
export interface SharedBlock {
  readonly rows: Uint32Array;
  readonly vectors: Rows;
}

/**
 * The right to learn an index that many processes use. What is learned is filled beside what is in use (a generation): from `begin` on no write is admitted
 * whose maker does not know of it, so that what is entered and what is written meanwhile are together everything.
 */
export interface Lease {
  /** Adds a hash that is to be filled (see {@link Knowledge.filling}); what somebody else left half-filled is swept. Its number. E_STALE once the lease is lost, here and below. */
  begin(hash: SchemaHash): Promise<number>;
  /** All rows, block by block. */
  blocks(): AsyncIterable<SharedBlock>;
  /** Enters the rows of such a block (`keys.rows` count within it), but those written or removed since it was read. */
  enter(block: SharedBlock, keys: Keys, codes: Codes | null): Promise<void>;
  /** Puts it in the place of what was learned before, with what is known of it, in one step for each process; then sweeps what is out of use. */
  finish(knowledge: Knowledge): Promise<void>;
  /** Gives the right back, and gives up what was begun and not finished. */
  release(): Promise<void>;
}

/**
 * What a storage offers whose index many processes read and write at once: one of them learns it for all. Writes and scans by older knowledge are refused (E_STALE).
 * It answers several scans and fetches at once, and what these gave stays as it is.
 */
export interface Shared {
  /** Takes its rows for the candidates of exact searches; those that hold nothing fall out when they are fetched. */
  all(out: Candidates): Awaitable<void>;
  /** About `count` of the stored vectors, spread over all, in blocks. */
  sample(count: number): AsyncIterable<Rows>;
  /** The right to learn the index; null while another process has it. It ends by itself some time after this process does. */
  lease(): Promise<Lease | null>;
}

/** Where rows, data and bucket entries live. It never decides how search works. */
export interface Storage {
  readonly name: string;
  /** Present where the buckets are in this process's memory. */
  readonly resident?: Resident;
  /** Present where many processes write the index at once. */
  readonly shared?: Shared;
  /** Whether vectors can be stored for a time only. */
  readonly expires?: boolean;
  /** Creates with this schema, or returns the schema that is there; the engine compares. */
  open(schema: Schema): Awaitable<Schema>;
  /** The schema that is there, or null; for opening an index by name. */
  schema(): Awaitable<Schema | null>;
  /** Refuses (E_MEMORY) what would go over a limit, before anything changes: for inputs that are written in several batches. */
  admit?(rows: Rows, ids: readonly Id[], dataBytes: number): void;
  /** All of it or nothing. */
  write(batch: Batch): Awaitable<WriteReport>;
  /** Reserves `count` consecutive integers that no vector has as id; the first of them. */
  nextId(count: number): Awaitable<number>;
  /** Removes by id; says for each whether it existed. */
  remove(ids: readonly Id[]): Awaitable<boolean[]>;
  /** Appends the rows of the probed buckets, in the probes' order and each bucket's own. */
  scan(probes: Probes, plan: ScanPlan, out: Candidates): Awaitable<void>;
  /** Makes the candidates readable; drops those removed meanwhile. */
  fetch(candidates: Candidates): Awaitable<RowReader>;
  /** Appends the row of each id that is there to `out`; says how many there were. */
  find(ids: readonly Id[], out: Candidates): Awaitable<number>;
  directory(hash: number): Awaitable<KeyDirectory>;
  /** Non-empty buckets of a hash, each once. */
  buckets(hash: number): AsyncIterable<BucketView>;
  /** All rows in blocks, in row order. Rows written or removed meanwhile may or may not appear; each id at most once. */
  entries(): AsyncIterable<Block>;
  stats(): Awaitable<StorageStats>;
  size(): Awaitable<number>;
  /** Empties the buckets of one hash (its rows stay), or removes everything. */
  clear(hash?: number): Awaitable<void>;
  /** The newest configuration stored under this name, or null; a copy. */
  loadConfig(name: string): Awaitable<HashConfig | null>;
  storeConfig(config: HashConfig): Awaitable<void>;
  /** What was kept last, or null; a copy. */
  knowledge(): Awaitable<Knowledge | null>;
  /** Keeps it in place of what was known before, all or nothing; removing everything forgets it. */
  keep(knowledge: Knowledge): Awaitable<void>;
  /**
   * Takes notice of what other processes committed, to be called before a query; a number that changes whenever they changed the knowledge, which is then
   * to be read anew. Absent where no other process can write.
   */
  refresh?(): Awaitable<number>;
  close(): Awaitable<void>;
}
