/** The bytes of a file that have arrived and are not yet used, in one piece. It grows with what arrives, never with what is asked for. */
export class Input {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #start = 0;
  #end = 0;
  #skipped = 0;
  #ended = false;

  /** Bytes that are here. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Where in the file the next byte stands. */
  get offset(): number {
    return this.#skipped;
  }

  /** Whether no more will arrive. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds the next bytes of the file; views taken before are stale. */
  push(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#buffer.length) this.#makeRoom(piece.length);
    this.#buffer.set(piece, this.#end);
    this.#end += piece.length;
  }

  end(): void {
    this.#ended = true;
  }

  /** All bytes that are here: a view, valid until the next step that asks for more. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Drops the first `count` bytes, which must be here. */
  skip(count: number): void {
    this.#start += count;
    this.#skipped += count;
  }

  /** Asks for more until `count` bytes are here or the file ends; says whether they are here. */
  *need(count: number): Generator<null, boolean, undefined> {
    while (this.length < count && !this.#ended) yield null;
    return this.length >= count;
  }

  #makeRoom(more: number): void {
    const wanted = this.length + more;
    const target = wanted <= this.#buffer.length ? this.#buffer : new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    target.set(this.bytes());
    this.#end = this.length;
    this.#start = 0;
    this.#buffer = target;
  }
}
