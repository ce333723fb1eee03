import { NearError, show } from "../core/errors.js";

/** Bytes that tell gzip from everything else. */
const HEAD_BYTES = 3;

/** A stream of pieces that whoever holds it must close. */
type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/**
 * The pieces as they are, or what they hold where they are gzipped (RFC 1952), by their first bytes. Several members follow each other
 * where the runtime's DecompressionStream reads them (Node before 26.5), and are refused where it does not (browsers). Damaged or truncated
 * gzip rejects with E_BAD_FILE. `leaving` is the controller of the pieces' signal: gzip is read ahead, and reading stops when nobody wants
 * the rest.
 */
export async function* unzipped(pieces: Pieces, file: string | undefined, leaving: AbortController): Pieces {
  try {
    const head = await takeHead(pieces);
    yield* isGzip(head, file) ? inflate(prepend(head, pieces), file, leaving) : prepend(head, pieces);
  } finally {
    await pieces.return();
  }
}

/** The first pieces, joined: at least HEAD_BYTES bytes unless there are fewer. */
async function takeHead(pieces: Pieces): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD_BYTES) {
    const { done, value } = await pieces.next();
    if (done === true) break;
    const longer = new Uint8Array(head.length + value.length);
    longer.set(head);
    longer.set(value, head.length);
    head = longer;
  }
  return head;
}

/** Magic 1f 8b and then deflate, the one method; a name that ends in .gz is believed without it, so that damage there is told as such. */
export function isGzip(head: Uint8Array, file: string | undefined): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && (head[2] === 8 || file?.toLowerCase().endsWith(".gz") === true);
}

async function* prepend(head: Uint8Array, pieces: Pieces): Pieces {
  if (head.length > 0) yield head;
  yield* pieces;
}

async function* inflate(pieces: Pieces, file: string | undefined, leaving: AbortController): Pieces {
  const stream = new DecompressionStream("gzip");
  const reader = stream.readable.getReader();
  const failures: unknown[] = [];
  void feed(pieces, stream.writable.getWriter(), failures);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw failures.length > 0 ? failures[0] : damaged(file, cause);
  } finally {
    // Reading ahead may wait for a source that never answers: it is told to stop, and not waited for.
    leaving.abort();
    reader.cancel().catch(() => {});
  }
}

/**
 * Writes all pieces. Never rejects: what the source threw is left in `failures`, what is wrong with the bytes is told by the reading side.
 */
async function feed(pieces: Pieces, writer: WritableStreamDefaultWriter<BufferSource>, failures: unknown[]): Promise<void> {
  writer.closed.catch(() => {});
  try {
    for (;;) {
      const { done, value } = await nextOf(pieces, failures);
      if (done === true) return await writer.close();
      await writer.ready;
      await writer.write(new Uint8Array(value)); // the piece is borrowed, and streams insist on memory that is not shared
    }
  } catch (reason) {
    await writer.abort(reason).catch(() => {});
  }
}

async function nextOf(pieces: Pieces, failures: unknown[]): Promise<IteratorResult<Uint8Array, void>> {
  try {
    return await pieces.next();
  } catch (reason) {
    failures.push(reason);
    throw reason;
  }
}

function damaged(file: string | undefined, cause: unknown): NearError {
  const subject = file === undefined ? "the gzipped input" : JSON.stringify(file);
  // Newer runtimes throw an error without a message where the data ends too early.
  const reason = (cause instanceof Error ? cause.message : show(cause)) || "it ends too early";
  const sentence = `${subject} is no whole gzip file (${reason}); fetch it again, or unpack it first if it has several members`;
  return new NearError("E_BAD_FILE", sentence, { file }, { cause });
}
