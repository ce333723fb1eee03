/** Runs of letters, digits, _ and $: words of prose and names of programs alike. */
const TOKENS = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
/** Longer ones are encoded data. */
const LONGEST = 40;

/** The words of many texts, numbered in order of first appearance. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #parts = new Map<string, readonly number[]>();

  get size(): number {
    return this.#numbers.size;
  }

  /** The numbers of a text's words in reading order. `getElementById` counts as get, element, by, id: so names and prose meet. */
  read(text: string): Uint32Array {
    const numbers: number[] = [];
    for (const [token] of text.matchAll(TOKENS)) {
      if (token.length <= LONGEST) for (const number of this.#partsOf(token)) numbers.push(number);
    }
    return Uint32Array.from(numbers);
  }

  #partsOf(token: string): readonly number[] {
    const known = this.#parts.get(token);
    if (known !== undefined) return known;
    const parts = split(token).map((word) => this.#number(word));
    this.#parts.set(token, parts);
    return parts;
  }

  #number(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    this.#numbers.set(word, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Lower-case words of a name, without single letters, which are mostly variables. */
function split(token: string): string[] {
  return token
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[\s_$\p{N}]+/u)
    .filter((word) => word.length > 1);
}
