import type { NearError } from "../../core/errors.js";
import { show } from "../../core/errors.js";
import { badFile } from "../faults.js";
import type { Request } from "../format.js";
import { isNumberName, type NumberType } from "../numbers.js";

/** What the header of an npy file says. */
export interface NpyHeader {
  readonly type: NumberType;
  /** Whether columns, not rows, lie together. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

type Value = string | boolean | readonly number[];

/** One token after white space: a string without escapes, a whole number (Python 2 wrote 3L), a truth, or a mark. */
const TOKEN = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|([0-9]+)L?|(True|False)|([{}():,]))/y;

/**
 * The header of an npy file (numpy.lib.format): a Python dict literal with the keys descr, fortran_order and shape, and nothing else.
 * Nothing is evaluated.
 */
export function parseNpyHeader(text: string, request: Request): NpyHeader {
  const entries = new Parser(text, request).dict();
  const descr = entries.get("descr");
  const fortran = entries.get("fortran_order");
  const shape = entries.get("shape");
  if (entries.size !== 3 || typeof descr !== "string" || typeof fortran !== "boolean" || !isShape(shape)) {
    const sentence = `its header is ${show(text.trim())}, expected a string descr, a truth fortran_order and a tuple shape; save a plain array of numbers`;
    throw badFile(request, sentence, { header: text });
  }
  return { type: typeOf(descr, request), fortran, shape };
}

function isShape(value: Value | undefined): value is readonly number[] {
  return Array.isArray(value);
}

function typeOf(descr: string, request: Request): NumberType {
  const name = descr.slice(1);
  const order = descr[0];
  const known = isNumberName(name) && (order === "<" || order === ">" || (order === "|" && name.endsWith("1")));
  if (known) return { name, bigEndian: order === ">" };
  const sentence = `its numbers are ${show(descr)}, expected u1, i1, u2, i2, u4, i4, i8, f2, f4 or f8; save the array with .astype("float32")`;
  throw badFile(request, sentence, { dtype: descr });
}

class Parser {
  readonly #text: string;
  readonly #request: Request;
  #at = 0;
  /** Where the token read last starts, for errors. */
  #from = 0;

  constructor(text: string, request: Request) {
    this.#text = text;
    this.#request = request;
  }

  /** The whole text as a dict; a later entry of the same key is refused. */
  dict(): Map<string, Value> {
    const entries = new Map<string, Value>();
    this.#mark("{");
    for (let token = this.#next(); token !== "}"; token = this.#separator("}")) {
      const key = this.#string(token);
      this.#mark(":");
      if (entries.has(key)) throw this.#unexpected();
      entries.set(key, this.#value());
    }
    this.#from = this.#at;
    if (this.#text.slice(this.#at).trim() !== "") throw this.#unexpected();
    return entries;
  }

  #value(): Value {
    const token = this.#next();
    if (token === "(") return this.#tuple();
    if (token === "True" || token === "False") return token === "True";
    return this.#string(token);
  }

  #tuple(): number[] {
    const items: number[] = [];
    for (let token = this.#next(); token !== ")"; token = this.#separator(")")) {
      const item = Number(token);
      if (!/^[0-9]/.test(token) || !Number.isSafeInteger(item)) throw this.#unexpected();
      items.push(item);
    }
    return items;
  }

  /** After an item: the closing mark, or a comma and then the next item's token or the closing mark. */
  #separator(closing: string): string {
    const token = this.#next();
    if (token === closing) return token;
    if (token !== ",") throw this.#unexpected();
    return this.#next();
  }

  #mark(mark: string): void {
    if (this.#next() !== mark) throw this.#unexpected();
  }

  /** The text of a string token. */
  #string(token: string): string {
    if (!token.startsWith("'")) throw this.#unexpected();
    return token.slice(1);
  }

  /** The next token: a mark, a truth or digits as they are, a string with one quote before it. */
  #next(): string {
    this.#from = this.#at;
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw this.#unexpected();
    this.#at = TOKEN.lastIndex;
    const text = match[1] ?? match[2];
    return text === undefined ? (match[3] ?? match[4] ?? match[5]) : `'${text}`;
  }

  #unexpected(): NearError {
    const rest = show(this.#text.slice(this.#from).trim());
    const sentence = `its header continues with ${rest} where a dict of descr, fortran_order and shape is expected; save a plain array of numbers`;
    return badFile(this.#request, sentence, { header: this.#text, position: this.#from });
  }
}
