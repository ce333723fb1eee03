import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";
import { type Json, NearError } from "nearts";
import type { VectorChunk } from "nearts/readers";
import { badFile, fileFault } from "./faults.js";
import type { FileFormat, FileRequest } from "./file-format.js";
import { type Column, type Roles, rolesOf, TableRows } from "./table.js";

/** Longest record that is taken: as long as the longest line of other text formats. */
const mostRecordBytes = 2 ** 25;

/** A decimal number, and nothing else: what `Number` takes beyond it (hexadecimal, nothing at all) is no number of a table. */
const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/**
 * CSV (RFC 4180), tabs in files named .tsv, gzipped or not. A first record that is not all numbers names the columns: "id" the rows, the others are the
 * vectors, or those that {@link FileRequest.column} names and the rest is data. One column may hold vectors as JSON arrays.
 */
export const csv: FileFormat = { name: "csv", names: /\.(csv|tsv)(\.gz)?$/, read: readCsv };

async function* readCsv(path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  const rows = new TableRows(path);
  let roles: Head | undefined;
  let taken = 0;
  for await (const { record, info } of records(path, request)) {
    request.signal?.throwIfAborted();
    const line = info.lines;
    if (roles === undefined) {
      roles = headOf(path, record, request.column);
      if (roles.named) continue;
    }
    if (!offer(rows, path, roles, record, line, request)) continue;
    taken++;
    if (rows.full) yield rows.take();
    if (taken >= request.limit) break;
  }
  if (rows.count > 0) yield rows.take();
}

/** What the first record says of all. */
interface Head extends Roles {
  readonly named: boolean;
  readonly names: readonly string[];
}

/** One record and where it ends. */
interface Item {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function headOf(path: string, record: readonly string[], column: string | undefined): Head {
  if (record.every((text) => decimal.test(text.trim()))) {
    const names = record.map((_, i) => String(i));
    return {
      named: false,
      names,
      ...rolesOf(
        path,
        names.map((name): Column => ({ name, holds: "numbers" })),
        column,
      ),
    };
  }
  const names = record.map((text) => text.trim());
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined)
    throw badFile(path, `it has two columns ${JSON.stringify(repeated)}; give each its own name`, { column: repeated });
  const holds = (name: string): Column => ({ name, holds: name === (column ?? "vector") ? "lists" : "numbers" });
  return { named: true, names, ...rolesOf(path, names.map(holds), column) };
}

/** Adds a record; says whether. One that holds no row is handed over where such are not to end the reading. */
function offer(rows: TableRows, path: string, head: Head, record: readonly string[], line: number, request: FileRequest): boolean {
  try {
    add(rows, path, head, record, line, request.data);
    return true;
  } catch (error) {
    if (request.onReject === undefined || !(error instanceof NearError)) throw error;
    request.onReject({ line, text: record.join(","), error });
    return false;
  }
}

function add(rows: TableRows, path: string, head: Head, record: readonly string[], line: number, withData: boolean): void {
  const where = `line ${line}`;
  if (record.length !== head.names.length) {
    const sentence = `${where} has ${record.length} columns, the first line ${head.names.length}; quote values that hold commas`;
    throw badFile(path, sentence, { line, got: record.length, expected: head.names.length });
  }
  const at = (name: string) => record[head.names.indexOf(name)];
  const single = head.lists ? at(head.vector[0]).trim() : "";
  const vector = single.startsWith("[") ? listOf(path, single, where) : head.vector.map((name) => numberOrText(at(name)));
  const data =
    withData && head.data.length > 0
      ? Object.fromEntries(head.data.map((name): [string, Json] => [name, numberOrText(at(name))]))
      : undefined;
  rows.add(vector, head.id === undefined ? undefined : idOf(at(head.id)), data, where);
}

/** A number where the text is one, else the text. */
function numberOrText(text: string): number | string {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed) : text;
}

/** Ids that look like whole numbers are such, as long as writing them again gives the same text. */
function idOf(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) && String(number) === text ? number : text;
}

function listOf(path: string, text: string, where: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // Told below, as whatever else is no array.
  }
  throw badFile(path, `${where} has ${JSON.stringify(text.slice(0, 60))} for a vector, expected a JSON array of numbers`, { got: text });
}

async function* records(path: string, request: FileRequest): AsyncGenerator<Item, void, undefined> {
  const file = createReadStream(path);
  const counter = counting(request.onBytes);
  const delimiter = /\.tsv(\.gz)?$/i.test(path) ? "\t" : ",";
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: mostRecordBytes,
  });
  const unpack = /\.gz$/i.test(path) ? [createGunzip()] : [];
  const flow = pipeline([file, counter, ...unpack, parser]).catch((error: unknown) => {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const item of parser) yield item as Item; // what the option info makes of a record
  } catch (error) {
    throw error instanceof CsvError ? csvFault(path, error) : fileFault(path, error, "it cannot be read as CSV");
  } finally {
    file.destroy();
    parser.destroy();
    await flow;
  }
}

function csvFault(path: string, error: CsvError): NearError {
  return badFile(path, `it is no CSV: ${error.message.slice(0, 200)}`, { code: error.code, line: error["lines"] }, error);
}

function counting(onBytes: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      onBytes(bytes);
      done(null, piece);
    },
  });
}
