import { room } from "../../../core/columns.js";
import type { Condition, Scalar } from "../../../core/predicates.js";
import { IdTable } from "../id-table.js";

/** Numbers for texts: small, given anew when a text is no longer used. */
export class Dictionary {
  readonly #texts = new IdTable();
  /** Uses of each number; 0 where it is free. */
  #uses: Uint32Array = new Uint32Array(16);
  readonly #free: number[] = [];
  #numbers = 0;

  /** All numbers are below this. */
  get numbers(): number {
    return this.#numbers;
  }

  get bytes(): number {
    return this.#texts.bytes + this.#uses.byteLength + this.#free.length * 8;
  }

  /** Number of a text, or −1. */
  find(text: string): number {
    return this.#texts.find(text);
  }

  uses(number: number): number {
    return this.#uses[number];
  }

  /** Number of a text, of which one more use is counted. */
  use(text: string): number {
    let number = this.#texts.find(text);
    if (number < 0) {
      number = this.#free.pop() ?? this.#numbers++;
      this.#uses = room(this.#uses, number + 1);
      this.#texts.set(number, text);
    }
    this.#uses[number]++;
    return number;
  }

  /** Counts so many uses less; whether that was the last, and the number is now free. */
  release(number: number, uses = 1): boolean {
    this.#uses[number] -= uses;
    if (this.#uses[number] > 0) return false;
    this.#texts.delete(number);
    this.#free.push(number);
    return true;
  }

  /** Numbers of those of the values that are texts in use, each once. */
  numbersOf(values: readonly (Scalar | null)[]): number[] {
    const numbers = new Set<number>();
    for (const value of values) if (typeof value === "string") numbers.add(this.#texts.find(value));
    numbers.delete(-1);
    return [...numbers];
  }

  /** Numbers of the texts that a condition on texts holds for. */
  matching(condition: Condition, matches: (value: unknown) => boolean): number[] {
    if (condition.op === "in") return this.numbersOf(condition.values);
    const numbers: number[] = [];
    if (condition.op !== "strings") return numbers;
    for (let n = 0; n < this.#numbers; n++) if (this.#uses[n] > 0 && matches(this.#texts.at(n))) numbers.push(n);
    return numbers;
  }
}
