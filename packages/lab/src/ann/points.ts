import { NearError, type Rows, type VectorInput } from "nearts";

/** How ann-benchmarks writes points: numbers, bits, or the members of a set, with spaces between. */
export type PointType = "float" | "bit" | "int";

/** Points on their way to become rows. E_BAD_VECTOR for one that is none, or of another dimension than the first. */
export class Points {
  readonly #type: PointType;
  #values = new Float32Array(1024);
  #members = new Uint32Array(1024);
  #offsets: number[] = [0];
  #dim = 0;

  constructor(type: PointType) {
    this.#type = type;
  }

  get count(): number {
    return this.#offsets.length - 1;
  }

  add(text: string): void {
    const numbers = numbersOf(text, this.#type);
    const length = this.#offsets[this.count];
    if (this.#type !== "int") this.#checkDim(numbers.length);
    if (this.#type === "int") {
      const members = Uint32Array.from(new Set(numbers)).sort();
      this.#members = withRoom(this.#members, length + members.length);
      this.#members.set(members, length);
      this.#offsets.push(length + members.length);
    } else {
      this.#values = withRoom(this.#values, length + numbers.length);
      this.#values.set(numbers, length);
      this.#offsets.push(length + numbers.length);
    }
  }

  /** All of them. Bits are given as dense rows of 0 and 1, members as sets. */
  rows(): Rows {
    const { count } = this;
    const length = this.#offsets[count];
    if (this.#type === "int")
      return { kind: "set", dim: 2 ** 32, count, offsets: Uint32Array.from(this.#offsets), members: this.#members.subarray(0, length) };
    const values = this.#values.subarray(0, length);
    if (this.#type === "float") return { kind: "dense", dim: this.#dim, count, values };
    const width = Math.ceil(this.#dim / 32);
    const words = new Uint32Array(count * width);
    for (let i = 0; i < length; i++) {
      const [row, bit] = [Math.floor(i / this.#dim), i % this.#dim];
      words[row * width + (bit >>> 5)] |= values[i] << (bit & 31);
    }
    return { kind: "bits", dim: this.#dim, count, words };
  }

  #checkDim(dim: number): void {
    if (dim === 0 || (this.#dim !== 0 && dim !== this.#dim)) throw badPoint(`a point has ${dim} values, the first ${this.#dim}`);
    this.#dim = dim;
  }
}

/** One point as the engine takes it. */
export function pointOf(text: string, type: PointType): VectorInput {
  const numbers = numbersOf(text, type);
  return type === "int" ? { members: Uint32Array.from(new Set(numbers)).sort() } : numbers;
}

function numbersOf(text: string, type: PointType): Float32Array | Uint32Array {
  const words = text.trim() === "" ? [] : text.trim().split(/\s+/);
  if (type === "bit") return Float32Array.from(words.join(""), (digit) => (digit === "0" || digit === "1" ? Number(digit) : refuse(digit)));
  if (type === "float") return Float32Array.from(words, (word) => (Number.isFinite(Number(word)) ? Number(word) : refuse(word)));
  return Uint32Array.from(words, (word) => (/^[0-9]+$/.test(word) && Number(word) < 2 ** 32 ? Number(word) : refuse(word)));
}

function refuse(word: string): never {
  throw badPoint(`a point has ${JSON.stringify(word.slice(0, 40))}, which is no value of its type`);
}

function badPoint(sentence: string): NearError {
  return new NearError("E_BAD_VECTOR", sentence);
}

function withRoom<T extends Float32Array | Uint32Array>(column: T, length: number): T {
  if (length <= column.length) return column;
  const grown = new (column.constructor as new (length: number) => T)(Math.max(length, 2 * column.length)); // of the same class
  grown.set(column);
  return grown;
}
