import { Codes } from "../core/codes.js";
import { Keys } from "../core/columns.js";
import type { Hash } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { type Rows, slice } from "../core/rows.js";
import type { Stage, Stages } from "./stages.js";

/** Keys and codes of a batch for one hash. */
export interface Entries {
  readonly keys: Keys;
  readonly codes: Codes | null;
}

/** Rows with their keys and codes, by the stages that there were. */
export interface Prepared {
  readonly rows: Rows;
  readonly written: readonly Stage[];
  readonly version: number | undefined;
  /** One for each of the stages. */
  readonly entries: readonly Entries[];
}

/** Makes the keys and codes of rows by the stages that are written, in columns that are used again. */
export class EntryMaker {
  readonly #stages: Stages;
  /** Columns not in use: concurrent writes to a slow storage each have their own. */
  readonly #pool = new Map<Stage, Entries[]>();

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /** The keys and codes of rows by what is known now. */
  prepare(rows: Rows): Prepared {
    const { written, version } = this.#stages;
    const entries = written.map((stage) => this.#take(stage));
    written.forEach((stage, i) => {
      enter(stage, rows, entries[i]);
    });
    return { rows, written, version, entries };
  }

  /** What was prepared, unless something else is known by now. */
  current(rows: Rows, ahead: Prepared | null): Prepared {
    const { written, version } = this.#stages;
    return ahead !== null && ahead.written === written && ahead.version === version ? ahead : this.prepare(rows);
  }

  /** The columns by number of hash, none for those that are not written. */
  columns({ written, entries }: Prepared): { keys: Keys[]; codes: (Codes | null)[] } {
    const keys = new Array<Keys>(this.#stages.end).fill(noKeys);
    const codes = new Array<Codes | null>(keys.length).fill(null);
    written.forEach((stage, i) => {
      keys[stage.number] = entries[i].keys;
      codes[stage.number] = entries[i].codes;
    });
    return { keys, codes };
  }

  /** Takes columns back that were written, or will not be. */
  release({ written, entries }: Prepared): void {
    for (let i = 0; i < written.length; i++) this.#give(written[i], entries[i]);
  }

  #take(stage: Stage): Entries {
    const { sketch } = stage;
    return this.#pool.get(stage)?.pop() ?? { keys: new Keys(), codes: sketch === null ? null : new Codes(sketch.groups) };
  }

  #give(stage: Stage, entries: Entries): void {
    // What belongs to a hash out of use is let go.
    for (const known of this.#pool.keys()) if (!this.#stages.written.includes(known)) this.#pool.delete(known);
    const pool = this.#pool.get(stage);
    if (pool !== undefined) pool.push(entries);
    else if (this.#stages.written.includes(stage)) this.#pool.set(stage, [entries]);
  }
}

/** Of hashes that were dropped. */
const noKeys = new Keys();

/** Rows whose keys and codes are made together, so that what both need of them is computed once. */
const enteredAtOnce = 64;
const some = new Keys();

/** Fills in the keys of rows, and their codes. */
export function enter({ hash, sketch }: Stage, rows: Rows, { keys, codes }: Entries): void {
  keys.clear();
  if (sketch === null || codes === null) {
    hash.keys(rows, keys);
    checkKeys(hash, keys, rows.count);
    return;
  }
  codes.clear();
  for (let from = 0; from < rows.count; from += enteredAtOnce) {
    const part = slice(rows, from, Math.min(rows.count, from + enteredAtOnce));
    some.clear();
    hash.keys(part, some);
    checkKeys(hash, some, part.count);
    sketch.encode(part, some, codes);
    keys.reserve(some.count);
    for (let e = 0; e < some.count; e++) keys.add(from + some.rows[e], some.tables[e], some.hi[e], some.lo[e]);
  }
}

/** Refuses what a hash of somebody's own may have done wrong, before anything is written. */
function checkKeys(hash: Hash, keys: Keys, count: number): void {
  for (let e = 0; e < keys.count; e++) {
    if (keys.tables[e] < hash.tables && keys.rows[e] < count && (e === 0 || keys.rows[e] >= keys.rows[e - 1])) continue;
    const message = `hash ${show(hash.name)} gave entry ${e} for row ${keys.rows[e]} and table ${keys.tables[e]}; there are ${count} rows, to come in order, and ${hash.tables} tables`;
    throw new NearError("E_CONFIG", message, { hash: hash.name, row: keys.rows[e], table: keys.tables[e] });
  }
}
