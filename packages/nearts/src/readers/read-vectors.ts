import { decode, type ReadOptions, toRequest } from "./decode.js";
import type { FormatName, Steps, VectorChunk } from "./format.js";
import type { Input } from "./input.js";
import { formatNamed, formatOf, HEAD_BYTES } from "./registry.js";
import type { Source } from "./source.js";

/** Options of {@link readVectors} and {@link readAll}. */
export interface VectorOptions extends ReadOptions {
  /** The format; without it the name of the file tells, else the content (npy, idx). */
  readonly format?: FormatName | undefined;
  /** Whether the indices of svmlight start at 0 (default: at 1). */
  readonly zeroBased?: boolean | undefined;
  /**
   * Whether chunks may be handed out in memory that is used again: each is then valid only until the next is asked for, and its buffers cannot be transferred.
   * For whoever copies what he keeps: large files are read in half the time or less.
   */
  readonly borrowed?: boolean | undefined;
}

/**
 * The vectors of a file, gzipped or not, in chunks of about 4 MiB, in file order; memory stays bounded however long the file is. The receiver
 * owns the chunks, unless he asks to borrow them. Values are rounded to float32 and finite. A file without rows has no chunks. Sparse rows have `dim` from the option, else from the file (JSONL),
 * else {@link OPEN_DIM}: pass `dim` to stream svmlight, or use {@link readAll}, which knows the largest index. Rejects with E_BAD_FILE
 * (naming file, row or line) where the file is damaged, after the chunks before the damage; E_DIM_MISMATCH, E_BAD_OPTION, E_IO.
 */
export async function* readVectors(source: Source, options: VectorOptions = {}): AsyncGenerator<VectorChunk, void, undefined> {
  yield* decode(source, options, {
    read: (input, file) => readFormat(input, file, options),
    countRows: (chunk) => chunk.rows.count,
  });
}

function* readFormat(input: Input, file: string | undefined, options: VectorOptions): Steps<VectorChunk> {
  if (options.format === undefined) yield* input.need(HEAD_BYTES);
  const format = options.format === undefined ? formatOf(file, input.bytes()) : formatNamed(options.format);
  yield* format.read(input, toRequest(options, format.name, file));
}
