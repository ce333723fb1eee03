import type { Awaitable, Storage } from "../core/contracts.js";

/** The calls of the storage contract that may wait. */
export type StorageCall = Exclude<keyof Storage, "name" | "admit" | "refresh">;

/** Runs one call of a storage, now, later, or not at all. */
export type Around = <T>(call: StorageCall, run: () => Awaitable<T>) => Awaitable<T>;

/** A storage that hands every call to `around`: for iterables, the moment when the first block is asked for. */
export function wrapStorage(storage: Storage, around: Around): Storage {
  const iterate = <T>(call: "buckets" | "entries", start: () => AsyncIterable<T>): AsyncIterable<T> => ({
    async *[Symbol.asyncIterator]() {
      yield* await around(call, start);
    },
  });
  const wrapped: Storage = {
    name: storage.name,
    open: (schema) => around("open", () => storage.open(schema)),
    schema: () => around("schema", () => storage.schema()),
    write: (batch) => around("write", () => storage.write(batch)),
    nextId: (count) => around("nextId", () => storage.nextId(count)),
    remove: (ids) => around("remove", () => storage.remove(ids)),
    scan: (probes, plan, out) => around("scan", () => storage.scan(probes, plan, out)),
    fetch: (candidates) => around("fetch", () => storage.fetch(candidates)),
    find: (ids, out) => around("find", () => storage.find(ids, out)),
    directory: (hash) => around("directory", () => storage.directory(hash)),
    buckets: (hash) => iterate("buckets", () => storage.buckets(hash)),
    entries: () => iterate("entries", () => storage.entries()),
    stats: () => around("stats", () => storage.stats()),
    size: () => around("size", () => storage.size()),
    clear: (hash) => around("clear", () => storage.clear(hash)),
    loadConfig: (name) => around("loadConfig", () => storage.loadConfig(name)),
    storeConfig: (config) => around("storeConfig", () => storage.storeConfig(config)),
    knowledge: () => around("knowledge", () => storage.knowledge()),
    keep: (knowledge) => around("keep", () => storage.keep(knowledge)),
    close: () => around("close", () => storage.close()),
  };
  if (storage.admit === undefined) return wrapped;
  return { ...wrapped, admit: storage.admit.bind(storage) };
}
