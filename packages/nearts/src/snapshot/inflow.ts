import { crc32 } from "#platform";
import type { Awaitable } from "../core/contracts.js";
import { filled, type Supply } from "../core/dump.js";
import { NearError } from "../core/errors.js";
import { checkBytes, corrupt, hex, type PlacedSection } from "./format.js";

/** A file of known size, read front to back. */
export interface Flow {
  readonly size: number;
  /** Fills `into` with the next bytes, perhaps not all of it; how many there were, 0 at the end. */
  read(into: Uint8Array): Awaitable<number>;
}

/** Bytes read ahead, and how many must be asked for to be read where they are wanted. */
const bufferBytes = 2 ** 18;
/** Bytes read at once past the buffer. */
const readBytes = 2 ** 22;

/** Memory for which a file has no bytes may be as much as the file, and this. */
const headroom = 48 * 2 ** 20;

/** A file read front to back, section by section; each section as a {@link Supply}. */
export class Inflow implements Supply {
  /** Place in the file of the next byte. */
  at = 0;
  readonly size: number;
  readonly #flow: Flow;
  readonly #budget: number;
  readonly #buffer: Uint8Array;
  /** Bytes of the buffer that hold something, that are taken, and those among them that are part of the CRC. */
  #filled = 0;
  #taken = 0;
  #hashed = 0;
  #crc = 0;
  #section: Pick<PlacedSection, "name" | "at" | "bytes">;
  #admitted = 0;

  /** `budget`: bytes of memory that may be taken beside those of the file; in proportion to it when not given. */
  constructor(flow: Flow, budget: number = flow.size + headroom) {
    this.#flow = flow;
    this.size = flow.size;
    this.#buffer = new Uint8Array(Math.min(bufferBytes, flow.size));
    this.#budget = budget;
    this.#section = { name: "head", at: 0, bytes: flow.size };
  }

  get left(): number {
    return this.#section.at + this.#section.bytes - this.at;
  }

  /** Compares the checksums of sections that are here already, as those of a small file are: it is refused before anything is made of it. */
  checkAhead(sections: readonly PlacedSection[]): void {
    for (const { name, at, bytes } of sections) {
      const from = this.#taken + at - this.at;
      if (from + bytes + checkBytes > this.#filled) return;
      const check = this.#buffer.subarray(from + bytes, from + bytes + checkBytes);
      requireCheck(name, at + bytes, crc32(this.#buffer.subarray(from, from + bytes)), check);
    }
  }

  /** Begins a section, where the last one ended. */
  begin(section: PlacedSection): void {
    this.#hash();
    this.#crc = 0;
    this.#section = section;
  }

  /** Ends a section: E_CORRUPT where bytes of it are left, or they are not those that were written. */
  async end(): Promise<void> {
    if (this.left > 0) this.refuse(`${this.left} bytes are left over`);
    this.#hash();
    const computed = this.#crc;
    const { name } = this.#section;
    this.#section = { name, at: this.at, bytes: checkBytes };
    requireCheck(name, this.at, computed, await this.bytes(checkBytes));
  }

  /** Passes over a section, but looks whether it is whole. */
  async skip(section: PlacedSection): Promise<void> {
    this.begin(section);
    const dropped = new Uint8Array(Math.min(this.left, bufferBytes));
    while (this.left > 0) await filled(this, dropped.subarray(0, this.left));
    await this.end();
  }

  fill(target: Uint8Array): Promise<void> | undefined {
    if (target.length > this.left) this.#refuseMore(target.length);
    if (target.length > this.#filled - this.#taken) return this.#fillLater(target);
    this.#take(target);
    return undefined;
  }

  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    if (count > this.left) this.#refuseMore(count);
    const bytes = new Uint8Array(count);
    const waiting = this.fill(bytes);
    if (waiting !== undefined) await waiting;
    return bytes;
  }

  async words(count: number): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array((await this.bytes(count * 4)).buffer);
  }

  async doubles(count: number): Promise<Float64Array<ArrayBuffer>> {
    return new Float64Array((await this.bytes(count * 8)).buffer);
  }

  admit(bytes: number, what: string): void {
    this.#admitted += bytes;
    if (this.#admitted <= this.#budget) return;
    const message = `${what} would take ${bytes} bytes of memory, out of proportion to a snapshot of ${this.size}: if you trust it, load it with maxBytes above what the index needs`;
    throw new NearError("E_MEMORY", message, { bytes, size: this.size });
  }

  refuse(why: string): never {
    throw corrupt(this.#section.name, this.at, why);
  }

  #refuseMore(bytes: number): never {
    this.refuse(`it should go on for ${bytes} bytes, and ${this.left} are left`);
  }

  async #fillLater(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      const rest = target.subarray(filled);
      if (this.#taken < this.#filled) filled += this.#take(rest);
      else if (rest.length >= this.#buffer.length) filled += await this.#read(rest);
      else await this.#refill();
    }
  }

  /** Copies what the buffer has for `target`; how many bytes. */
  #take(target: Uint8Array): number {
    const count = Math.min(target.length, this.#filled - this.#taken);
    target.set(this.#buffer.subarray(this.#taken, this.#taken + count));
    this.#taken += count;
    this.at += count;
    return count;
  }

  /** Reads into `target`, past the buffer, which is empty; how many bytes. */
  async #read(target: Uint8Array): Promise<number> {
    this.#hash();
    const count = this.#some(await this.#flow.read(target.subarray(0, readBytes)));
    this.#crc = crc32(target.subarray(0, count), this.#crc);
    this.at += count;
    return count;
  }

  async #refill(): Promise<void> {
    this.#hash();
    this.#filled = this.#some(await this.#flow.read(this.#buffer));
    this.#taken = 0;
    this.#hashed = 0;
  }

  #some(count: number): number {
    if (count === 0) throw corrupt(this.#section.name, this.at, `the file ends here and should have ${this.size} bytes`);
    return count;
  }

  #hash(): void {
    this.#crc = crc32(this.#buffer.subarray(this.#hashed, this.#taken), this.#crc);
    this.#hashed = this.#taken;
  }
}

/** E_CORRUPT where the checksum at byte `at` of the file is not that of its section. */
function requireCheck(name: string, at: number, computed: number, check: Uint8Array): void {
  const stored = new DataView(check.buffer, check.byteOffset, checkBytes).getUint32(0, true);
  if (stored !== computed) throw corrupt(name, at, `its CRC-32 is ${hex(computed)} and ${hex(stored)} was written`);
}
