import type { Id, Json } from "../../core/contracts.js";
import { type NearError, show } from "../../core/errors.js";
import { DenseColumns, SparseColumns } from "../columns.js";
import { badFile, checkDim, notFinite, wrongDim } from "../faults.js";
import { type Format, OPEN_DIM, type Request, type VectorChunk } from "../format.js";
import { type LineReader, readLines } from "../lines.js";

/** About what an id and the object of some data take, beside the text they came from. */
const EXTRA_BYTES = 64;

const DENSE_KEYS = ["vector", "id", "data"];
const SPARSE_KEYS = ["indices", "values", "dim", "id", "data"];

/**
 * JSONL, one row a line: an array of numbers, `{ "vector": [...], "id"?, "data"? }` or sparse `{ "indices", "values", "dim"?, "id"?,
 * "data"? }` with indices from 0 and ascending. All rows are dense or all are sparse; other keys are refused, so that nothing is lost
 * unseen. Empty lines are passed over.
 */
export const jsonl: Format = {
  name: "jsonl",
  names: /\.(jsonl|ndjson)$/,
  read: (input, request) => readLines(input, request, new JsonLines(request)),
};

type JsonObject = { readonly [key: string]: unknown };

class JsonLines implements LineReader {
  readonly #request: Request;
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #dense = new DenseColumns();
  readonly #sparse = new SparseColumns();
  #ids: (Id | undefined)[] = [];
  #data: (Json | undefined)[] = [];
  #kind: "dense" | "sparse" | undefined;
  /** Of the first row: what the option or the row says, OPEN_DIM for sparse rows where neither does. */
  #dim = 0;
  #line = 0;
  /** Whether there were rows before those that wait. */
  #taken = false;

  constructor(request: Request) {
    this.#request = request;
  }

  get count(): number {
    return this.#ids.length;
  }

  get bytes(): number {
    return this.#dense.bytes + this.#sparse.bytes + this.count * EXTRA_BYTES;
  }

  read(bytes: Uint8Array, from: number, to: number, number: number): void {
    this.#line = number;
    const text = this.#decode(bytes.subarray(from, to));
    if (/^[ \t\r]*$/.test(text)) return;
    const line = this.#object(this.#parse(text));
    this.#checkKind(Object.hasOwn(line, "vector") ? "dense" : "sparse");
    this.#checkKeys(line, this.#kind === "dense" ? DENSE_KEYS : SPARSE_KEYS);
    const id = this.#id(line);
    if (this.#kind === "dense") this.#addDense(line);
    else this.#addSparse(line);
    this.#ids.push(id);
    // The cast holds: JSON.parse makes nothing but JSON.
    this.#data.push(line.data as Json | undefined);
  }

  drop(): void {
    this.#dense.dropRow();
    this.#sparse.dropRow();
    if (this.#taken || this.count > 0) return;
    // What the first row said of all rows was said by none.
    this.#kind = undefined;
    this.#dim = 0;
  }

  take(): VectorChunk {
    this.#taken = true;
    const ids = this.#ids;
    const data = this.#data;
    this.#ids = [];
    this.#data = [];
    const rows = this.#kind === "dense" ? this.#dense.take(this.#dim) : this.#sparse.take(this.#dim);
    return { rows, ...(ids.some(isThere) && { ids }), ...(data.some(isThere) && { data }) };
  }

  #addDense(line: JsonObject): void {
    const vector = this.#array(line, "vector");
    const dim = vector.length;
    if (this.#dim === 0) checkDim(this.#request, dim, `line ${this.#line}`);
    else if (dim !== this.#dim)
      throw this.#bad(`has ${dim} values, the rows before it ${this.#dim}; give every row the same dimension`, {
        got: dim,
        expected: this.#dim,
      });
    this.#dim = dim;
    for (let i = 0; i < dim; i++) this.#dense.add(this.#number(vector, i, "vector"));
    this.#dense.endRow();
  }

  #addSparse(line: JsonObject): void {
    const indices = this.#array(line, "indices");
    const values = this.#array(line, "values");
    if (indices.length !== values.length) {
      throw this.#bad(`has ${indices.length} indices and ${values.length} values; give one value for each index`, {
        indices: indices.length,
        values: values.length,
      });
    }
    this.#dim = this.#sparseDim(line.dim);
    let last = -1;
    for (let i = 0; i < indices.length; i++) {
      const index = this.#number(indices, i, "indices");
      if (!Number.isInteger(index) || index <= last || index >= OPEN_DIM) throw this.#badIndex(index, last);
      if (index >= this.#dim) throw this.#beyondDim(index);
      this.#sparse.add(index, this.#number(values, i, "values"));
      last = index;
    }
    this.#sparse.endRow();
  }

  /** The dimension of all rows, which the first row decides. */
  #sparseDim(claimed: unknown): number {
    const first = this.#dim === 0;
    if (claimed === undefined) return first ? (this.#request.dim ?? OPEN_DIM) : this.#dim;
    const isDim = typeof claimed === "number" && Number.isInteger(claimed) && claimed >= 1 && claimed <= OPEN_DIM;
    if (!isDim) throw this.#bad(`has dim ${show(claimed)}, expected a whole number from 1 to ${OPEN_DIM}`, { dim: claimed });
    if (this.#request.dim !== undefined && claimed !== this.#request.dim)
      throw wrongDim(this.#request, `line ${this.#line} has dim ${claimed}`, claimed);
    if (first || claimed === this.#dim) return claimed;
    const before = this.#dim === OPEN_DIM ? "none" : String(this.#dim);
    throw this.#bad(`has dim ${claimed}, the first row ${before}; give all rows the same dim, the first too`, {
      got: claimed,
      expected: this.#dim,
    });
  }

  /** A finite number of the array `name`. */
  #number(array: readonly unknown[], i: number, name: string): number {
    const value = array[i];
    if (typeof value !== "number")
      throw this.#bad(`has ${show(value)} at position ${i} of ${name}, expected a number; repair or remove the row`, { position: i });
    if (!Number.isFinite(Math.fround(value)))
      throw notFinite(this.#request, `line ${this.#line}, position ${i} of ${name},`, value, { line: this.#line, position: i });
    return value;
  }

  #array(line: JsonObject, key: string): readonly unknown[] {
    const value = line[key];
    if (Array.isArray(value)) return value;
    throw this.#bad(`has ${show(value)} as ${key}, expected an array of numbers; a row is [...], {"vector"} or {"indices", "values"}`, {
      key,
    });
  }

  #id(line: JsonObject): Id | undefined {
    const { id } = line;
    if (id === undefined || (typeof id === "string" && id !== "") || (typeof id === "number" && Number.isSafeInteger(id))) return id;
    throw this.#bad(`has id ${show(id)}, expected a non-empty string or a safe integer; repair the id or leave it out`, { id });
  }

  #checkKind(kind: "dense" | "sparse"): void {
    this.#kind ??= kind;
    if (this.#kind !== kind)
      throw this.#bad(`is ${kind}, the rows before it ${this.#kind}; put dense and sparse rows into files of their own`, { got: kind });
  }

  #checkKeys(line: JsonObject, known: readonly string[]): void {
    for (const key of Object.keys(line)) {
      if (!known.includes(key))
        throw this.#bad(`has the key ${show(key)}, expected ${known.join(", ")}; put other values under data`, { key });
    }
  }

  #object(value: unknown): JsonObject {
    if (Array.isArray(value)) return { vector: value };
    // The cast holds: an object that is no array, out of JSON.parse, has string keys.
    if (typeof value === "object" && value !== null) return value as JsonObject;
    throw this.#bad(`is ${show(value)}, expected an array of numbers or an object; a row is [...], {"vector"} or {"indices", "values"}`);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw this.#bad(`is no JSON: ${show(text.slice(0, 80))}; write one array or object a line`, {}, cause);
    }
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#text.decode(bytes);
    } catch (cause) {
      throw this.#bad("is not UTF-8; write the file as UTF-8", {}, cause);
    }
  }

  #badIndex(index: number, last: number): NearError {
    const details = { index, before: last };
    if (!Number.isInteger(index) || index < 0 || index >= OPEN_DIM)
      return this.#bad(`has index ${index}, expected whole indices from 0 to ${OPEN_DIM - 1}`, details);
    return this.#bad(`has index ${index} after ${last}; sort the indices of each row and name each once`, details);
  }

  #beyondDim(index: number): NearError {
    const claim = `line ${this.#line} has index ${index}`;
    if (this.#request.dim !== undefined) return wrongDim(this.#request, claim, index + 1);
    return this.#bad(`has index ${index}, the rows have dim ${this.#dim}; raise dim on the first row`, { index, dim: this.#dim });
  }

  #bad(rest: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown): NearError {
    return badFile(this.#request, `line ${this.#line} ${rest}`, { line: this.#line, ...details }, cause);
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}
