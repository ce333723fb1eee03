import type { Codes } from "../core/codes.js";
import type { Keys } from "../core/columns.js";
import { NearError } from "../core/errors.js";
import type { DenseRows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import { encodePlan, type KernelBuild } from "../kernels/contract.js";
import type { CodeBooks } from "./code-books.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";
import type { VectorMap } from "./vector-map.js";

/** The metrics whose ranks codes can estimate. */
export type CodedMetric = "squaredEuclidean" | "dot" | "cosine";

/** What codes are made with. */
export interface CodeParts {
  /** "squaredEuclidean" or "dot" with a map that takes vectors as they are, "cosine" with one that makes them unit vectors. */
  readonly metric: CodedMetric;
  readonly map: VectorMap;
  readonly books: CodeBooks;
  /** The anchors mapped, each in the places of the books: anchor a has the values from a·width·groups on. */
  readonly anchors: Float32Array;
  /** What else makes estimates vary, as a share of the squared length of a vector: 0 where the map takes the vectors themselves. */
  readonly noise: number;
}

/** Rows mapped at once. */
const block = 64;

/**
 * Makes the codes of rows. With y = P x − P a the mapped difference from the anchor a, ō the entries nearest to it, g = ‖y‖²/⟨ō, y⟩ and r the whole difference,
 * tail included, ⟨r, w⟩ is about g⟨ō, Pw⟩ for any w: the error r − gō is orthogonal to y, so that w along y is estimated exactly and w across it without bias
 * (RaBitQ, Gao & Long 2024, section 3.2, for signs; here for any entries). So for ranks
 *   ‖x − q‖² = ‖r‖² + ‖q − a‖² − 2⟨r, q − a⟩: add = ‖r‖² + 2g⟨ō, Pa⟩, scale = g, error = 2‖r − gō‖;
 *   −⟨x, q⟩ = −⟨a, q⟩ − ⟨r, q⟩:               add = 0,                scale = g, error = ‖r − gō‖.
 * The second form leaves ⟨r, a⟩ out of add, although q − a may be shorter than q: so estimates are in proportion to the query, as the ranks are.
 * Where ō is so far from y that the error would be over √size·‖y‖, the most that any product with y can be off by, g is 0 and the error that.
 */
export class GroupedCodes {
  readonly parts: CodeParts;
  readonly #memory: PlaneMemory;
  /** Where in the planes' memory the books are. */
  readonly #books: { readonly entries: number; readonly table: number; readonly places: number };
  /** Where in scratch everything else is. */
  readonly #scratch: Scratch;
  readonly #apart: number;
  /** Entries to be encoded next, and how often each comes again. */
  #taken = 0;
  readonly #repeats = new Uint32Array(block);

  /** E_MEMORY where the machine has no room for the books. */
  constructor(parts: CodeParts, build: KernelBuild = bestBuild()) {
    const { entries, choice, places, groups, width } = parts.books;
    const table = choice?.values ?? new Float32Array(0);
    this.parts = parts;
    this.#apart = groups * width;
    this.#memory = planeMemory(build);
    const at = this.#memory.allocate(4 * (entries.length + table.length + places.length), this);
    this.#books = { entries: at, table: at + 4 * entries.length, places: at + 4 * (entries.length + table.length) };
    this.#scratch = layOut(parts.map.size, this.#apart, groups);
    const { f32, u32 } = this.#memory.arena.views();
    f32.set(entries, this.#books.entries >>> 2);
    f32.set(table, this.#books.table >>> 2);
    u32.set(places, this.#books.places >>> 2);
  }

  /** Appends a code for each entry of `keys`, whose anchor is its `lo` where `anchored`, else the only one. `dense` gives rows from … to − 1 as the map takes them. */
  encode(dense: (from: number, to: number) => DenseRows, count: number, keys: Keys, anchored: boolean, out: Codes): void {
    out.reserve(keys.count);
    for (let e = 0; e < keys.count; ) {
      const from = keys.rows[e];
      const to = Math.min(count, from + block);
      const mapped = this.parts.map.map(dense(from, to), 0, to - from);
      const scratch = this.#memory.scratch(this.#scratch.bytes); // after the map, which may use it too
      this.#plan(scratch, mapped, to - from);
      e = this.#take(scratch, keys, e, to, anchored);
      this.#memory.arena.kernels.encode(scratch, this.#taken);
      this.#append(scratch, out);
    }
  }

  #plan(scratch: number, mapped: Float32Array, rows: number): void {
    const { map, metric, books, noise } = this.parts;
    const { u32, f32 } = this.#memory.arena.views();
    f32.set(mapped.subarray(0, rows * map.size), (scratch + this.#scratch.mapped) >>> 2);
    f32.set(map.squares.subarray(0, rows), (scratch + this.#scratch.squares) >>> 2);
    const words: readonly (readonly [number, number])[] = [
      ...scratchFields.map((field) => [encodePlan[field], scratch + this.#scratch[field]] as const),
      [encodePlan.entries, this.#books.entries],
      [encodePlan.places, this.#books.places],
      [encodePlan.table, books.choice === null ? 0 : this.#books.table],
      [encodePlan.size, map.size],
      [encodePlan.apart, this.#apart],
      [encodePlan.width, books.width],
      [encodePlan.groups, books.groups],
      [encodePlan.stretched, books.stretched === null ? 0 : 1],
      [encodePlan.dot, metric === "dot" ? 1 : 0],
      [encodePlan.tailed, map.size < map.dim ? 1 : 0],
    ];
    for (const [field, value] of words) u32[(scratch + field) >>> 2] = value;
    f32[(scratch + encodePlan.factor) >>> 2] = books.choice?.factor ?? 1;
    f32[(scratch + encodePlan.noise) >>> 2] = noise;
  }

  /** Takes the entries from `e` on whose rows are below `to`, a block of different ones at most, with their anchors; returns where to go on. */
  #take(scratch: number, keys: Keys, e: number, to: number, anchored: boolean): number {
    const { u32, f32 } = this.#memory.arena.views();
    const { anchors } = this.parts;
    const apart = this.#apart;
    const known = anchors.length / apart;
    const from = keys.rows[e];
    let [lastRow, lastAnchor] = [-1, -1];
    this.#taken = 0;
    for (; e < keys.count && keys.rows[e] < to; e++) {
      const row = keys.rows[e];
      const anchor = anchored ? keys.lo[e] : 0;
      if (anchor >= known) refuseAnchor(anchor, known);
      if (row === lastRow && anchor === lastAnchor) {
        this.#repeats[this.#taken - 1]++;
        continue;
      }
      if (this.#taken === block) break;
      u32[((scratch + this.#scratch.rows) >>> 2) + this.#taken] = row - from;
      f32.set(anchors.subarray(anchor * apart, (anchor + 1) * apart), ((scratch + this.#scratch.anchors) >>> 2) + this.#taken * apart);
      this.#repeats[this.#taken++] = 0;
      [lastRow, lastAnchor] = [row, anchor];
    }
    return e;
  }

  /** Appends what was encoded, as often as it came: another entry of the same row at the same anchor has the same code. */
  #append(scratch: number, out: Codes): void {
    const { u8, f32 } = this.#memory.arena.views();
    const { bytesPerCode } = out;
    const codes = scratch + this.#scratch.codes;
    const factors = (scratch + this.#scratch.factors) >>> 2;
    for (let i = 0; i < this.#taken; i++) {
      const code = u8.subarray(codes + i * bytesPerCode, codes + (i + 1) * bytesPerCode);
      for (let times = 0; times <= this.#repeats[i]; times++) {
        const e = out.count++;
        out.bytes.set(code, e * bytesPerCode);
        out.add[e] = f32[factors + i];
        out.scale[e] = f32[factors + this.#taken + i];
        out.error[e] = f32[factors + 2 * this.#taken + i];
      }
    }
  }
}

const scratchFields = ["mapped", "squares", "rows", "anchors", "differences", "factors", "codes", "chosen"] as const;

/** Byte offsets in scratch, behind the plan, and all bytes. */
type Scratch = Readonly<Record<(typeof scratchFields)[number] | "bytes", number>>;

function layOut(size: number, apart: number, groups: number): Scratch {
  const squares = encodePlan.bytes + block * size * 4;
  const rows = squares + block * 4;
  const anchors = rows + block * 4;
  const differences = anchors + block * apart * 4;
  const factors = differences + apart * 4;
  const codes = factors + 3 * block * 4;
  const chosen = codes + block * ((groups + 1) >>> 1);
  return { mapped: encodePlan.bytes, squares, rows, anchors, differences, factors, codes, chosen, bytes: chosen + groups + 1 };
}

function refuseAnchor(anchor: number, known: number): never {
  const message = `a bucket has the key ${anchor}, the sketch knows ${known} anchors: give it those of its hash, or none`;
  throw new NearError("E_CONFIG", message, { anchor, anchors: known });
}
