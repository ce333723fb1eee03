import type { Id, Json } from "../core/contracts.js";
import type { NearError } from "../core/errors.js";
import type { DenseRows, SparseRows } from "../core/rows.js";
import type { Input } from "./input.js";

/** The formats nearts reads; each may also be gzipped. */
export type FormatName = "fvecs" | "bvecs" | "ivecs" | "npy" | "idx" | "svmlight" | "jsonl";

/** Rows of a file, in file order, and what the file says about them. The receiver owns the arrays, unless he asked to borrow them. */
export interface VectorChunk {
  readonly rows: DenseRows | SparseRows;
  /** The id of each row, undefined where it has none; absent where no row of the chunk has one. */
  readonly ids?: readonly (Id | undefined)[];
  /** The data of each row, undefined where it has none; absent where no row of the chunk has any. */
  readonly data?: readonly (Json | undefined)[];
  /** Rows that follow these, unless they are damaged; absent where the size of the file does not tell. */
  readonly more?: number;
}

/** A line of a text file that holds no row. */
export interface Reject {
  /** Counted from 1. */
  readonly line: number;
  /** The line, what is not UTF-8 in it replaced. */
  readonly text: string;
  readonly error: NearError;
}

/** What is asked of a format: checked options, and the names its errors carry. */
export interface Request {
  readonly format: FormatName;
  /** The path, where the source is one. */
  readonly file: string | undefined;
  /** The dimension the rows must have; undefined takes the file's. */
  readonly dim: number | undefined;
  /** Rows to read at most; Infinity reads them all. */
  readonly limit: number;
  /** Whether the indices of svmlight start at 0. */
  readonly zeroBased: boolean;
  /** Whether chunks are handed out in memory that is used again. */
  readonly borrowed: boolean;
  /** Receives the lines that hold no row; without it the first of them ends the reading. */
  readonly onReject?: ((reject: Reject) => void) | undefined;
}

/** Steps of reading: a chunk that is ready, or null where more bytes are needed (or the input's end). */
export type Steps<Chunk> = Generator<Chunk | null, void, undefined>;

/**
 * One file format: bytes in, rows out. `read` meets the bytes in pieces of any size; how they were cut never shows in the rows. It throws
 * only {@link NearError}, allocates by the bytes that are there and never by what they claim, and stops after `request.limit` rows.
 */
export interface Format {
  readonly name: FormatName;
  /** Matches names of such files, in lower case and without `.gz`. */
  readonly names: RegExp;
  /** Whether a file that starts so can only be of this format; absent where content does not tell. */
  startsLike?(head: Uint8Array): boolean;
  read(input: Input, request: Request): Steps<VectorChunk>;
}

/** Most values of a dense row that readers accept: 4 MiB of float32, so that a lying count cannot ask for more. */
export const MAX_DIM: number = 2 ** 20;

/** Dimension of sparse rows whose file has not told its own: every u32 index but the last is below it. */
export const OPEN_DIM: number = 2 ** 32 - 1;

/** Size of the chunks that readers hand out, in bytes of vectors. */
export const CHUNK_BYTES: number = 2 ** 22;
