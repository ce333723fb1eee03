import type { NearError } from "../../core/errors.js";
import { show } from "../../core/errors.js";
import { SparseColumns } from "../columns.js";
import { asciiText, parseDecimal, parseIndex } from "../decimal.js";
import { badFile, notFinite, wrongDim } from "../faults.js";
import { type Format, OPEN_DIM, type Request, type VectorChunk } from "../format.js";
import { type LineReader, readLines } from "../lines.js";

const COMMENT = 0x23;
const COMMA = 0x2c;
const COLON = 0x3a;

/** About what a row takes beside its entries: its label, kept as an object. */
const LABEL_BYTES = 64;

/** Data of a row: its label (several where the file lists them, `1,4`) and, where it has one, its query (`qid:3`). */
type Labels = { readonly label: number | readonly number[]; readonly qid?: number };

/**
 * svmlight, also libsvm (svmlight.joachims.org): lines `label index:value … # comment`, indices from 1 and ascending.
 * Rows are sparse; labels become data `{ label }`. Empty lines and comments are passed over.
 */
export const svmlight: Format = {
  name: "svmlight",
  names: /\.(svm|svmlight|libsvm)$/,
  read: (input, request) => readLines(input, request, new SvmlightLines(request)),
};

class SvmlightLines implements LineReader {
  readonly #request: Request;
  readonly #base: number;
  readonly #rows = new SparseColumns();
  #labels: Labels[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #to = 0;
  #line = 0;
  /** The token at hand. */
  #start = 0;
  #end = 0;

  constructor(request: Request) {
    this.#request = request;
    this.#base = request.zeroBased ? 0 : 1;
  }

  get count(): number {
    return this.#rows.count;
  }

  get bytes(): number {
    return this.#rows.bytes + this.count * LABEL_BYTES;
  }

  read(bytes: Uint8Array, from: number, to: number, number: number): void {
    const comment = bytes.subarray(from, to).indexOf(COMMENT);
    this.#bytes = bytes;
    this.#line = number;
    this.#to = comment < 0 ? to : from + comment;
    this.#end = from;
    if (!this.#next()) return;
    const label = this.#label();
    const more = this.#next();
    const qid = more ? this.#qid() : undefined;
    if (qid === undefined ? more : this.#next()) this.#entries();
    this.#rows.endRow();
    this.#labels.push(qid === undefined ? { label } : { label, qid });
  }

  drop(): void {
    this.#rows.dropRow();
  }

  take(): VectorChunk {
    const data = this.#labels;
    this.#labels = [];
    return { rows: this.#rows.take(this.#request.dim ?? OPEN_DIM), data };
  }

  /** Moves to the next token of the line; false where there is none. */
  #next(): boolean {
    let at = this.#end;
    while (at < this.#to && isBlank(this.#bytes[at])) at++;
    this.#start = at;
    while (at < this.#to && !isBlank(this.#bytes[at])) at++;
    this.#end = at;
    return this.#start < at;
  }

  #entries(): void {
    let last = -1;
    do {
      const colon = this.#colon();
      const written = parseIndex(this.#bytes, this.#start, colon);
      const index = written - this.#base;
      if (written < 0 || index <= last || index >= OPEN_DIM) throw this.#badIndex(written, last);
      if (this.#request.dim !== undefined && index >= this.#request.dim) throw this.#beyondDim(written, index);
      this.#rows.add(index, this.#value(colon + 1, written));
      last = index;
    } while (this.#next());
  }

  #value(from: number, index: number): number {
    const value = parseDecimal(this.#bytes, from, this.#end);
    if (Number.isNaN(value)) throw this.#unexpected("index:value");
    const where = `line ${this.#line}, index ${index}`;
    if (!Number.isFinite(Math.fround(value))) throw notFinite(this.#request, where, value, { line: this.#line, index });
    return value;
  }

  /** Where the colon of the token is. */
  #colon(): number {
    for (let at = this.#start; at < this.#end; at++) if (this.#bytes[at] === COLON) return at;
    throw this.#unexpected("index:value");
  }

  #label(): number | readonly number[] {
    const labels: number[] = [];
    for (let from = this.#start, at = from; at <= this.#end; at++) {
      if (at < this.#end && this.#bytes[at] !== COMMA) continue;
      const label = parseDecimal(this.#bytes, from, at);
      if (!Number.isFinite(label)) throw this.#unexpected("a label, such as 0,");
      labels.push(label);
      from = at + 1;
    }
    return labels.length === 1 ? labels[0] : labels;
  }

  /** The query number where the token is one. */
  #qid(): number | undefined {
    if (this.#bytes[this.#start] !== 0x71) return undefined;
    const text = this.#token();
    const qid = text.startsWith("qid:") ? parseIndex(this.#bytes, this.#start + 4, this.#end) : -1;
    if (qid < 0) throw this.#unexpected("qid and a whole number");
    return qid;
  }

  #token(): string {
    return asciiText(this.#bytes, this.#start, Math.min(this.#end, this.#start + 60));
  }

  #unexpected(expected: string): NearError {
    const sentence = `line ${this.#line} has ${show(this.#token())} where ${expected} is expected; repair or remove the line`;
    return badFile(this.#request, sentence, { line: this.#line, got: this.#token() });
  }

  #badIndex(written: number, last: number): NearError {
    if (written < 0 || written - this.#base >= OPEN_DIM) return this.#unexpected("index:value with a whole index below 2^32");
    const details = { line: this.#line, index: written };
    if (written === 0)
      return badFile(this.#request, `line ${this.#line} has index 0, expected 1 or more; pass zeroBased: true if they start at 0`, details);
    const before = last + this.#base;
    return badFile(
      this.#request,
      `line ${this.#line} has index ${written} after ${before}; sort the indices of each line and name each once`,
      details,
    );
  }

  #beyondDim(written: number, index: number): NearError {
    return wrongDim(this.#request, `line ${this.#line} has index ${written}, which takes ${index + 1} dimensions`, index + 1);
  }
}

/** Space, tab, or the carriage return before a line feed. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
