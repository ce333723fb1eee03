/** A stretch of bytes of a larger memory. */
export interface Span {
  readonly at: number;
  readonly bytes: number;
}

/** Gives out stretches of a memory that only grows, multiples of 16 bytes each, and takes them back: first fit, neighbours joined. */
export class Spans {
  /** What was taken back, ascending; no two touch, and none touches the end. */
  readonly #free: Span[] = [];
  #end = 0;

  /** Bytes the memory must have for everything given out. */
  get end(): number {
    return this.#end;
  }

  take(wanted: number): Span {
    const bytes = Math.ceil(wanted / 16) * 16;
    const i = this.#free.findIndex((span) => span.bytes >= bytes);
    if (i < 0) {
      this.#end += bytes;
      return { at: this.#end - bytes, bytes };
    }
    const { at, bytes: found } = this.#free[i];
    if (found === bytes) this.#free.splice(i, 1);
    else this.#free[i] = { at: at + bytes, bytes: found - bytes };
    return { at, bytes };
  }

  /** Takes back what `take` gave, once. */
  give({ at, bytes }: Span): void {
    if (bytes === 0) return;
    let i = this.#free.findIndex((span) => span.at > at);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { at, bytes });
    this.#join(i);
    if (i > 0) this.#join(i - 1);
    const last = this.#free.at(-1);
    if (last === undefined || last.at + last.bytes !== this.#end) return;
    this.#end = last.at;
    this.#free.pop();
  }

  /** Joins free stretch `i` with the one behind it where they touch. */
  #join(i: number): void {
    const a = this.#free[i];
    const b = this.#free[i + 1];
    if (b !== undefined && a.at + a.bytes === b.at) this.#free.splice(i, 2, { at: a.at, bytes: a.bytes + b.bytes });
  }
}
