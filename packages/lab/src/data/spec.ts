import type { DistanceName, Kind } from "nearts";
import type { GeneratorName } from "./generators/registry.js";
import type { HoldOut } from "./hold-out.js";

/** What a data set is made of. */
export type DataSpec = FileSpec | SyntheticSpec;

interface CommonSpec {
  /** For results and reports; without it the file's, or what was generated. */
  readonly name?: string | undefined;
  /** Without it what the file says, else "euclidean", "hamming" for bits, "jaccard" for sets. */
  readonly distance?: DistanceName | undefined;
  /** The kind to take the rows as: dense ones of 0 and 1 as bits (synthetic ones by their signs), sparse ones as sets of their indices. */
  readonly kind?: Kind | undefined;
}

/** A data set in files. */
export interface FileSpec extends CommonSpec {
  /** Path of a file with the rows, in any format that {@link readRows} knows. */
  readonly base: string;
  /** The column (CSV, Parquet, Arrow), array (npz) or dataset (HDF5) of the base that holds its vectors, where it has more than one that might. */
  readonly column?: string | undefined;
  /** Path of a file with the queries, the base's own with another column, perhaps; without it `holdOut`, or the queries that the base file itself brings. */
  readonly queries?: string | undefined;
  /** As `column`, of the queries; without it the same. */
  readonly queryColumn?: string | undefined;
  /** Takes queries from among the rows. */
  readonly holdOut?: HoldOut | undefined;
  /** Rows of the base at most; queries are held out of these. */
  readonly limit?: number | undefined;
  /** Queries at most, the first ones. */
  readonly queryLimit?: number | undefined;
  /** What to do with zero vectors where the distance has no place for them (cosine, angular): refuse (E_ZERO_VECTOR), or leave them out. */
  readonly zeros?: "refuse" | "drop" | undefined;
}

/** A data set of seeded random vectors; what each parameter means is in the generator that takes it. */
export interface SyntheticSpec extends CommonSpec {
  readonly generate: GeneratorName;
  readonly rows: number;
  readonly queries: number;
  readonly dim: number;
  readonly seed: number;
  readonly clusters?: number | undefined;
  readonly deviation?: number | undefined;
  readonly exponent?: number | undefined;
  readonly intrinsic?: number | undefined;
  readonly noise?: number | undefined;
  readonly neighbours?: number | undefined;
  readonly closeness?: number | undefined;
}
