import { NearError, show } from "../../../core/errors.js";
import { entryOf, type NearPyEntry } from "./entry.js";

/** Sends one command to a Redis server; bulk strings of the answer come as bytes. */
export type SendCommand = (args: readonly string[]) => Promise<unknown>;

/** Which part of a NearPy index is read. */
export interface NearPyIndexOptions {
  /** Name of one hash: its buckets are read, and those of hashes whose names begin with it and an underscore. All when not given. */
  readonly hash?: string;
}

/** Entries fetched at a time. */
const pageSize = 500;

/**
 * The vectors of an index that NearPy's RedisStorage keeps in a database (lists `nearpy_<hash>_<key>` of pickles or JSON), each once however many buckets it is
 * in; equal vectors with equal data count as one. Goes straight into `engine.storeManyVectors`. NearPy made unit vectors of them, and so they come.
 * The pickles are read as data: nothing that they name is run. E_CORRUPT, naming the key and the entry, for any that is damaged or holds more than numbers, text, lists, dicts and arrays.
 */
export async function* readNearPyIndex(send: SendCommand, options: NearPyIndexOptions = {}): AsyncGenerator<NearPyEntry> {
  const seen = new Set<string>();
  for await (const key of keys(send, `nearpy_${options.hash === undefined ? "" : `${globEscaped(options.hash)}_`}*`)) {
    for (let from = 0; ; from += pageSize) {
      const page = listOf(await send(["LRANGE", key, String(from), String(from + pageSize - 1)]));
      for (const [i, bytes] of page.entries()) {
        const digest = await digestOf(bytes);
        if (seen.has(digest)) continue;
        seen.add(digest);
        yield named(key, from + i, bytes);
      }
      if (page.length < pageSize) break;
    }
  }
}

/** Names of lists that match, each once: SCAN may repeat them. */
async function* keys(send: SendCommand, pattern: string): AsyncGenerator<string> {
  const seen = new Set<string>();
  let cursor = "0";
  do {
    const [next, page] = listOfTwo(await send(["SCAN", cursor, "MATCH", pattern, "COUNT", "1000", "TYPE", "list"]));
    for (const bytes of listOf(page)) {
      const key = new TextDecoder().decode(bytes);
      if (seen.has(key)) continue;
      seen.add(key);
      yield key;
    }
    cursor = typeof next === "string" ? next : new TextDecoder().decode(bytesOf(next));
  } while (cursor !== "0");
}

function named(key: string, place: number, bytes: Uint8Array): NearPyEntry {
  try {
    return entryOf(bytes);
  } catch (cause) {
    if (!(cause instanceof NearError)) throw cause;
    throw new NearError(cause.code, `${show(key)}, entry ${place}: ${cause.message}`, { ...cause.details, key, place }, { cause });
  }
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return String.fromCharCode(...new Uint16Array(digest));
}

function globEscaped(name: string): string {
  return name.replace(/[\\*?[\]^-]/g, "\\$&");
}

function listOfTwo(value: unknown): [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw notRedis(value);
  return [value[0], value[1]];
}

function listOf(value: unknown): Uint8Array[] {
  if (!Array.isArray(value)) throw notRedis(value);
  return value.map(bytesOf);
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw notRedis(value);
  return value;
}

function notRedis(value: unknown): NearError {
  return new NearError("E_BAD_OPTION", `the server's answer has ${show(value)}: send commands so that bulk strings come as bytes`, {});
}
