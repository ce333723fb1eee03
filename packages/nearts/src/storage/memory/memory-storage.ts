import type { Candidates, Probes } from "../../core/columns.js";
import type {
  Batch,
  Block,
  BucketView,
  Field,
  HashConfig,
  Id,
  KeyDirectory,
  Knowledge,
  RowReader,
  ScanPlan,
  Schema,
  Storage,
  StorageStats,
  WriteReport,
} from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { dataBytes } from "../../core/json.js";
import type { Rows } from "../../core/rows.js";
import { requireShared } from "../../kernels/arena.js";
import type { HashTables } from "../resident/hash-tables.js";
import { ResidentIndex } from "../resident/resident-index.js";
import type { RowTable } from "../resident/row-table.js";
import { Texts } from "../resident/texts.js";
import { FixedVectors } from "../vectors/fixed-vectors.js";
import { SetVectors } from "../vectors/set-vectors.js";
import { SparseVectors } from "../vectors/sparse-vectors.js";

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** Refuse writes (E_MEMORY) that would take the index over so many bytes, before anything changes. */
  readonly maxBytes?: number;
  /** Keep an outline of each dense vector of 128 dimensions or more (64 bytes), so that exact distances are measured for fewer of them. On when not given; answers are the same. */
  readonly outlines?: boolean;
  /**
   * Threads that may read at once, 1 to 64: with more than one, vectors and codes lie in shared memory, which an engine of so many threads needs. 1 when
   * not given. E_UNSUPPORTED where the runtime has no shared memory.
   */
  readonly threads?: number;
}

/** The parts of a memory storage: valid until the next write. */
export interface MemoryParts {
  readonly schema: Schema;
  /** All stored configurations, the oldest first. */
  readonly configs: readonly HashConfig[];
  /** Whether outlines are kept. */
  readonly outlines: boolean;
  readonly rows: RowTable;
  readonly vectors: MemoryVectors;
  readonly texts: Texts;
  readonly hashes: HashTables;
}

type MemoryVectors = FixedVectors | SetVectors | SparseVectors;

const mostThreads = 64;

/** Everything in this process's memory: gone with it, and the fastest. */
export class MemoryStorage implements Storage {
  readonly name = "memory";
  readonly resident: ResidentIndex;
  /** How many threads may read at once. */
  readonly threads: number;
  readonly #maxBytes: number;
  readonly #outlines: boolean;
  readonly #configs = new Map<string, HashConfig>();
  #schema: Schema | null = null;
  #knowledge: Knowledge | null = null;
  // As the resident index made them last; it does so when it is opened.
  #vectors!: MemoryVectors;
  #texts!: Texts;

  constructor(options: MemoryStorageOptions = {}) {
    const { maxBytes = Number.POSITIVE_INFINITY } = options;
    if (!(maxBytes > 0)) throw new NearError("E_BAD_OPTION", `maxBytes is ${show(maxBytes)}; give a number of bytes above 0`, { maxBytes });
    this.#maxBytes = maxBytes;
    this.#outlines = options.outlines ?? true;
    this.threads = checkThreads(options.threads ?? 1);
    this.resident = new ResidentIndex({
      vectors: (field) => {
        this.#vectors = this.#vectorsOf(field);
        return this.#vectors;
      },
      texts: () => {
        this.#texts = new Texts();
        return this.#texts;
      },
      threads: this.threads,
    });
  }

  open(schema: Schema): Schema {
    if (this.#schema !== null) return this.#schema;
    const { kind, precision } = schema.fields[0];
    if ((kind === "sparse" || kind === "set") && precision !== "f32")
      throw new NearError("E_UNSUPPORTED", `${kind} vectors are kept as "f32", not as ${show(precision)}: leave it out`, {
        kind,
        precision,
      });
    this.#schema = structuredClone(schema);
    this.resident.open(this.#schema);
    return this.#schema;
  }

  schema(): Schema | null {
    return this.#schema;
  }

  admit(rows: Rows, ids: readonly Id[], dataBytes: number): void {
    this.#refuseOver(rows, ids, dataBytes);
    // All in one piece: memory that grows batch by batch keeps the garbage collector busy.
    this.resident.expect(ids);
  }

  write(batch: Batch): WriteReport {
    this.#refuseOver(batch.rows, batch.ids, dataBytes(batch.data ?? []));
    const { inserted, replaced } = this.resident.write(batch);
    return { inserted, replaced };
  }

  nextId(count: number): number {
    return this.resident.table.reserveIds(count);
  }

  remove(ids: readonly Id[]): boolean[] {
    return this.resident.remove(ids).existed;
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): void {
    this.resident.scan(probes, plan, out);
  }

  fetch(candidates: Candidates): RowReader {
    return this.resident.fetch(candidates);
  }

  find(ids: readonly Id[], out: Candidates): number {
    return this.resident.find(ids, out);
  }

  directory(hash: number): KeyDirectory {
    return this.resident.directory(hash);
  }

  buckets(hash: number): AsyncIterable<BucketView> {
    return this.resident.buckets(hash);
  }

  entries(): AsyncIterable<Block> {
    return this.resident.entries();
  }

  stats(): StorageStats {
    return this.resident.stats();
  }

  size(): number {
    return this.resident.table.size;
  }

  clear(hash?: number): void {
    if (hash !== undefined) {
      this.resident.hashes.known(hash).clear();
      return;
    }
    this.resident.clear();
    this.#knowledge = null;
  }

  loadConfig(name: string): HashConfig | null {
    return structuredClone(this.#configs.get(name)) ?? null;
  }

  storeConfig(config: HashConfig): void {
    this.#configs.set(config.name, structuredClone(config));
  }

  knowledge(): Knowledge | null {
    return structuredClone(this.#knowledge);
  }

  keep(knowledge: Knowledge): void {
    this.#knowledge = structuredClone(knowledge);
  }

  close(): void {}

  /** What it consists of, for snapshots. E_NOT_FOUND before it is open. */
  get parts(): MemoryParts {
    if (this.#schema === null) throw new NearError("E_NOT_FOUND", "the memory storage holds no index yet: open it", {});
    return {
      schema: this.#schema,
      configs: [...this.#configs.values()],
      outlines: this.#outlines,
      rows: this.resident.table,
      vectors: this.#vectors,
      texts: this.#texts,
      hashes: this.resident.hashes,
    };
  }

  /** Refuses what would go over the limit of bytes. */
  #refuseOver(rows: Rows, ids: readonly Id[], dataBytes: number): void {
    if (this.#maxBytes === Number.POSITIVE_INFINITY) return;
    const { bytes } = this.resident;
    const more = this.resident.growth(rows, ids, dataBytes);
    if (bytes + more <= this.#maxBytes) return;
    const message = `the index has ${bytes} bytes and these ${rows.count} rows need about ${more} more, over maxBytes ${this.#maxBytes}: delete some, or raise maxBytes`;
    throw new NearError("E_MEMORY", message, { bytes, more, maxBytes: this.#maxBytes });
  }

  #vectorsOf(field: Field): MemoryVectors {
    if (field.kind === "sparse") return new SparseVectors(field);
    if (field.kind === "set") return new SetVectors(field);
    return new FixedVectors(field, this.#outlines, undefined, { thread: 0, threads: this.threads });
  }
}

/** E_BAD_OPTION for no number of threads, E_UNSUPPORTED for several where there is no shared memory. */
function checkThreads(threads: number): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new NearError("E_BAD_OPTION", `threads is ${show(threads)}; give an integer from 1 to ${mostThreads}`, { threads });
  }
  if (threads > 1) requireShared();
  return threads;
}
