import { blockEntries, Codes } from "../../core/codes.js";
import type { Views } from "../../kernels/contract.js";

/** Bits of a float32 that are all 1 where it is no finite number. */
const exponent = 0x7f800000;

/**
 * How entries with codes of `groups` groups of 4 bits lie in memory, as the scan kernel reads them: one by one in records, or 32 in a block. All places
 * are byte offsets in an arena, of records multiples of 4, of blocks multiples of 16.
 */
export class EntryLayout {
  readonly groups: number;
  readonly recordBytes: number;
  readonly blockBytes: number;
  /** An entry on its way from one place to another. */
  readonly #moved: Codes;

  constructor(groups: number) {
    this.groups = groups;
    this.recordBytes = Math.ceil(groups / 8) * 4 + 16;
    this.blockBytes = groups * 16 + 512;
    this.#moved = new Codes(groups);
  }

  /** Index of the row of entry 0 of a block in the 4-byte views; those of the others follow. */
  rowsOf(block: number): number {
    return (block + this.groups * 16 + 384) >>> 2;
  }

  /** Writes entry `c` of `codes` as a record. */
  writeRecord({ u8, u32, f32 }: Views, record: number, row: number, codes: Codes, c: number): void {
    const at = record >>> 2;
    u32[at] = row;
    f32[at + 1] = codes.add[c];
    f32[at + 2] = codes.scale[c];
    f32[at + 3] = codes.error[c];
    const { bytes, bytesPerCode } = codes;
    for (let i = 0; i < bytesPerCode; i++) u8[record + 16 + i] = bytes[c * bytesPerCode + i];
  }

  /** Writes entry `c` of `codes` into place `lane` of a block. */
  writeLane({ u8, u32, f32 }: Views, block: number, lane: number, row: number, codes: Codes, c: number): void {
    const at = this.rowsOf(block) + lane;
    u32[at] = row;
    f32[at - 3 * blockEntries] = codes.add[c];
    f32[at - 2 * blockEntries] = codes.scale[c];
    f32[at - blockEntries] = codes.error[c];
    const { bytes, bytesPerCode } = codes;
    const from = c * bytesPerCode;
    const even = this.groups >>> 1;
    const shift = lane < 16 ? 0 : 4;
    const other = lane < 16 ? 0xf0 : 0x0f;
    let to = block + (lane & 15);
    for (let i = 0; i < even; i++, to += 32) {
      const pair = bytes[from + i];
      u8[to] = (u8[to] & other) | ((pair & 15) << shift);
      u8[to + 16] = (u8[to + 16] & other) | ((pair >>> 4) << shift);
    }
    if ((this.groups & 1) === 1) u8[to] = (u8[to] & other) | ((bytes[from + even] & 15) << shift);
  }

  /** Copies the entry at place `fromLane` of a block to a place of a block. */
  laneToLane(views: Views, from: number, fromLane: number, to: number, toLane: number): void {
    const row = this.#readLane(views, from, fromLane);
    this.writeLane(views, to, toLane, row, this.#moved, 0);
  }

  /** Copies a record to a place of a block. */
  recordToLane(views: Views, record: number, block: number, lane: number): void {
    const { u8, u32, f32 } = views;
    const at = record >>> 2;
    const { bytes, bytesPerCode, add, scale, error } = this.#moved;
    add[0] = f32[at + 1];
    scale[0] = f32[at + 2];
    error[0] = f32[at + 3];
    for (let i = 0; i < bytesPerCode; i++) bytes[i] = u8[record + 16 + i];
    this.writeLane(views, block, lane, u32[at], this.#moved, 0);
  }

  /** Copies the entry at a place of a block to a record, perhaps in other memory. */
  laneToRecord(views: Views, block: number, lane: number, record: number, to: Views = views): void {
    const row = this.#readLane(views, block, lane);
    this.writeRecord(to, record, row, this.#moved, 0);
  }

  /** Clears the places of a block from `lane` on. */
  clearLanes(views: Views, block: number, lane: number): void {
    const nothing = this.#moved;
    nothing.bytes.fill(0);
    for (const column of [nothing.add, nothing.scale, nothing.error]) column[0] = 0;
    for (let i = lane; i < blockEntries; i++) this.writeLane(views, block, i, 0, nothing, 0);
  }

  /** Whether the factors of `count` entries from `at` on, in blocks (`kind` 0) or records (1), are finite. */
  finite({ u32 }: Views, at: number, count: number, kind: number): boolean {
    const good = (i: number) => (u32[i] & exponent) !== exponent;
    if (kind === 1) {
      for (let i = 0, word = at >>> 2; i < count; i++, word += this.recordBytes >>> 2) {
        if (!(good(word + 1) && good(word + 2) && good(word + 3))) return false;
      }
      return true;
    }
    for (let i = 0; i < count; i++) {
      const word = this.rowsOf(at + (i >>> 5) * this.blockBytes) + (i & 31);
      if (!(good(word - blockEntries) && good(word - 2 * blockEntries) && good(word - 3 * blockEntries))) return false;
    }
    return true;
  }

  #readLane({ u8, u32, f32 }: Views, block: number, lane: number): number {
    const at = this.rowsOf(block) + lane;
    const { bytes, bytesPerCode, add, scale, error } = this.#moved;
    add[0] = f32[at - 3 * blockEntries];
    scale[0] = f32[at - 2 * blockEntries];
    error[0] = f32[at - blockEntries];
    const shift = lane < 16 ? 0 : 4;
    let from = block + (lane & 15);
    const even = this.groups >>> 1;
    for (let i = 0; i < even; i++, from += 32) bytes[i] = ((u8[from] >>> shift) & 15) | (((u8[from + 16] >>> shift) & 15) << 4);
    if (bytesPerCode > even) bytes[even] = (u8[from] >>> shift) & 15;
    return u32[at];
  }
}
