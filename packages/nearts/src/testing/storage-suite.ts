import type { Awaitable, Precision, Storage } from "../core/contracts.js";
import type { Kind } from "../core/rows.js";
import { checkSkips, register, type Skip, type Test } from "./laws.js";
import { bucketLaws } from "./storage-laws/buckets.js";
import { entryLaws } from "./storage-laws/entries.js";
import { fieldLaws } from "./storage-laws/fields.js";
import { readerLaws } from "./storage-laws/reader.js";
import { rowLaws } from "./storage-laws/rows.js";
import { schemaLaws } from "./storage-laws/schema.js";
import { searchedLaws } from "./storage-laws/searched.js";
import type { StorageSubject } from "./storage-laws/subject.js";

/** What {@link storageSuite} is given. */
export interface StorageSuiteOptions {
  /** `test` of the runner. */
  readonly test: Test;
  /** A new, empty storage each time, not opened. */
  readonly create: () => Awaitable<Storage>;
  /** For storages that last: one on what a closed one held, not opened. */
  readonly reopen?: (closed: Storage) => Awaitable<Storage>;
  /** For storages with a limit: a new one that refuses (E_MEMORY) what would take it over so many bytes. */
  readonly limited?: (maxBytes: number) => Awaitable<Storage>;
  /** Kinds of vector that it holds; all when not given. */
  readonly kinds?: readonly Kind[];
  /** With which precision dense vectors are to be kept ("f32"): what comes back is compared with what that leaves of them. */
  readonly precision?: Precision;
  /** Dimension of the vectors (24). */
  readonly dim?: number;
  /** How many rows the laws about many rows write (1,200): more than one block of `entries`. */
  readonly rows?: number;
  /** How many random histories are tried (2), and the seed of the first (1). */
  readonly histories?: number;
  readonly seed?: number;
  /** How the titles of the tests begin; "storage" when not given. */
  readonly title?: string;
  /** Laws known not to hold, with reasons. */
  readonly skip?: readonly Skip[];
}

/** Every law that a storage is held to, in the order of the tests. */
const laws = [...schemaLaws, ...rowLaws, ...bucketLaws, ...entryLaws, ...fieldLaws, ...readerLaws, ...searchedLaws];

/** Registers a test for each promise of the contract of storages, for each kind of vector. */
export function storageSuite(options: StorageSuiteOptions): void {
  const { test, create, reopen, limited, kinds = ["dense", "sparse", "bits", "set"], title = "storage", skip = [] } = options;
  const { precision = "f32", dim = 24, rows = 1200, histories = 2, seed = 1 } = options;
  checkSkips(skip, laws);
  for (const kind of kinds) {
    const subject: StorageSubject = { kind, dim, precision, rows, histories, seed, create, reopen, limited };
    register(test, `${title} (${kind})`, laws, subject, skip);
  }
}
