import { NearError, show } from "../core/errors.js";
import { type FormatName, OPEN_DIM, type Reject, type Request, type Steps } from "./format.js";
import { Input } from "./input.js";
import type { VectorOptions } from "./read-vectors.js";
import type { Meter, Source } from "./source.js";
import { type Supply, supplyOf } from "./supply.js";

/** How far reading has come. `bytes` and `totalBytes` count the source's own bytes: gzipped ones where it is gzipped. */
export interface ReadProgress {
  readonly rows: number;
  readonly bytes: number;
  /** Known where the source is bytes in memory. */
  readonly totalBytes?: number;
}

/** Options of every reader. */
export interface ReadOptions {
  /** Rows to read at most; what follows them is not looked at. */
  readonly limit?: number | undefined;
  /** The dimension the rows must have (E_DIM_MISMATCH); sparse rows get it as theirs. */
  readonly dim?: number | undefined;
  /** Stops reading: the reader rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the lines of a text file (svmlight, JSONL) that hold no row, which are then passed over; without it the first of them ends the reading. */
  readonly onReject?: ((reject: Reject) => void) | undefined;
  /** Called before each chunk is handed out. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** What a reader makes of the bytes. */
export interface Decoding<Chunk> {
  read(input: Input, file: string | undefined): Steps<Chunk>;
  /** Rows of a chunk, for the progress. */
  countRows(chunk: Chunk): number;
}

/** The chunks of a source in order: opens, unpacks, feeds, reports, stops and closes. Holds about the bytes of one chunk. */
export async function* decode<Chunk>(
  source: Source,
  options: ReadOptions,
  decoding: Decoding<Chunk>,
): AsyncGenerator<Chunk, void, undefined> {
  const leaving = new AbortController();
  const abort = (): void => leaving.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", abort);
  if (options.signal?.aborted === true) abort();
  try {
    yield* follow(source, options, decoding, leaving);
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

/** The checked form of a reader's options. */
export function toRequest(
  options: ReadOptions & Pick<VectorOptions, "zeroBased" | "borrowed">,
  format: FormatName,
  file: string | undefined,
): Request {
  const { dim, limit = Infinity, zeroBased = false, borrowed = false, onReject } = options;
  if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 1))
    throw badOption("limit", limit, "a whole number of rows from 1, or Infinity");
  if (dim !== undefined && !(Number.isInteger(dim) && dim >= 1 && dim <= OPEN_DIM))
    throw badOption("dim", dim, `a whole number from 1 to ${OPEN_DIM}`);
  for (const [name, value] of Object.entries({ zeroBased, borrowed }))
    if (typeof value !== "boolean") throw badOption(name, value, "true or false");
  return { format, file, dim, limit, zeroBased, borrowed, onReject };
}

function badOption(name: string, got: unknown, expected: string): NearError {
  return new NearError("E_BAD_OPTION", `${name} is ${show(got)}, expected ${expected}`, { option: name, got, expected });
}

async function* follow<Chunk>(
  source: Source,
  options: ReadOptions,
  decoding: Decoding<Chunk>,
  leaving: AbortController,
): AsyncGenerator<Chunk, void, undefined> {
  const file = typeof source === "string" ? source : undefined;
  const meter: Meter = { bytes: 0 };
  const input = new Input();
  let supply: Supply | null = null;
  let rows = 0;
  try {
    for (const step of decoding.read(input, file)) {
      if (step === null) {
        supply ??= supplyOf(source, meter, leaving);
        await supply.feed(input);
        continue;
      }
      options.signal?.throwIfAborted();
      rows += decoding.countRows(step);
      options.onProgress?.(progress(source, rows, meter.bytes));
      yield step;
    }
  } finally {
    await supply?.close();
  }
}

function progress(source: Source, rows: number, bytes: number): ReadProgress {
  return source instanceof Uint8Array ? { rows, bytes, totalBytes: source.length } : { rows, bytes };
}
