import { NearError } from "../core/errors.js";
import { badFile } from "./faults.js";
import { CHUNK_BYTES, type Request, type Steps, type VectorChunk } from "./format.js";
import type { Input } from "./input.js";

const LINE_FEED = 0x0a;

/** Longest line accepted, so that a file without line ends is not taken whole. */
const MOST_LINE_BYTES = 2 ** 25;

/** Turns lines into rows, and keeps the rows until they are taken. */
export interface LineReader {
  /** Rows that wait to be taken. */
  readonly count: number;
  /** About the bytes they take. */
  readonly bytes: number;
  /**
   * Reads the line at `from … to` (without its line feed), line `number` of the file counted from 1: adds one row or, for an empty line,
   * none.
   */
  read(bytes: Uint8Array, from: number, to: number, number: number): void;
  /** Forgets what `read`, which has just thrown, had read of its line. */
  drop(): void;
  take(): VectorChunk;
}

/** Rows of a text file with one row a line, as chunks. A byte order mark is passed over; the last line needs no line feed. */
export function* readLines(input: Input, request: Request, reader: LineReader): Steps<VectorChunk> {
  let rows = 0;
  let text = 0;
  for (let number = 1; ; number++) {
    const length = yield* lineLength(input, request, number);
    if (length < 0) break;
    readLine(input.bytes(), length, number, request, reader);
    input.skip(Math.min(length + 1, input.length));
    text += length;
    if (rows + reader.count === request.limit) break;
    if (reader.count > 0 && (reader.bytes >= CHUNK_BYTES || text >= CHUNK_BYTES)) {
      rows += reader.count;
      text = 0;
      yield reader.take();
    }
  }
  if (reader.count > 0) yield reader.take();
}

/** Reads one line, or hands it over where lines that are wrong are not to end the reading. */
function readLine(bytes: Uint8Array, length: number, line: number, request: Request, reader: LineReader): void {
  const from = line === 1 ? markLength(bytes) : 0;
  try {
    reader.read(bytes, from, length, line);
  } catch (error) {
    if (request.onReject === undefined || !(error instanceof NearError)) throw error;
    reader.drop();
    request.onReject({ line, text: new TextDecoder().decode(bytes.subarray(from, length)), error });
  }
}

/** Bytes of the next line before its line feed; −1 at the end. Each byte is searched once, however the input is cut. */
function* lineLength(input: Input, request: Request, number: number): Generator<null, number, undefined> {
  let searched = 0;
  for (;;) {
    const found = input.bytes().indexOf(LINE_FEED, searched);
    searched = found < 0 ? input.length : found;
    if (searched > MOST_LINE_BYTES) throw tooLong(request, number);
    if (found >= 0) return found;
    if (input.ended) return searched === 0 ? -1 : searched;
    yield null;
  }
}

function markLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function tooLong(request: Request, line: number): NearError {
  const sentence = `line ${line} is longer than ${MOST_LINE_BYTES} bytes, the most that is read; end each row with a line feed`;
  return badFile(request, sentence, { line, most: MOST_LINE_BYTES });
}
