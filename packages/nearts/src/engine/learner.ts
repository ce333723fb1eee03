import { Codes } from "../core/codes.js";
import { Keys } from "../core/columns.js";
import type { Distance, Id, Resident, Shape, Storage } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import type { DenseRows, SetRows } from "../core/rows.js";
import { spread } from "../numeric/spread.js";
import type { Steps } from "../numeric/steps.js";
import type { Batches } from "./batches.js";
import { Drift, type Spread, spreadOf } from "./drift.js";
import { type Entries, enter } from "./entries.js";
import type { Learn } from "./options.js";
import { schemaHashOf } from "./schema.js";
import { type Effort, plainEffort, type Stage, type Stages } from "./stages.js";

/** Vectors from which it pays to learn a partition; below, an exact search is as fast. */
export const leastLearned = 2048;
/** The index is learned anew when it has grown so many times. */
export const growth = 4;
/** Rows encoded between pauses, as many as have so many values, and entries entered. */
const mostRows = 64;
const pieceValues = 2 ** 16;
const entriesAtOnce = 1024;
/** Sets of which it is learned how far they are apart: of few, hardly any have a neighbour among them. */
const mostSets = 65_536;
/** Values of the sample that learning takes at most: 256 MiB. */
export const sampleValues: number = 2 ** 26;

/** What an index that learns consists of. */
export interface Learning {
  readonly storage: Storage;
  readonly resident: Resident;
  readonly stages: Stages;
  readonly shape: Shape;
  readonly distance: Distance;
  /** Makes a hash and a sketch from a sample, for this recall. */
  readonly learn: Learn;
  readonly recall: number;
  /** Has other threads help, where there are any. */
  readonly batches: () => Batches | undefined;
  /** Finds the effort for a stage that is filled; called before it comes into use. */
  readonly tune: (stage: Stage, turn: () => Promise<void> | undefined) => Promise<Effort>;
  /** Has the storage keep what was learned; called before it comes into use. */
  readonly keep: (lesson: Lesson, effort: Effort) => Promise<void>;
}

/** What was learned last. */
export interface Lesson {
  readonly stage: Stage;
  /** Buckets of its hash. */
  readonly lists: number;
  /** Vectors there were. */
  readonly size: number;
  readonly sampled: number;
  readonly seconds: number;
}

/**
 * Learns a partition with codes from what is stored, fills it beside what is in use, and puts it in its place (a generation, design 7). Queries and writes
 * go on meanwhile: stores write both, and what is written or removed while the rows are entered is left to them.
 */
export class Learner {
  readonly #parts: Learning;
  #running: Promise<void> | null = null;
  #lesson: Lesson | null = null;
  /** Whether what is stored has moved away from what was learned last. */
  #drift: Drift | null = null;
  /** Whether it is time to look at how even the lists are, and whether they were not when last looked at. */
  #due = false;
  #uneven = false;
  /** The size at which learning last failed: it is not tried again before there is more. */
  #failedAt = 0;

  constructor(parts: Learning) {
    this.#parts = parts;
  }

  /** What was learned last; null before the first time. */
  get lesson(): Lesson | null {
    return this.#lesson;
  }

  /** Whether it is at it. */
  get learning(): boolean {
    return this.#running !== null;
  }

  /** Whether an index of this size should be learned (anew): it has grown, most of what was there is gone, or the lists have become uneven. */
  async wants(size: number): Promise<boolean> {
    if (this.#running !== null || size < leastLearned) return false;
    const known = Math.max(this.#lesson?.size ?? 0, this.#failedAt);
    if (known === 0 || size >= growth * known) return true;
    if (this.#due) await this.#look();
    return this.#drift?.replaced === true || this.#uneven;
  }

  /** Whether so few vectors are left that exact searches are as fast. */
  shrunk(size: number): boolean {
    return this.#lesson !== null && size < leastLearned && size < this.#lesson.size / 2;
  }

  /** Notes that so many vectors were written. */
  written(count: number): void {
    if (this.#drift?.written(count) === true) this.#due = true;
  }

  /** Notes the ids of vectors that were replaced or removed. */
  gone(ids: readonly Id[]): void {
    this.#drift?.gone(ids);
  }

  /** Notes that learning by itself failed at this size: it is tried again when there is more. */
  failedAt(size: number): void {
    this.#failedAt = size;
    this.#follow(null);
  }

  /** Learns now; resolves when what was learned is in use. One that runs already is waited for. A failure leaves everything as it was. */
  learn(turn: () => Promise<void> | undefined): Promise<void> {
    if (this.#running !== null) return this.#running;
    const running = this.#learn(turn).finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  /** Searches by what was learned before, by this engine or another; exactly where nothing was. Learning under way fails. */
  recall(lesson: Lesson | null): void {
    const { stages, resident } = this.#parts;
    for (const stage of stages.written) if (!stages.active.includes(stage)) resident.dropHash(stage.number);
    stages.reset();
    if (lesson !== null) stages.use(lesson.stage, plainEffort);
    this.#running = null;
    this.#failedAt = 0;
    this.#lesson = lesson;
    this.#follow(lesson === null ? null : new Drift(lesson.size));
  }

  /** What was learned is of no use: its buckets go, those of learning under way too, which then fails. Searches are exact from now on. */
  forget(): void {
    const { stages, resident } = this.#parts;
    const { written } = stages;
    stages.reset();
    for (const { number } of written) resident.dropHash(number);
    this.#running = null;
    this.#lesson = null;
    this.#follow(null);
    this.#failedAt = 0;
  }

  async #learn(turn: () => Promise<void> | undefined): Promise<void> {
    const { resident, stages } = this.#parts;
    const begun = performance.now();
    await turn();
    const rows = resident.rows();
    const sample = await run(this.#sample(rows), turn);
    if (sample.count === 0) return;
    const { distance, learn, recall } = this.#parts;
    const learned = await run(learn(sample, { metric: distance.metric, size: rows.length, recall }), turn, this.#parts.batches());
    await turn();
    if (learned === null) {
      this.#failedAt = rows.length; // with more vectors it may be otherwise
      return;
    }
    const { hash, sketch, lists } = learned;
    hash.open(this.#parts.shape);
    sketch?.open(this.#parts.shape);
    const stage: Stage = { number: resident.addHash(schemaHashOf(hash, sketch)), hash, sketch };
    stages.add(stage);
    try {
      await this.#fill(stage, turn);
      const effort = await this.#parts.tune(stage, turn);
      const lesson = { stage, lists, size: rows.length, sampled: sample.count, seconds: (performance.now() - begun) / 1000 };
      const spread = await this.#spreadOf(lesson);
      this.#requireWritten(stage);
      await this.#parts.keep(lesson, effort);
      this.#requireWritten(stage);
      this.#lesson = lesson;
      this.#follow(new Drift(rows.length, spread));
      for (const old of stages.use(stage, effort)) resident.dropHash(old.number);
    } catch (error) {
      // Where all was forgotten meanwhile it is gone already, and its number perhaps another's.
      if (stages.written.includes(stage)) {
        stages.abandon(stage);
        resident.dropHash(stage.number);
      }
      throw error;
    }
  }

  /** E_NOT_FOUND where a stage that was being filled has been forgotten. */
  #requireWritten(stage: Stage): void {
    if (!this.#parts.stages.written.includes(stage)) throw new NearError("E_NOT_FOUND", "what was learned is gone: begin again", {});
  }

  /** Null where its buckets are no lists of a partition: these do not become uneven by what is stored. */
  async #spreadOf({ stage, lists }: Lesson): Promise<Spread | null> {
    if (stage.hash.anchors === undefined) return null;
    return spreadOf(await this.#parts.storage.directory(stage.number), lists);
  }

  /** Watches from now on how far the contents move. */
  #follow(drift: Drift | null): void {
    this.#drift = drift;
    this.#due = false;
    this.#uneven = false;
  }

  /** Looks at how even the lists are. */
  async #look(): Promise<void> {
    this.#due = false;
    const spread = this.#lesson === null ? null : await this.#spreadOf(this.#lesson);
    this.#uneven = spread !== null && this.#drift?.uneven(spread) === true;
  }

  get #rowsAtOnce(): number {
    if (this.#parts.shape.kind !== "dense") return mostRows;
    return Math.max(4, Math.min(mostRows, Math.floor(pieceValues / this.#parts.shape.dim)));
  }

  /** Rows spread over all, as many as learning needs. */
  *#sample(rows: Uint32Array): Steps<DenseRows | SetRows> {
    const { dim, kind } = this.#parts.shape;
    if (kind === "set") return yield* this.#sampleOfSets(rows);
    const wanted = Math.min(
      rows.length,
      Math.max(8192, Math.min(this.#parts.learn.sampleFor(rows.length, dim), Math.floor(sampleValues / dim))),
    );
    const order = spread(rows.length, 0, wanted);
    const rowsAtOnce = this.#rowsAtOnce;
    const bytes = wanted * dim * 4;
    // Where other threads can read it, if there are any.
    const values = new Float32Array(this.#parts.batches() === undefined ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));
    let count = 0;
    for (let from = 0; from < wanted; from += rowsAtOnce) {
      const some = Uint32Array.from(order.subarray(from, Math.min(wanted, from + rowsAtOnce)), (i) => rows[i]);
      // Straight to their place: what is learned is dense, but for sets.
      count += this.#parts.resident.gather(some, values.subarray(count * dim)).vectors.count;
      yield;
    }
    return { kind: "dense", dim, count, values: values.subarray(0, count * dim) };
  }

  *#sampleOfSets(rows: Uint32Array): Steps<SetRows> {
    const order = spread(rows.length, 0, Math.min(rows.length, mostSets));
    const { vectors } = this.#parts.resident.gather(Uint32Array.from(order, (i) => rows[i]));
    yield;
    return vectors as SetRows; // of such an engine
  }

  /** Enters all rows that were there when the stage was added, list by list, so that each list lies in one piece. */
  async #fill(stage: Stage, turn: () => Promise<void> | undefined): Promise<void> {
    const { resident } = this.#parts;
    const rows = resident.rows();
    const { keys, codes } = (await this.#encodeTogether(stage, rows, turn)) ?? (await run(this.#encode(stage, rows), turn));
    const listed = stage.hash.anchors !== undefined;
    const order = listed ? sortedByKey(keys) : Uint32Array.from({ length: keys.count }, (_, e) => e);
    await turn();
    if (listed) prepare(resident, stage.number, keys, order);
    await turn();
    const some = { keys: new Keys(), codes: codes === null ? null : new Codes(codes.groups) };
    for (let from = 0; from < keys.count; from += entriesAtOnce) {
      pick(keys, codes, order.subarray(from, from + entriesAtOnce), some);
      const entering = resident.enter(stage.number, some.keys, some.codes);
      if (entering instanceof Promise) await entering;
      await turn();
    }
    const settling = resident.settle(stage.number);
    if (settling instanceof Promise) await settling;
  }

  /** As {@link Learner.#encode} on several threads; null where there is only this one. */
  async #encodeTogether(stage: Stage, rows: Uint32Array, turn: () => Promise<void> | undefined): Promise<Entries | null> {
    const { batches, resident, shape } = this.#parts;
    const gather: Resident["gather"] = (some, into) => resident.gather(some, into);
    return (await batches()?.encode({ stage, dim: shape.dim, rows, atOnce: this.#rowsAtOnce, gather, turn })) ?? null;
  }

  /** Keys and codes of rows; the keys' rows are row numbers. */
  *#encode(stage: Stage, rows: Uint32Array): Steps<Entries> {
    const keys = new Keys();
    const codes = stage.sketch === null ? null : new Codes(stage.sketch.groups);
    keys.reserve(rows.length * (stage.hash.keysPerTable ?? 1));
    codes?.reserve(rows.length * (stage.hash.keysPerTable ?? 1));
    const own = { keys: new Keys(), codes: stage.sketch === null ? null : new Codes(stage.sketch.groups) };
    const rowsAtOnce = this.#rowsAtOnce;
    const block = this.#parts.shape.kind === "dense" ? new Float32Array(rowsAtOnce * this.#parts.shape.dim) : undefined;
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = this.#parts.resident.gather(rows.subarray(from, from + rowsAtOnce), block);
      if (some.rows.length === 0) continue;
      enter(stage, some.vectors, own);
      if (codes !== null && own.codes !== null) append(codes, own.codes);
      for (let e = 0; e < own.keys.count; e++) keys.add(some.rows[own.keys.rows[e]], own.keys.tables[e], own.keys.hi[e], own.keys.lo[e]);
      yield;
    }
    return { keys, codes };
  }
}

/** Runs long work with pauses, and with the help of other threads, if there are any. */
async function run<T>(steps: Steps<T>, turn: () => Promise<void> | undefined, batches?: Batches): Promise<T> {
  for (let shared = false; ; ) {
    const { done, value } = steps.next(shared);
    if (done === true) return value;
    shared = value !== undefined && batches !== undefined && (await batches.share(value, turn));
    const waiting = turn();
    if (waiting !== undefined) await waiting;
  }
}

function append(codes: Codes, more: Codes): void {
  codes.reserve(more.count);
  codes.bytes.set(more.bytes.subarray(0, more.count * more.bytesPerCode), codes.count * codes.bytesPerCode);
  codes.add.set(more.add.subarray(0, more.count), codes.count);
  codes.scale.set(more.scale.subarray(0, more.count), codes.count);
  codes.error.set(more.error.subarray(0, more.count), codes.count);
  codes.count += more.count;
}

/** Entries by ascending key of a table of few keys (lists): a counting sort, which keeps rows in order. */
function sortedByKey(keys: Keys): Uint32Array {
  let largest = 0;
  for (let e = 0; e < keys.count; e++) largest = Math.max(largest, keys.lo[e]);
  const starts = new Uint32Array(largest + 2);
  for (let e = 0; e < keys.count; e++) starts[keys.lo[e] + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const order = new Uint32Array(keys.count);
  for (let e = 0; e < keys.count; e++) order[starts[keys.lo[e]]++] = e;
  return order;
}

function prepare(resident: Resident, number: number, keys: Keys, order: Uint32Array): void {
  const lo: number[] = [];
  const counts: number[] = [];
  for (const e of order) {
    if (lo.length === 0 || lo[lo.length - 1] !== keys.lo[e]) {
      lo.push(keys.lo[e]);
      counts.push(0);
    }
    counts[counts.length - 1]++;
  }
  resident.prepare(number, Uint32Array.from(lo), Uint32Array.from(counts));
}

/** Copies the entries at `order` to `out`. */
function pick(keys: Keys, codes: Codes | null, order: Uint32Array, out: { keys: Keys; codes: Codes | null }): void {
  out.keys.clear();
  out.codes?.clear();
  out.codes?.reserve(order.length);
  for (const e of order) out.keys.add(keys.rows[e], keys.tables[e], keys.hi[e], keys.lo[e]);
  if (codes === null || out.codes === null) return;
  const { bytes, add, scale, error } = out.codes;
  const { bytesPerCode } = codes;
  for (let at = 0; at < order.length; at++) {
    const e = order[at];
    // So few bytes that a view of them would cost more than copying them.
    for (let i = 0; i < bytesPerCode; i++) bytes[at * bytesPerCode + i] = codes.bytes[e * bytesPerCode + i];
    add[at] = codes.add[e];
    scale[at] = codes.scale[e];
    error[at] = codes.error[e];
  }
  out.codes.count = order.length;
}
