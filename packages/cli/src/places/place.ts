import { stat } from "node:fs/promises";
import type { Storage } from "nearts";
import { UsageError } from "../search/usage-error.js";

/** How a place is to be opened. */
export interface PlaceOptions {
  /** Name of the index in a Redis server, which may hold several. */
  readonly name?: string | undefined;
  /** Reads only: beside another process that writes. */
  readonly readOnly?: boolean;
  /** Whether an index may be made where there is none. */
  readonly create?: boolean;
}

/** Name of an index in a Redis server where none is given. */
export const DEFAULT_NAME = "nearts";

/** Where an index lies, for help texts. */
export const places = "a folder, or redis://host:port (any node of a cluster; rediss:// with TLS)";

/** The storage at a place: in a folder, or in a Redis server. E_NOT_FOUND where nothing is there and nothing is to be made. */
export async function openPlace(place: string, options: PlaceOptions): Promise<Storage> {
  const { name = DEFAULT_NAME, readOnly = false, create = false } = options;
  if (/^rediss?:\/\//.test(place)) {
    const { RedisStorage } = await import("nearts/redis");
    return new RedisStorage({ url: place, name });
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//.test(place)) throw new UsageError(`${JSON.stringify(place)} is no place for an index: give ${places}`);
  if (options.name !== undefined) throw new UsageError("--name is for a Redis server, and the place is a folder: leave it out");
  if (!create) await requireFolder(place);
  const { LmdbStorage } = await import("nearts/lmdb");
  return new LmdbStorage({ path: place, readOnly });
}

/** A mistyped place is not to become a new index. */
async function requireFolder(place: string): Promise<void> {
  const there = await stat(place).catch(() => undefined);
  if (there === undefined)
    throw new UsageError(`there is no index at ${JSON.stringify(place)}: make one with nearts index <file> --to ${place}`);
  if (!there.isDirectory()) throw new UsageError(`${JSON.stringify(place)} is a file, and an index is a folder: give ${places}`);
}
