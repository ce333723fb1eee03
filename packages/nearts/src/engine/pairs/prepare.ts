import { Candidates, grown, Keys } from "../../core/columns.js";
import type { Storage } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { gather, type Rows } from "../../core/rows.js";
import { KeyChains } from "../../numeric/key-chains.js";
import { isLater } from "../options.js";
import type { JoinParts, JoinPlan } from "./plan.js";
import { storedBlocks } from "./stored.js";
import { AllLater, type Proposals } from "./walk.js";

/** Rows in the order in which they are compared, and which may make a pair. */
export interface Prepared {
  /** Where the vectors are read: the engine's storage, or a copy of it. */
  readonly storage: Storage;
  /** Row numbers in `storage`, ascending. */
  readonly numbers: Uint32Array;
  /** The row numbers in the engine's storage of the same vectors, ascending: what a cursor goes by. */
  readonly marks: Uint32Array;
  readonly proposals: Proposals;
  /** The chains of the rows that share keys; null where all are compared with all. */
  readonly chains: KeyChains | null;
}

/** What is asked of the preparation. */
export interface PrepareOptions {
  readonly maxBytes: number;
  readonly turn: () => Promise<void> | undefined;
  readonly onRows: (rows: number) => void;
}

/** Reads all vectors once and makes their keys. E_MEMORY where these would take more than `maxBytes`. */
export async function prepare(parts: JoinParts, plan: JoinPlan, options: PrepareOptions): Promise<Prepared> {
  const { storage } = parts;
  if (plan.hashes.length === 0) return storage.resident === undefined ? prepareCopy(parts, options) : prepareAll(storage);
  const tables = plan.hashes.reduce((sum, hash) => sum + hash.tables, 0);
  requireRoom(await storage.size(), tables, options.maxBytes);
  const chains = new KeyChains(tables);
  const keys = new Keys();
  let numbers = new Uint32Array(1024);
  let count = 0;
  for await (const { numbers: some, vectors } of storedBlocks(storage)) {
    keysOf(plan, vectors, keys);
    if (count + some.length > numbers.length) numbers = grown(numbers, Math.max(count + some.length, numbers.length * 2));
    numbers.set(some, count);
    chains.add(keys, some.length);
    count += some.length;
    options.onRows(count);
    await options.turn();
  }
  numbers = numbers.slice(0, count);
  if (!ascending(numbers)) numbers = inOrder(numbers, chains);
  chains.link();
  return { storage, numbers, marks: numbers, proposals: chains, chains };
}

/** Every row with every other. */
function prepareAll(storage: Storage): Prepared {
  const numbers = storage.resident?.rows() ?? new Uint32Array(0); // callers give none that is not
  return { storage, numbers, marks: numbers, proposals: new AllLater(numbers.length), chains: null };
}

/** All vectors in this process's memory: to compare each with all from elsewhere would bring each as often. E_MEMORY where there is no room for them. */
async function prepareCopy(
  { storage, shape, distance, registry }: JoinParts,
  { maxBytes, turn, onRows }: PrepareOptions,
): Promise<Prepared> {
  const memory = registry.storage({ maxBytes, outlines: false });
  await memory.open({ version: 1, fields: [{ name: "vector", ...shape, precision: "f32" }], distance: distance.name, hashes: [] });
  const marks = await numbersOf(storage);
  const [some, same] = [new Candidates(), new Candidates()];
  let count = 0;
  for (let from = 0; from < marks.length; from += copiedAtOnce) {
    some.clear();
    for (const row of marks.subarray(from, from + copiedAtOnce)) some.add(row);
    const fetching = storage.fetch(some);
    const reader = isLater(fetching) ? await fetching : fetching;
    const rows: number[] = [];
    for (const row of some.rows.slice(0, some.count).sort()) {
      same.clear();
      // An id that was written anew meanwhile has moved: it is there already.
      if ((await memory.find([reader.id(row)], same)) === 0) rows.push(row);
    }
    await memory.write({
      rows: gather(shape.kind, shape.dim, rows.length, (i) => reader.vector(rows[i])),
      ids: rows.map((row) => reader.id(row)),
      keys: [],
    });
    marks.set(rows, count);
    count += rows.length;
    onRows(count);
    await turn();
  }
  return { ...prepareAll(memory), marks: marks.subarray(0, count) };
}

/** Vectors that are copied at once. */
const copiedAtOnce = 256;

/** The numbers of all rows, ascending. */
async function numbersOf(storage: Storage): Promise<Uint32Array<ArrayBuffer>> {
  const found = new Set<number>();
  for await (const { numbers } of storedBlocks(storage)) for (const row of numbers) found.add(row);
  return Uint32Array.from(found).sort();
}

/** Replaces `out` by the keys of rows by all hashes of a plan, their tables numbered through. */
function keysOf({ hashes }: JoinPlan, rows: Rows, out: Keys): void {
  out.clear();
  const own = new Keys();
  let first = 0;
  for (const hash of hashes) {
    own.clear();
    hash.keys(rows, own);
    for (let e = 0; e < own.count; e++) out.add(own.rows[e], first + own.tables[e], own.hi[e], own.lo[e]);
    first += hash.tables;
  }
}

function requireRoom(rows: number, tables: number, maxBytes: number): void {
  const bytes = KeyChains.bytesFor(rows, tables);
  if (bytes <= maxBytes) return;
  const message = `the keys of ${rows} vectors in ${tables} tables take ${bytes} bytes, and maxBytes is ${maxBytes}: give more, ask for less recall, or for nearer pairs`;
  throw new NearError("E_MEMORY", message, { bytes, maxBytes, rows, tables });
}

function ascending(numbers: Uint32Array): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i] < numbers[i - 1]) return false;
  return true;
}

/** The numbers in ascending order, and the chains' rows with them. */
function inOrder(numbers: Uint32Array, chains: KeyChains): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from(numbers, (_, i) => i).sort((a, b) => numbers[a] - numbers[b]);
  chains.reorder(order);
  return Uint32Array.from(order, (i) => numbers[i]);
}
