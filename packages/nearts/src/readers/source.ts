import { NearError, show } from "../core/errors.js";

/** Bytes, or a stream of them. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Where bytes come from: a path (not in browsers), the bytes themselves, or a stream of them. */
export type Source = string | ByteSource;

/** Largest piece passed on at once, so that a source of one large piece is still read in bounded memory. */
const PIECE_BYTES = 2 ** 18;

/** Counts the bytes taken from a source. */
export interface Meter {
  bytes: number;
}

/**
 * The bytes of a source in pieces of at most 256 KiB, each borrowed until the next is asked for. Rejects with the signal's reason as soon as it is aborted, even while the source is
 * silent; failures of the source that are no {@link NearError} become E_IO. Closes the source when the reader leaves.
 */
export async function* piecesOf(source: ByteSource, meter: Meter, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = iterate(source)[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await nextOf(iterator, signal);
      ended = done === true;
      if (done === true) return;
      meter.bytes += checkPiece(value).length;
      for (let at = 0; at < value.length; at += PIECE_BYTES) yield value.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    if (!ended) await close(iterator, signal);
  }
}

function iterate(source: ByteSource): AsyncIterable<Uint8Array> {
  if (source instanceof Uint8Array) return once(source);
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return readStream(source);
    if (Symbol.asyncIterator in source) return source;
  }
  throw new NearError("E_BAD_OPTION", `source is ${show(source)}, expected a path, a Uint8Array, or a stream or async iterable of them`, {
    source,
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** A web stream as an async iterable, which not every browser's is by itself; closing it also ends a read that still waits. */
function readStream(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  if (stream.locked)
    throw new NearError("E_BAD_OPTION", "source is a stream that is locked, expected one that nobody else reads; pass a fresh one");
  const reader = stream.getReader();
  const close = async (): Promise<IteratorReturnResult<undefined>> => {
    await reader.cancel();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => reader.read(), return: close }) };
}

function checkPiece(piece: Uint8Array): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new NearError("E_BAD_OPTION", `the source gave ${show(piece)}, expected Uint8Array pieces; pass a stream of bytes, not of text`, {
    piece,
  });
}

async function nextOf(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<IteratorResult<Uint8Array, unknown>> {
  signal.throwIfAborted();
  try {
    return await unlessAborted(Promise.resolve(iterator.next()), signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof NearError) throw cause;
    throw new NearError("E_IO", `reading the source failed (${messageOf(cause)}); check where it comes from and try again`, {}, { cause });
  }
}

/** What the promise settles to; rejects with the signal's reason, without waiting longer, as soon as it is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
  });
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted]);
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Lets the source close; what goes wrong then concerns no row. An aborted source may never answer: it is told, and not waited for. */
async function close(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<void> {
  try {
    const closing = Promise.resolve(iterator.return?.()).catch(() => {});
    if (!signal.aborted) await closing;
  } catch {
    // A `return` that throws at once has nothing to wait for.
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : show(cause);
}
