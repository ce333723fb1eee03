import { Codes, Estimate } from "../core/codes.js";
import { Keys, Probes } from "../core/columns.js";
import { NearError } from "../core/errors.js";
import { Random } from "../core/random.js";
import { type DenseRows, type DenseVector, rowAt } from "../core/rows.js";
import { learnedBooks, type Width } from "./code-books.js";
import { CodeEstimates, type CodeSpread } from "./code-estimates.js";
import { type CodedMetric, GroupedCodes } from "./grouped-codes.js";
import type { Steps } from "./steps.js";
import { dotProduct, norm, squaredDifference } from "./sums.js";
import { trainBooks } from "./train-books.js";
import type { VectorMap } from "./vector-map.js";

/** What codes are learned from. */
export interface CodeSample {
  readonly rows: DenseRows;
  /** The anchor of each row; all have the only one when not given. */
  readonly anchors?: Uint32Array | undefined;
}

/** What is learned. */
export interface LearnedCodes {
  readonly entries: Float32Array;
  readonly spread: CodeSpread;
}

/** What there was before learning. */
export interface UnlearnedCodes {
  readonly metric: CodedMetric;
  readonly width: Width;
  readonly map: VectorMap;
  readonly anchors: Float32Array;
  readonly places: Uint32Array;
  readonly seed: number | string;
}

/** Rows that entries are learned from: 256 an entry, as in FAISS. */
const mostRows = 4096;
/** Rows mapped or encoded in one step, as many as have so many values. */
const mostInBlock = 64;
const blockValues = 2 ** 16;
const mostQueries = 256;
const mostMates = 64;
const nearest = 4;

/** Learns entries on the differences of rows from their anchors, then how estimates spread. In steps of a few milliseconds. */
export function* learnCodes(given: UnlearnedCodes, sample: CodeSample): Steps<LearnedCodes> {
  const { metric, width, map, anchors } = given;
  const groups = Math.ceil(map.size / width);
  const chosen = new Chosen(sample, given.seed);
  const { differences, radii } = yield* differencesOf(given, groups * width, chosen);
  const entries = yield* trainBooks(differences, chosen.count, width, groups);
  const parts = { metric, map, books: learnedBooks(width, map.size, entries), anchors, noise: 0 };
  const codes = new Codes(groups);
  yield* encode(new GroupedCodes(parts), chosen, codes);
  const scale = meanOf(codes.scale, codes.count);
  const measured = new CodeEstimates(parts, { dimensions: 1, scale, radii });
  const dimensions = yield* dimensionsOf(measured, given, chosen, codes);
  return { entries, spread: { dimensions: dimensions ?? map.size, scale, radii: metric === "dot" ? radii : new Float32Array(0) } };
}

/** The rows that are learned from, by their numbers in the sample. */
class Chosen {
  readonly count: number;
  /** Number of the anchor of each. */
  readonly anchors: Uint32Array;
  readonly #rows: DenseRows;
  readonly #numbers: Uint32Array;
  /** Rows that may be asked for together. */
  readonly block: number;
  readonly #block: Float32Array;

  /** All, or one drawn from each of 4,096 equal parts. */
  constructor({ rows, anchors }: CodeSample, seed: number | string) {
    const random = new Random(seed);
    this.count = Math.min(mostRows, rows.count);
    const part = rows.count / this.count;
    this.#rows = rows;
    this.#numbers = Uint32Array.from({ length: this.count }, (_, i) => (part === 1 ? i : Math.floor((i + random.uniform()) * part)));
    this.anchors = this.#numbers.map((row) => anchors?.[row] ?? 0);
    this.block = Math.max(4, Math.min(mostInBlock, Math.floor(blockValues / rows.dim)));
    this.#block = new Float32Array(this.block * rows.dim);
  }

  /** Its number in the sample. */
  numberOf(r: number): number {
    return this.#numbers[r];
  }

  vector(r: number): DenseVector {
    return rowAt<"dense">(this.#rows, this.#numbers[r]);
  }

  /** Rows from … to − 1, a block at most: borrowed until the next call. */
  rows(from: number, to: number): DenseRows {
    const { dim } = this.#rows;
    for (let r = from; r < to; r++) this.#block.set(this.vector(r), (r - from) * dim);
    return { kind: "dense", dim, count: to - from, values: this.#block };
  }
}

/** P x − P a of each row in the places of the books, and the root mean square of the whole difference for each anchor. */
function* differencesOf(
  { map, anchors, places }: UnlearnedCodes,
  apart: number,
  chosen: Chosen,
): Steps<{ differences: Float32Array; radii: Float32Array }> {
  const { count, block } = chosen;
  const differences = new Float32Array(count * apart);
  const sums = new Float64Array(anchors.length / apart);
  const sizes = new Uint32Array(sums.length);
  for (let from = 0; from < count; from += block) {
    const to = Math.min(count, from + block);
    const mapped = map.map(chosen.rows(from, to), 0, to - from);
    for (let r = from; r < to; r++) {
      const anchor = chosen.anchors[r];
      let [inside, square] = [0, 0];
      for (let i = 0; i < map.size; i++) {
        const value = mapped[(r - from) * map.size + i];
        const difference = value - anchors[anchor * apart + places[i]];
        differences[r * apart + places[i]] = difference;
        inside += value * value;
        square += difference * difference;
      }
      if (!(inside < Number.POSITIVE_INFINITY)) refuse(chosen.numberOf(r));
      sums[anchor] += square + (map.size < map.dim ? Math.max(0, map.squares[r - from] - inside) : 0);
      sizes[anchor]++;
    }
    yield;
  }
  const usual = sums.reduce((sum, each) => sum + each, 0) / count;
  return { differences, radii: Float32Array.from(sums, (sum, a) => Math.sqrt(sizes[a] === 0 ? usual : sum / sizes[a])) };
}

function refuse(row: number): never {
  throw new NearError("E_BAD_VECTOR", `training vector ${row} holds a value that is no finite float32`, { row });
}

function* encode(codes: GroupedCodes, chosen: Chosen, out: Codes): Steps<void> {
  const keys = new Keys();
  for (let from = 0; from < chosen.count; from += chosen.block) {
    const to = Math.min(chosen.count, from + chosen.block);
    keys.clear();
    for (let r = from; r < to; r++) keys.add(r - from, 0, 0, chosen.anchors[r]);
    codes.encode((first, last) => chosen.rows(from + first, from + last), to - from, keys, true, out);
    yield;
  }
}

/**
 * The dimensions over which errors look spread, met at pairs of near rows at one anchor, as those of queries and their neighbours will be: such that one in 22 is off
 * by over two deviations, as of a normal distribution. Neighbours have similar tails, whose product estimates leave out; so this counts them in.
 * A share and not a mean, as rows beside their anchor have errors near 0 and rounding is all their estimates have. Null where no rows share an anchor.
 */
function* dimensionsOf(
  estimates: CodeEstimates,
  { metric, map }: Pick<UnlearnedCodes, "metric" | "map">,
  chosen: Chosen,
  codes: Codes,
): Steps<number | null> {
  const square = map.scale * map.scale; // estimates are of scaled vectors
  const { count, anchors } = chosen;
  const byAnchor = new Map<number, number[]>();
  for (let r = 0; r < count; r++) {
    const mates = byAnchor.get(anchors[r]) ?? [];
    if (mates.length < mostMates) mates.push(r);
    byAnchor.set(anchors[r], mates);
  }
  const estimate = new Estimate(codes.groups);
  const probes = new Probes();
  const offs: number[] = [];
  const queries = Math.min(mostQueries, count);
  for (let each = 0; each < queries; each++) {
    const q = Math.floor((each * count) / queries);
    const ranked = (byAnchor.get(anchors[q]) ?? [])
      .map((row) => ({ row, rank: square * rankOf(metric, chosen.vector(q), chosen.vector(row)) }))
      .filter(({ row }) => row !== q)
      .sort((a, b) => a.rank - b.rank || a.row - b.row)
      .slice(0, nearest);
    probes.clear();
    probes.add(0, 0, anchors[q], 0);
    estimates.fill(chosen.rows(q, q + 1), probes, 0, true, estimate);
    for (const { row, rank } of ranked) {
      const deviation = codes.error[row] * estimate.spreads[0];
      if (deviation > 0) offs.push(Math.abs(estimateOf(codes, estimate, row) - rank) / deviation);
    }
    yield;
  }
  if (offs.length === 0) return null;
  const off = offs.sort((a, b) => a - b)[Math.floor(offs.length * (1 - 1 / 22))];
  return off > 0 ? 4 / (off * off) : null;
}

function estimateOf(codes: Codes, estimate: Estimate, e: number): number {
  let levels = 0;
  for (let g = 0; g < codes.groups; g++) {
    levels += estimate.table[g * 16 + ((codes.bytes[e * codes.bytesPerCode + (g >>> 1)] >>> ((g & 1) * 4)) & 15)];
  }
  return codes.add[e] + codes.scale[e] * (estimate.step * levels + estimate.bias) + estimate.centres[0];
}

function rankOf(metric: CodedMetric, x: DenseVector, y: DenseVector): number {
  if (metric === "dot") return -dotProduct(x, y);
  return metric === "cosine" ? squaredDifference(x, y, 1 / (norm(x) || 1), 1 / (norm(y) || 1)) : squaredDifference(x, y);
}

function meanOf(values: Float32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  return count === 0 ? 1 : sum / count;
}
