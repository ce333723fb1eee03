import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import { NearError } from "nearts";

/** One text to compare. */
export interface Document {
  /** Where it is, for people: a path, or a path and a line. */
  readonly place: string;
  readonly text: string;
  /** What stands for it in the output: the bytes of its line as they were, or the path of its file. */
  readonly line: string | Uint8Array;
}

/** How files are read. */
export interface DocumentOptions {
  /** Each line of a text file is a document, rather than the file. */
  readonly lines: boolean;
  /** Where in the objects of JSON lines the text is. */
  readonly field: string;
  readonly signal: AbortSignal;
}

/** Bytes of one document, at most: longer ones are hardly documents. */
const longest = 2 ** 26;
/** What is not UTF-8 becomes U+FFFD in the text that is compared; a byte order mark is left out. */
const decoder = new TextDecoder("utf-8");
const jsonLines = /\.(jsonl|ndjson)(\.gz)?$/i;

/** The documents of files, in order: a document each, or one for each line. E_IO where a file cannot be read, E_BAD_FILE naming the line that is none. */
export async function* documentsOf(paths: readonly string[], options: DocumentOptions): AsyncGenerator<Document> {
  for (const path of paths) {
    options.signal.throwIfAborted();
    try {
      if (jsonLines.test(path)) yield* parsed(path, options);
      else if (options.lines) for await (const { line, place } of linesOf(path)) yield { place, text: decoder.decode(line), line };
      else yield await wholeFile(path);
    } catch (cause) {
      if (!(cause instanceof Error && ("syscall" in cause || "errno" in cause || "code" in cause)) || cause instanceof NearError)
        throw cause;
      throw new NearError("E_IO", `cannot read ${JSON.stringify(path)}: ${cause.message}`, { path }, { cause });
    }
  }
}

async function wholeFile(path: string): Promise<Document> {
  const { size } = await stat(path);
  if (size > longest) throw tooLong(path, size);
  const bytes = await readFile(path);
  const text = (path.toLowerCase().endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: longest }) : bytes).toString("utf8");
  return { place: path, text, line: path };
}

async function* parsed(path: string, { field }: DocumentOptions): AsyncGenerator<Document> {
  for await (const { line, place } of linesOf(path)) {
    const json = decoder.decode(line);
    if (json.trim() === "") continue;
    yield { place, text: textIn(json, field, place), line };
  }
}

function textIn(line: string, field: string, place: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NearError("E_BAD_FILE", `${place} is no JSON: ${reason}`, { place }, { cause });
  }
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && Object.hasOwn(value, field)) {
    const text = (value as Record<string, unknown>)[field]; // it has it
    if (typeof text === "string") return text;
  }
  throw new NearError("E_BAD_FILE", `${place} has no text in ${JSON.stringify(field)}: say which field has it with --field`, {
    place,
    field,
  });
}

/** Lines between line feeds and nothing else, in bytes, so that each comes out as it was; a carriage return before one is of the ending. */
async function* linesOf(path: string): AsyncGenerator<{ readonly line: Uint8Array; readonly place: string }> {
  const file = createReadStream(path);
  const bytes = path.toLowerCase().endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // An error of the file does not reach whoever reads what is unpacked of it.
  file.on("error", (error) => bytes.destroy(error));
  let held: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const give = (end: Uint8Array) => {
    const line = held.length === 0 ? end : Buffer.concat([...held, end]);
    held = [];
    length = 0;
    return { line: line.at(-1) === carriageReturn ? line.subarray(0, -1) : line, place: `${path}:${++number}` };
  };
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    let from = 0;
    for (let to = chunk.indexOf(lineFeed); to >= 0; to = chunk.indexOf(lineFeed, from)) {
      yield give(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from === chunk.length) continue;
    held.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longest) throw tooLong(`${path}:${number + 1}`, length);
  }
  if (length > 0) yield give(new Uint8Array(0));
}

const lineFeed = 10;
const carriageReturn = 13;

function tooLong(place: string, length: number): NearError {
  const message = `${place} has over ${length} bytes, a document at most ${longest}: split it, or give --lines for one document a line`;
  return new NearError("E_LIMIT", message, { place, length, limit: longest });
}
