import type { Awaitable, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { type StorageCall, wrapStorage } from "./wrapped-storage.js";

/** Which call of a storage fails, and how. */
export interface FaultyStorageOptions {
  /** The call that fails, counted from 1; Infinity for none, to count how many there are. */
  readonly failAt: number;
  /** Which calls count (all). */
  readonly calls?: readonly StorageCall[];
  /** Whether every later call fails as well, as when a connection is lost (false). */
  readonly forever?: boolean;
  /** Whether the call is done and only its answer lost (false). */
  readonly done?: boolean;
  /** Whether it fails by a rejected promise rather than by throwing (false). */
  readonly later?: boolean;
  /** What it fails with; a NearError E_IO when not given. */
  readonly error?: Error;
}

/** A storage that fails on purpose. */
export interface FaultyStorage extends Storage {
  /** The counted calls so far, in order, the failed ones included. */
  readonly called: readonly StorageCall[];
}

/** Passes every call on to `storage` but those that are to fail. E_BAD_OPTION unless `failAt` is an integer from 1 or Infinity. */
export function faultyStorage(storage: Storage, options: FaultyStorageOptions): FaultyStorage {
  const { failAt, calls, forever = false, done = false, later = false } = options;
  if (failAt !== Number.POSITIVE_INFINITY && (!Number.isInteger(failAt) || failAt < 1)) {
    throw new NearError("E_BAD_OPTION", `failAt is ${show(failAt)}; give the number of a call, from 1 on, or Infinity`, { failAt });
  }
  const called: StorageCall[] = [];
  const around = <T>(call: StorageCall, run: () => Awaitable<T>): Awaitable<T> => {
    if (calls !== undefined && !calls.includes(call)) return run();
    const number = called.push(call);
    if (number < failAt || (number > failAt && !forever)) return run();
    const error =
      options.error ?? new NearError("E_IO", `call ${number} (${call}) of the ${storage.name} storage fails on purpose`, { call, number });
    if (done) {
      const answer = run();
      if (answer instanceof Promise) return answer.then(() => Promise.reject(error));
    }
    if (later) return Promise.reject(error);
    throw error;
  };
  return { ...wrapStorage(storage, around), called };
}
