import { yieldToEventLoop } from "#platform";
import { Candidates } from "../core/columns.js";
import type { Distance, Id, Precision, Shape, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkId } from "../core/ids.js";
import { dataBytes, encodeData } from "../core/json.js";
import { atPrecision } from "../core/precision.js";
import { gather, type Rows, rowAt, slice } from "../core/rows.js";
import { checkFlatDim, checkList, isChunk, itemsOf, wholeRows } from "./bulk-input.js";
import { EntryMaker, type Prepared } from "./entries.js";
import { fresh } from "./fresh.js";
import { type Gate, gateOf } from "./gate.js";
import { checkSignal } from "./guards.js";
import { intakeOne, intakeRows, refuseUndefined, toKind } from "./intake.js";
import type { Chunk, Progress, StoreManyOptions, VectorsInput } from "./options.js";
import type { Stages } from "./stages.js";
import { turnTaker, untilAborted } from "./turns.js";

/** Rows checked, brought to the storage's kind, with ids and data: what is written next. */
interface Intake {
  readonly rows: Rows;
  /** Those that nobody gave may change until they are written: somebody may have given them meanwhile. */
  readonly ids: Id[];
  /** Whether each id was given. */
  readonly given: readonly boolean[];
  readonly data: readonly (string | undefined)[];
  readonly ttlSeconds?: number | undefined;
}

/** One vector, checked. */
export interface Taken {
  readonly rows: Rows;
  readonly id: Id | undefined;
  readonly data: string | undefined;
  readonly ttlSeconds: number | undefined;
}

/** What is written in one piece: some ten milliseconds. */
const batchBytes = 3 * 2 ** 20;
/** Rows gathered from an iterable of single vectors before they are written. */
const gatherRows = 1024;

/** The way of a store: check → keys and codes of the whole batch → one write. */
export class Writer {
  readonly #storage: Storage;
  readonly #shape: Shape & { readonly precision: Precision };
  readonly #distance: Distance;
  readonly #entries: EntryMaker;
  readonly #gate: Gate;
  /** Where found rows go that nobody looks at: only their number counts. */
  readonly #found = new Candidates();
  readonly #requireOpen: () => void;
  readonly #replaced: (ids: readonly Id[]) => void;
  readonly #renew: (() => Promise<void>) | undefined;

  /**
   * `requireOpen` throws once the engine is closed; `replaced` is told the ids of batches that replaced vectors; `renew` reads what is known of the index anew,
   * where other processes can change it.
   */
  constructor(
    storage: Storage,
    stages: Stages,
    shape: Shape & { readonly precision: Precision },
    distance: Distance,
    requireOpen: () => void,
    replaced: (ids: readonly Id[]) => void,
    renew?: () => Promise<void>,
  ) {
    this.#replaced = replaced;
    this.#requireOpen = requireOpen;
    this.#renew = renew;
    this.#storage = storage;
    this.#gate = gateOf(storage);
    this.#entries = new EntryMaker(stages);
    this.#shape = shape;
    this.#distance = distance;
  }

  /** Checks and copies one vector with what belongs to it, at once: the caller's array may change before it is stored. */
  take(vector: unknown, id: unknown, data: unknown, ttlSeconds?: unknown): Taken {
    const ttl = this.#checkTtl(ttlSeconds);
    const rows = this.#checked(intakeOne(vector, this.#shape, "vector"), "vector");
    return { rows, id: id === undefined ? undefined : checkId(id), data: encodeData(data), ttlSeconds: ttl };
  }

  /** Stores one vector; returns its id. */
  async one({ rows, id, data, ttlSeconds }: Taken): Promise<Id> {
    const intake = { rows, ids: [id ?? (await this.#storage.nextId(1))], given: [id !== undefined], data: [data], ttlSeconds };
    await this.#write(intake, 0, 1);
    return intake.ids[0];
  }

  /** Stores many; returns their ids. Arrays and columns are checked whole before the first of them is stored. */
  async many<Data>(vectors: VectorsInput<Data>, options: StoreManyOptions<Data>): Promise<Id[]> {
    checkSignal(options.signal);
    checkFlatDim(options.dim, this.#shape.dim);
    const whole = wholeRows(vectors, this.#shape);
    const ids: Id[] = [];
    if (whole === null)
      await this.#stream(vectors as Iterable<unknown> | AsyncIterable<unknown>, options, ids); // wholeRows left only iterables
    else await this.#writeAll(await this.#intake(whole.rows, options.ids ?? whole.ids, options.data ?? whole.data), options, ids, true);
    return ids;
  }

  async #stream<Data>(vectors: Iterable<unknown> | AsyncIterable<unknown>, options: StoreManyOptions<Data>, ids: Id[]): Promise<void> {
    if (options.ids !== undefined || options.data !== undefined) {
      throw new NearError("E_BAD_OPTION", "ids and data beside an iterable have no order to go by: yield items { vector, id, data }", {});
    }
    const turn = turnTaker(options.signal);
    let gathered: unknown[] = [];
    const flush = async () => {
      if (gathered.length === 0) return;
      const items = itemsOf(gathered, this.#shape, ids.length);
      gathered = [];
      await this.#writeAll(await this.#intake(items.rows, items.ids, items.data), options, ids, false);
      await turn();
    };
    try {
      for await (const next of untilAborted(vectors, options.signal)) {
        if (isChunk(next)) {
          await flush();
          const chunk = next as Chunk<Data>; // its rows, ids and data are checked next
          const rows = intakeRows(chunk.rows, this.#shape, `rows from ${ids.length}`);
          await this.#writeAll(await this.#intake(rows, chunk.ids, chunk.data), options, ids, false);
          await turn();
        } else if (gathered.push(next) === gatherRows) await flush();
      }
      await flush();
    } catch (error) {
      throw error instanceof NearError
        ? new NearError(error.code, error.message, { ...error.details, stored: ids.length }, { cause: error })
        : error;
    }
  }

  /** Checks what belongs to rows, and gives the rows the storage's kind. */
  async #intake(rows: Rows, ids: readonly (Id | undefined)[] | undefined, data: readonly unknown[] | undefined): Promise<Intake> {
    checkList("ids", ids, rows.count);
    checkList("data", data, rows.count);
    const checked = this.#checked(rows, "vectors");
    const texts = data === undefined ? new Array<undefined>(rows.count).fill(undefined) : Array.from(data, encodeData);
    const given =
      ids === undefined
        ? new Array<undefined>(rows.count).fill(undefined)
        : Array.from(ids, (id) => (id === undefined ? undefined : checkId(id)));
    return { rows: checked, ids: await this.#complete(given), given: given.map((id) => id !== undefined), data: texts };
  }

  /** Gives an id to each row that has none, other than those given beside it. */
  async #complete(given: readonly (Id | undefined)[]): Promise<Id[]> {
    const missing = given.filter((id) => id === undefined).length;
    const taken = new Set(missing === given.length ? [] : given.filter((id) => typeof id === "number"));
    let next = missing > 0 ? await this.#storage.nextId(missing + taken.size) : 0;
    return given.map((id) => {
      if (id !== undefined) return id;
      while (taken.has(next)) next++;
      return next++;
    });
  }

  /** Of the storage's kind, with the values that come back from it: keys and codes are of these. */
  #checked(rows: Rows, where: string): Rows {
    const stored = atPrecision(toKind(rows, this.#shape.kind), this.#shape.precision, where);
    refuseUndefined(stored, this.#distance, where);
    return stored;
  }

  /** Writes in batches, each all or nothing. */
  async #writeAll<Data>(intake: Intake, options: StoreManyOptions<Data>, ids: Id[], whole: boolean): Promise<void> {
    const { rows } = intake;
    const ttlSeconds = this.#checkTtl(options.ttlSeconds);
    this.#storage.admit?.(rows, intake.ids, dataBytes(intake.data));
    const step = Math.max(64, Math.min(8192, Math.floor(batchBytes / bytesPerRow(rows))));
    let ahead: Prepared | null = null;
    for (let from = 0; from < rows.count; from += step) {
      options.signal?.throwIfAborted();
      const to = Math.min(rows.count, from + step);
      const next: (() => Prepared) | undefined =
        to < rows.count ? () => this.#entries.prepare(copyOf(rows, to, Math.min(rows.count, to + step), this.#shape)) : undefined;
      ahead = await this.#write({ ...intake, ttlSeconds }, from, to, ahead, next);
      for (let i = from; i < to; i++) ids.push(intake.ids[i]);
      options.onProgress?.(progress(ids.length, whole ? rows.count : undefined));
      if (to < rows.count) await yieldToEventLoop();
    }
  }

  /** Gives another id to rows whose own, which nobody gave, somebody has given to a vector since. No wait where the storage needs none. */
  async #renewTaken(intake: Intake, from: number, to: number): Promise<void> {
    // All are asked for at once, as hardly ever one is taken: elsewhere each question is a trip.
    const own = intake.ids.slice(from, to).filter((_, i) => !intake.given[from + i]);
    if (own.length === 0) return;
    this.#found.clear();
    const counting = this.#storage.find(own, this.#found);
    if ((counting instanceof Promise ? await counting : counting) === 0) return;
    for (let i = from; i < to; i++) {
      for (let taken = !intake.given[i]; taken; ) {
        this.#found.clear();
        const finding = this.#storage.find([intake.ids[i]], this.#found);
        taken = (finding instanceof Promise ? await finding : finding) > 0;
        if (!taken) break;
        const next = this.#storage.nextId(1);
        intake.ids[i] = next instanceof Promise ? await next : next;
      }
    }
  }

  /**
   * Writes rows, of which `ahead` are the keys and codes where they are known already; returns what `next` gives, which is called while a storage that answers
   * later is writing.
   */
  async #write(intake: Intake, from: number, to: number, ahead: Prepared | null = null, next?: () => Prepared): Promise<Prepared | null> {
    const rows = ahead?.rows ?? (from === 0 && to === intake.rows.count ? intake.rows : slice(intake.rows, from, to));
    if (ahead === null && rows !== intake.rows) recheck(rows, this.#shape);
    await this.#renewTaken(intake, from, to);
    // Nothing is waited for between this and the write.
    for (let batch = this.#gate.wait(); batch !== undefined; batch = this.#gate.wait()) {
      await batch;
      await this.#renewTaken(intake, from, to);
    }
    this.#requireOpen();
    let [known, following]: [Prepared | null, Prepared | null] = [ahead, null];
    const meanwhile =
      next === undefined
        ? undefined
        : () => {
            following ??= attempted(next);
          };
    const entered = () => {
      const prepared = this.#entries.current(rows, known);
      known = null; // its columns are used up by one attempt
      return this.#enter(intake, prepared, from, to, meanwhile);
    };
    await (this.#renew === undefined ? entered() : fresh(this.#renew, entered));
    return following;
  }

  /** Writes rows with their keys and codes; calls `meanwhile` where the storage answers later. */
  async #enter(intake: Intake, prepared: Prepared, from: number, to: number, meanwhile?: () => void): Promise<void> {
    const { rows, version } = prepared;
    try {
      const { keys, codes } = this.#entries.columns(prepared);
      const { ttlSeconds } = intake;
      const ids = intake.ids.slice(from, to);
      const batch = { rows, ids, data: intake.data.slice(from, to), keys, codes, version };
      const writing = this.#storage.write(ttlSeconds === undefined ? batch : { ...batch, ttlSeconds });
      if (writing instanceof Promise && meanwhile !== undefined) await sent(writing).then(meanwhile);
      const { replaced } = writing instanceof Promise ? await writing : writing;
      if (replaced > 0) this.#replaced(ids);
    } finally {
      this.#entries.release(prepared);
    }
  }

  /** E_BAD_OPTION for no number of seconds, E_UNSUPPORTED where vectors stay until they are deleted. */
  #checkTtl(seconds: unknown): number | undefined {
    if (seconds === undefined) return undefined;
    if (!Number.isInteger(seconds) || (seconds as number) < 1 || (seconds as number) > mostSeconds) {
      throw new NearError("E_BAD_OPTION", `ttlSeconds is ${show(seconds)}; give whole seconds from 1 to ${mostSeconds}`, {
        ttlSeconds: seconds,
      });
    }
    if (this.#storage.expires === true) return seconds as number; // an integer, as was just seen
    const message = `the ${this.#storage.name} storage keeps vectors until they are deleted: leave ttlSeconds out, or use the Redis storage`;
    throw new NearError("E_UNSUPPORTED", message, { storage: this.#storage.name });
  }
}

/** Resolves when what is to be written has had a turn to leave this process, whatever comes of it. */
function sent(writing: Promise<unknown>): Promise<void> {
  writing.catch(() => {}); // it is waited for afterwards
  return yieldToEventLoop();
}

/** What `next` gives; null where it fails, as it will again in its own turn. */
function attempted(next: () => Prepared): Prepared | null {
  try {
    return next();
  } catch {
    return null;
  }
}

/** Rows `from … to)`, checked, in memory of their own: the caller's arrays may change before they are written. */
function copyOf(rows: Rows, from: number, to: number, shape: Shape): Rows {
  const copy = gather(rows.kind, rows.dim, to - from, (i) => rowAt(rows, from + i));
  recheck(copy, shape);
  return copy;
}

/** Ten years: ends are kept as seconds of 32 bits. */
const mostSeconds = 315_360_000;

function bytesPerRow(rows: Rows): number {
  const values =
    rows.kind === "dense" ? rows.values : rows.kind === "bits" ? rows.words : rows.kind === "sparse" ? rows.indices : rows.members;
  return Math.max(16, (values.length * 8) / Math.max(1, rows.count));
}

/** Buffers can be changed or taken away while a long store waits: what was checked before is checked again before it is written. */
function recheck(rows: Rows, shape: Shape): void {
  intakeRows(
    rows,
    { kind: rows.kind, dim: shape.dim },
    "the vectors, changed while they were being stored: keep them until the call resolves; a batch of which",
  );
}

function progress(stored: number, total: number | undefined): Progress {
  return total === undefined ? { stored } : { stored, total };
}
