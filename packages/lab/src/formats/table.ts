import { type Id, type Json, NearError } from "nearts";
import type { VectorChunk } from "nearts/readers";
import { badFile } from "./faults.js";
import { chunkBytes } from "./file-format.js";

/** Most values of a row: 4 MiB of float32. */
const mostDim = 2 ** 20;
/** About what an id and data take beside a row. */
const extraBytes = 64;

/** What the columns of a table are for. */
export interface Roles {
  /** The columns whose numbers make up the vectors: one of lists, or one for each dimension. */
  readonly vector: readonly string[];
  readonly lists: boolean;
  readonly id: string | undefined;
  /** All others. */
  readonly data: readonly string[];
}

/** A column as the head of a table tells it. */
export interface Column {
  readonly name: string;
  readonly holds: "lists" | "numbers" | "else";
}

/**
 * Which columns the vectors are in. Asked for by name, or as all whose name begins so ("x*"); else the only column of lists of numbers, else all columns
 * of numbers. A column "id" names the rows. E_BAD_OPTION where that is not one answer, with what there is.
 */
export function rolesOf(file: string, columns: readonly Column[], wanted: string | undefined): Roles {
  const others = columns.filter(({ name }) => name !== "id");
  const found = wanted === undefined ? usual(file, others) : asked(file, columns, wanted);
  const lists = found[0].holds === "lists";
  if (found.some(({ holds }) => holds === "else") || (lists && found.length > 1)) {
    const wrong = found.find(({ holds }) => holds === "else") ?? found[1];
    const what = lists ? "one of several columns of lists" : "no column of numbers";
    throw columnFault(file, columns, `${JSON.stringify(wrong.name)} is ${what}`, wanted);
  }
  const vector = found.map(({ name }) => name);
  const id = columns.some(({ name }) => name === "id") && !vector.includes("id") ? "id" : undefined;
  return { vector, lists, id, data: columns.map(({ name }) => name).filter((name) => name !== id && !vector.includes(name)) };
}

function asked(file: string, columns: readonly Column[], wanted: string): readonly Column[] {
  const matches = (name: string) => (wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted);
  const found = columns.filter(({ name }) => matches(name));
  if (found.length > 0) return found;
  throw columnFault(file, columns, "there is none of that name", wanted);
}

function usual(file: string, columns: readonly Column[]): readonly Column[] {
  const lists = columns.filter(({ holds }) => holds === "lists");
  if (lists.length === 1) return lists;
  if (lists.length > 1)
    throw columnFault(file, columns, `several hold lists of numbers: ${lists.map(({ name }) => name).join(", ")}`, undefined);
  const numbers = columns.filter(({ holds }) => holds === "numbers");
  if (numbers.length > 0) return numbers;
  throw columnFault(file, columns, "none holds numbers", undefined);
}

function columnFault(file: string, columns: readonly Column[], why: string, wanted: string | undefined): NearError {
  const names = columns.map(({ name }) => name);
  const got = wanted === undefined ? "no column is given" : `column is ${JSON.stringify(wanted)}`;
  const sentence = `${JSON.stringify(file)} has the columns ${names.join(", ").slice(0, 200)}; ${got}, and ${why}: pass column, the name or "x*" for all that begin so`;
  return new NearError("E_BAD_OPTION", sentence, { file, got: wanted, expected: names });
}

/** Dense rows of a table on their way to become chunks. */
export class TableRows {
  count = 0;
  readonly #file: string;
  #dim = 0;
  #values = new Float32Array(1024);
  #ids: (Id | undefined)[] = [];
  #data: (Json | undefined)[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** Whether there is enough for a chunk. */
  get full(): boolean {
    return this.count * (this.#dim * 4 + extraBytes) >= chunkBytes;
  }

  /** Adds one row; `where` says which in words: "row 7". E_BAD_FILE where a value is no finite number, or the row is of another length; nothing is added then. */
  add(vector: ArrayLike<unknown>, id: unknown, data: Json | undefined, where: string): void {
    const dim = this.#checkDim(vector.length, where);
    const from = this.count * dim;
    if (from + dim > this.#values.length) this.#grow(from + dim);
    for (let i = 0; i < dim; i++) this.#values[from + i] = numberOf(this.#file, vector[i], where, i);
    this.#ids.push(idOf(this.#file, id, where));
    this.#data.push(data);
    this.#dim = dim;
    this.count++;
  }

  /** The rows so far; none are left, but their dimension is remembered. */
  take(): VectorChunk {
    const { count } = this;
    const [ids, data] = [this.#ids, this.#data];
    const values = this.#values.slice(0, count * this.#dim);
    this.count = 0;
    this.#ids = [];
    this.#data = [];
    const isThere = (value: unknown) => value !== undefined;
    return {
      rows: { kind: "dense", dim: this.#dim, count, values },
      ...(ids.some(isThere) && { ids }),
      ...(data.some(isThere) && { data }),
    };
  }

  #checkDim(dim: number, where: string): number {
    if (dim < 1 || dim > mostDim)
      throw badFile(this.#file, `${where} has ${dim} values, expected 1 to ${mostDim}`, { got: dim, most: mostDim });
    if (this.#dim === 0 || dim === this.#dim) return dim;
    const sentence = `${where} has ${dim} values, the rows before it ${this.#dim}; give every row the same dimension`;
    throw badFile(this.#file, sentence, { got: dim, expected: this.#dim });
  }

  #grow(length: number): void {
    const values = new Float32Array(Math.max(length, 2 * this.#values.length));
    values.set(this.#values);
    this.#values = values;
  }
}

function numberOf(file: string, value: unknown, where: string, position: number): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number") {
    const got = value === null || value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value).slice(0, 60);
    throw badFile(file, `${where} has ${got} at position ${position}, expected a number; repair or remove the row`, {
      position,
      got: value,
    });
  }
  if (Number.isFinite(Math.fround(number))) return number;
  const sentence = `${where} has ${number} at position ${position}, which is not finite as float32; repair or rescale it, or remove the row`;
  throw badFile(file, sentence, { position, got: number });
}

function idOf(file: string, value: unknown, where: string): Id | undefined {
  const id = typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (id === undefined || id === null) return undefined;
  if ((typeof id === "string" && id !== "") || (typeof id === "number" && Number.isSafeInteger(id))) return id;
  throw badFile(file, `${where} has the id ${JSON.stringify(String(value))}, expected a text or a whole number`, { got: value });
}
