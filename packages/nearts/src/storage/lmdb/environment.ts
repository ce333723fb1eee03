import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { NearError } from "../../core/errors.js";
import { lmdbPackage } from "./lmdb-package.js";
import { corrupt, sealed, unseal } from "./records.js";
import { messageOf } from "./system-errors.js";
import { type KeyForm, Table, type TableChanges, textKeys, u32Keys, u53Keys } from "./table.js";

/** Bytes of the disk that are left alone: an LMDB that cannot write may damage the memory of its process. */
const reserve = 2 ** 26;
/** How long closing may take; after a failure it may never end. */
const closeMillis = 2000;

/** The tables of an index. Everything in them is a record behind a seal. */
export interface Tables {
  readonly meta: Table<string>;
  readonly configs: Table<string>;
  /** Vector and data of each row. */
  readonly vectors: Table<number>;
  readonly data: Table<number>;
  /** Ids, and by hash the bucket entries, of as many rows as are in a chunk. */
  readonly ids: Table<number>;
  readonly entries: Table<number>;
  /** By commit: which rows it changed. */
  readonly journal: Table<number>;
}

/** How an environment is opened. */
export type Mode = "create" | "write" | "read";

type Transaction = ReturnType<Database["useReadTransaction"]>;

/**
 * An open LMDB environment. A commit is durable when it resolves: without overlapping sync, as with it a failed sync is never heard of, and after a power cut
 * the newest commit would be chosen by the machine's boot number.
 */
export class Environment {
  readonly path: string;
  readonly tables: Tables;
  readonly readOnly: boolean;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  /** The state that a reader sees; null for a writer, which sees its own. */
  #reading: Transaction | null = null;
  #failure: NearError | null = null;
  #closed = false;
  #commits = 0;
  #settled: Promise<unknown> = Promise.resolve();

  private constructor(path: string, mode: Mode, root: RootDatabase<Uint8Array, Uint8Array>) {
    this.path = path;
    this.readOnly = mode === "read";
    this.#root = root;
    const table = <K extends string | number>(name: string, form: KeyForm<K>, create = mode !== "read"): Table<K> => {
      // Not among the options that its type knows.
      const options = { name, encoding: "binary", keyEncoding: "binary", create } as const;
      const db = root.openDB<Uint8Array, Uint8Array>(options);
      // It is undefined where there is none, whatever its type says.
      if ((db as unknown) === undefined) throw corrupt(`${JSON.stringify(path)} is an LMDB database, but no index of nearts`, { path });
      return new Table(name, db, form, () => this.#reading);
    };
    const meta = table("meta", textKeys, mode === "create");
    if (mode !== "create") checkFormat(meta, path);
    this.tables = {
      meta,
      configs: table("configs", textKeys),
      vectors: table("vectors", u32Keys),
      data: table("data", u32Keys),
      ids: table("ids", u32Keys),
      entries: table("entries", u53Keys),
      journal: table("journal", u53Keys),
    };
  }

  /** Opens what is at `path`, a folder that `precheck` found nothing wrong with, or makes it. E_CORRUPT for another's database, E_VERSION for one of a newer form. */
  static async open(path: string, mode: Mode): Promise<Environment> {
    const { open } = await lmdbPackage();
    let root: RootDatabase<Uint8Array, Uint8Array> | null = null;
    try {
      root = open<Uint8Array, Uint8Array>({
        path,
        readOnly: mode === "read",
        noSubdir: false,
        encoding: "binary",
        keyEncoding: "binary",
        maxDbs: 16,
        maxReaders: 512,
        overlappingSync: false,
        // With it, a commit that fails rejects a promise of lmdb's own that nobody can wait for, which ends the process.
        eventTurnBatching: false,
      });
      const environment = new Environment(path, mode, root);
      environment.renew();
      return environment;
    } catch (cause) {
      await root?.close();
      if (cause instanceof NearError) throw cause;
      throw new NearError("E_IO", `cannot open the database at ${JSON.stringify(path)}: ${messageOf(cause)}`, { path }, { cause });
    }
  }

  /** Bytes of the database's file. */
  get fileBytes(): number {
    return statSync(join(this.path, "data.mdb")).size;
  }

  /** Whether it can be read and written. */
  get usable(): boolean {
    return this.#failure === null && !this.#closed;
  }

  /** Refuses what comes after a failure (E_FAILED) or after closing (E_CLOSED). */
  requireUsable(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed) throw new NearError("E_CLOSED", "the storage is closed: open it again to use it", { path: this.path });
  }

  /** E_FULL where so many bytes would take the disk, or the file over `maxBytes`. */
  requireSpace(bytes: number, maxBytes: number = Number.POSITIVE_INFINITY): void {
    this.#requireFree(reserve + 2 * bytes);
    if (maxBytes === Number.POSITIVE_INFINITY) return;
    const { fileBytes } = this;
    if (fileBytes + bytes <= maxBytes) return;
    const message = `the index has ${fileBytes} bytes on disk and ${bytes} more would take it over maxBytes ${maxBytes}: delete some, or raise maxBytes`;
    throw new NearError("E_FULL", message, { bytes: fileBytes, more: bytes, maxBytes });
  }

  /** E_FULL where there is not even room for removing something: what is removed is room in the file later, but takes some now. */
  requireSomeSpace(): void {
    this.#requireFree(reserve / 4);
  }

  /** Sees what is committed now: a reader only from here on. */
  renew(): void {
    this.release();
    this.#root.resetReadTxn();
    if (this.readOnly) this.#reading = this.#root.useReadTransaction();
  }

  /** Lets go of what a reader sees, so that its pages can be used again; it sees what is newest until it renews. */
  release(): void {
    this.#reading?.done();
    this.#reading = null;
  }

  /** Whether a reader sees one state of the database until it renews. */
  get holds(): boolean {
    return this.#reading !== null;
  }

  /** Whether something was put into a table that no commit has taken. */
  get changed(): boolean {
    return Object.values(this.tables).some((table: Table<string> | Table<number>) => table.changed);
  }

  /** Writes in one transaction what was put into tables since the last commit; resolves when it is durable. E_FAILED where it is not known whether it is. */
  commit(): Promise<void> {
    this.requireUsable();
    const changes = Object.values(this.tables).map((table: Table<string> | Table<number>) => table.take());
    this.#commits++;
    let committing: Promise<unknown>;
    try {
      committing = this.#root.batch(() => {
        for (const some of changes) some.write();
      });
    } catch (error) {
      return this.fail(error);
    }
    const done = committing.then(
      () => this.#committed(changes),
      (error: unknown) => this.fail(error),
    );
    this.#settled = done.catch(() => {});
    return done;
  }

  /** Runs what reads and writes with no other process writing in between; durable when it returns. */
  exclusively<T>(work: () => T): T {
    this.requireUsable();
    this.#requireFree(reserve / 16);
    try {
      return this.#root.transactionSync(work);
    } catch (error) {
      if (error instanceof NearError) throw error;
      return this.fail(error);
    }
  }

  /** From now on everything is refused: a database that could not write may have damaged the memory of this process. */
  fail(cause: unknown): never {
    // It comes with a second promise, which nobody else waits for.
    const { commitError } = Object(cause) as { readonly commitError?: Promise<unknown> };
    commitError?.catch(() => {});
    const message = `writing to ${JSON.stringify(this.path)} failed (${messageOf(cause)}); whether it is stored is not known: start a new process, and open the index there`;
    this.#failure ??= new NearError("E_FAILED", message, { path: this.path, outcome: "unknown" }, { cause });
    throw this.#failure;
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    for (let seen = -1; seen !== this.#commits; ) {
      seen = this.#commits;
      await this.#settled;
    }
  }

  /** Closes it, within two seconds whatever happens. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMillis);
    });
    const written = this.#failure === null ? this.settled() : Promise.resolve();
    const closing = written.then(() => this.#root.close());
    await Promise.race([closing.catch(() => {}), late]);
    clearTimeout(timer);
  }

  #requireFree(needed: number): void {
    const { bavail, bsize } = statfsSync(this.path);
    const free = bavail * bsize;
    if (free >= needed) return;
    const message = `the disk of ${JSON.stringify(this.path)} has ${free} bytes left and ${needed} are needed, most of them in reserve: free some`;
    throw new NearError("E_FULL", message, { free, needed });
  }

  #committed(changes: readonly TableChanges[]): void {
    this.#root.resetReadTxn();
    for (const some of changes) some.committed();
  }
}

/** The form of what is in the tables. */
const format = 1;

/** Says of a new environment which form it has. */
export function writeFormat({ meta }: Tables): void {
  meta.put("format", sealed(Uint8Array.of(format), 0));
}

function checkFormat(meta: Table<string>, path: string): void {
  const record = meta.get("format");
  if (record === null) throw corrupt(`${JSON.stringify(path)} is an LMDB database, but no index of nearts`, { path });
  const [found] = unseal(record, 0, "the format of the index");
  if (found === format) return;
  const message = `the index at ${JSON.stringify(path)} has format ${found}, and this version of nearts reads format ${format}: open it with the version that made it`;
  throw new NearError("E_VERSION", message, { found, format });
}
