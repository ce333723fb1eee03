import { grown, Keys } from "../../core/columns.js";
import { NearError } from "../../core/errors.js";
import { KeyChains } from "../../numeric/key-chains.js";
import type { JoinParts, JoinPlan } from "./plan.js";
import { storedBlocks } from "./stored.js";
import { AllLater, type Proposals } from "./walk.js";

/** Rows in the order in which they are compared, and which may make a pair. */
export interface Prepared {
  /** Row numbers, ascending. */
  readonly numbers: Uint32Array;
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
export async function prepare({ storage }: Pick<JoinParts, "storage">, plan: JoinPlan, options: PrepareOptions): Promise<Prepared> {
  const tables = plan.hashes.reduce((sum, hash) => sum + hash.tables, 0);
  requireRoom(await storage.size(), tables, options.maxBytes);
  if (plan.hashes.length === 0)
    return exactly(storage.resident === undefined ? await numbersOf(storage, options) : storage.resident.rows());
  const chains = new KeyChains(tables);
  const keys = new Keys();
  const own = new Keys();
  let numbers = new Uint32Array(1024);
  let count = 0;
  for await (const { numbers: some, vectors } of storedBlocks(storage)) {
    keys.clear();
    let first = 0;
    for (const hash of plan.hashes) {
      own.clear();
      hash.keys(vectors, own);
      for (let e = 0; e < own.count; e++) keys.add(own.rows[e], first + own.tables[e], own.hi[e], own.lo[e]);
      first += hash.tables;
    }
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
  return { numbers, proposals: chains, chains };
}

function exactly(numbers: Uint32Array): Prepared {
  return { numbers, proposals: new AllLater(numbers.length), chains: null };
}

async function numbersOf(storage: JoinParts["storage"], options: PrepareOptions): Promise<Uint32Array> {
  const all: number[] = [];
  for await (const { numbers } of storedBlocks(storage)) {
    for (const number of numbers) all.push(number);
    options.onRows(all.length);
    await options.turn();
  }
  return Uint32Array.from(all).sort();
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
