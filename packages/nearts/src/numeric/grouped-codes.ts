import type { Codes } from "../core/codes.js";
import type { Keys } from "../core/columns.js";
import { NearError } from "../core/errors.js";
import type { DenseRows } from "../core/rows.js";
import type { CodeBooks } from "./code-books.js";
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
/** Above this a factor would not fit float32 after its product with a spread. */
const largest = 1e38;

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
  /** The mapped difference at hand, in the places of the books. */
  readonly #y: Float64Array;
  readonly #chosen: Uint8Array;

  constructor(parts: CodeParts) {
    this.parts = parts;
    this.#y = new Float64Array(parts.books.groups * parts.books.width);
    this.#chosen = new Uint8Array(parts.books.groups);
  }

  /** Appends a code for each entry of `keys`, whose anchor is its `lo` where `anchored`, else the only one. `dense` gives rows from … to − 1 as the map takes them. */
  encode(dense: (from: number, to: number) => DenseRows, count: number, keys: Keys, anchored: boolean, out: Codes): void {
    out.reserve(keys.count);
    const { map, anchors } = this.parts;
    const known = anchors.length / this.#y.length;
    let [from, to] = [0, 0];
    let mapped: Float32Array = new Float32Array(0);
    let [lastRow, lastAnchor] = [-1, -1];
    for (let e = 0; e < keys.count; e++) {
      const row = keys.rows[e];
      const anchor = anchored ? keys.lo[e] : 0;
      if (anchor >= known) refuseAnchor(anchor, known);
      if (row === lastRow && anchor === lastAnchor) {
        repeat(out);
        continue;
      }
      if (row < from || row >= to) {
        from = row;
        to = Math.min(count, row + block);
        mapped = map.map(dense(from, to), 0, to - from);
      }
      this.#encodeOne(mapped, row - from, anchor, out);
      lastRow = row;
      lastAnchor = anchor;
    }
  }

  #encodeOne(mapped: Float32Array, r: number, anchor: number, out: Codes): void {
    const { metric, map, books, anchors, noise } = this.parts;
    const { places, entries, width } = books;
    const y = this.#y;
    const chosen = this.#chosen;
    const size = map.size;
    const tailed = size < map.dim;
    const home = anchor * y.length;
    let square = 0;
    let length = 0;
    for (let i = 0, at = r * size; i < size; i++, at++) {
      const place = places[i];
      const difference = mapped[at] - anchors[home + place];
      y[place] = difference;
      square += difference * difference;
      if (tailed) length += mapped[at] * mapped[at];
    }
    books.choose(y, books.stretched === null ? 1 : Math.sqrt(size / (square || 1)), chosen);
    const shift = width === 4 ? 2 : width - 1;
    let [along, own, across] = [0, 0, 0]; // ⟨ō, y⟩, ‖ō‖², ⟨ō, Pa⟩
    for (let k = 0; k < y.length; k++) {
      const value = entries[k * 16 + chosen[k >>> shift]];
      along += value * y[k];
      own += value * value;
      across += value * anchors[home + k];
    }
    const knows = along > 0 && square * own <= size * along * along;
    const scale = knows ? square / along : 0;
    const tail = tailed ? Math.max(0, map.squares[r] - length) : 0;
    const missed = (knows ? Math.max(0, scale * scale * own - square) : size * square) + tail + noise * (square + tail);
    const isDot = metric === "dot";
    this.#put(isDot ? 0 : square + tail + 2 * scale * across, scale, (isDot ? 1 : 2) * Math.sqrt(missed), out);
  }

  #put(add: number, scale: number, error: number, out: Codes): void {
    const e = out.count++;
    const fits = Math.abs(add) < largest && scale < largest && error < largest;
    // A vector too long for float32 estimates gets one that nothing is ruled out by.
    out.add[e] = fits ? add : 0;
    out.scale[e] = fits ? scale : 0;
    out.error[e] = fits ? error : largest;
    const chosen = this.#chosen;
    const from = e * out.bytesPerCode;
    for (let b = 0, g = 0; b < out.bytesPerCode; b++, g += 2) {
      out.bytes[from + b] = chosen[g] | (g + 1 < chosen.length ? chosen[g + 1] << 4 : 0);
    }
  }
}

/** Another entry of the same row at the same anchor has the same code. */
function repeat(out: Codes): void {
  const e = out.count++;
  out.bytes.copyWithin(e * out.bytesPerCode, (e - 1) * out.bytesPerCode, e * out.bytesPerCode);
  out.add[e] = out.add[e - 1];
  out.scale[e] = out.scale[e - 1];
  out.error[e] = out.error[e - 1];
}

function refuseAnchor(anchor: number, known: number): never {
  const message = `a bucket has the key ${anchor}, the sketch knows ${known} anchors: give it those of its hash, or none`;
  throw new NearError("E_CONFIG", message, { anchor, anchors: known });
}
