import { describe, expect, it } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import type { Id, Knowledge, Resident, RowReader, Schema, Storage } from "../../src/core/contracts.js";
import { MemoryStorage } from "../../src/index.js";
import { storageSuite } from "../../src/testing/index.js";
import { wrapStorage } from "../../src/testing/wrapped-storage.js";
import { breaks, titles } from "./collect.js";

/** A memory storage that works, but for what `changes` make of it. */
interface Mutant {
  readonly law: string;
  readonly what: string;
  readonly changes: (inner: MemoryStorage) => Partial<Storage>;
}

const mutants: readonly Mutant[] = [
  { law: "there is no schema before the index is created", what: "a schema at once", changes: () => ({ schema: () => ({}) as Schema }) },
  {
    law: "opening creates the index with its schema, and again returns the schema that is there",
    what: "the schema given, whatever is there",
    changes: (inner) => ({
      open: (schema) => {
        inner.open(schema);
        return schema;
      },
    }),
  },
  {
    law: "a configuration comes back as it was, the newest of its name, null for an unknown name",
    what: "undefined for an unknown name",
    changes: (inner) => ({ loadConfig: (name) => inner.loadConfig(name) ?? (undefined as unknown as null) }),
  },
  { law: "configurations are copies on the way in and out", what: "live configurations", changes: keepsConfigs },
  {
    law: "configurations can be stored before the index is created, and stay",
    what: "configurations refused before opening",
    changes: (inner) => ({
      storeConfig: (config) => {
        if (inner.schema() === null) throw new Error("not open");
        inner.storeConfig(config);
      },
    }),
  },
  {
    law: "knowledge comes back as it was kept last, a copy, and null before",
    what: "the knowledge that was given, itself",
    changes: () => {
      let kept: Knowledge | null = null;
      return {
        keep: (knowledge) => {
          kept = knowledge;
        },
        knowledge: () => kept,
      };
    },
  },
  {
    law: "removing everything forgets the knowledge, emptying a hash does not",
    what: "knowledge that outlives its index",
    changes: (inner) => {
      let kept: Knowledge | null = null;
      return {
        keep: (knowledge) => {
          inner.keep(knowledge);
          kept = inner.knowledge();
        },
        knowledge: () => structuredClone(kept),
      };
    },
  },
  { law: "closing resolves", what: "a failing close", changes: () => ({ close: () => Promise.reject(new Error("cannot")) }) },
  { law: "what was written is there when it is opened again", what: "a reopened storage that is empty", changes: () => ({}) },
  {
    law: "a new index is empty by every way to look",
    what: "a bucket that holds nothing",
    changes: () => ({
      async *buckets() {
        yield { table: 0, key: "0000000000000000", ids: [] };
      },
    }),
  },
  {
    law: "vectors, ids and data come back bit for bit",
    what: "ids as texts",
    changes: (inner) => ({ write: (batch) => inner.write({ ...batch, ids: batch.ids.map(String) }) }),
  },
  { law: "a batch may be written over once it is written", what: "a write put off", changes: putsOff },
  {
    law: "writing an id again replaces its vector, data and buckets",
    what: "known ids left as they are",
    changes: (inner) => ({
      write: (batch) =>
        inner.find([...batch.ids], new Candidates()) > 0 ? { inserted: 0, replaced: batch.ids.length } : inner.write(batch),
    }),
  },
  {
    law: "the last of equal ids in a batch wins",
    what: "all of equal ids counted as new",
    changes: (inner) => ({ write: (batch) => ({ ...inner.write(batch), inserted: batch.ids.length }) }),
  },
  {
    law: "removing says what existed and leaves no trace",
    what: "everything said to have existed",
    changes: (inner) => ({ remove: (ids) => inner.remove(ids).map(() => true) }),
  },
  {
    law: "find appends the rows of the ids that are there, in their order",
    what: "candidates cleared first",
    changes: (inner) => ({
      find: (ids, out) => {
        out.clear();
        return inner.find(ids, out);
      },
    }),
  },
  {
    law: "fetch drops the rows removed since they were found",
    what: "a fetch that drops nothing",
    changes: (inner) => ({ fetch: () => inner.resident }),
  },
  { law: "ids reserved are integers that no vector has", what: "ids from 0 on", changes: countsFromZero },
  {
    law: "clearing everything leaves an empty index that can be used again",
    what: "rows kept",
    changes: (inner) => ({ clear: (hash) => clearAll(inner, hash === undefined ? [0, 1, 2] : [hash]) }),
  },
  {
    law: "what goes over the limit is refused with E_MEMORY and changes nothing",
    what: "half a batch written before the refusal",
    changes: (inner) => ({
      write: (batch) => {
        if (batch.ids.includes("large 0")) inner.write({ ...batch, data: batch.ids.map(() => undefined) });
        return inner.write(batch);
      },
    }),
  },
  {
    law: "a scan appends the rows of the probed buckets, in the order of the probes",
    what: "rows sorted",
    changes: (inner) => ({
      scan: (probes, plan, out) => {
        inner.scan(probes, plan, out);
        out.rows.subarray(0, out.count).sort();
      },
    }),
  },
  {
    law: "a unique scan gives each row once, at its first appearance",
    what: "repeats",
    changes: (inner) => ({ scan: (probes, _plan, out) => inner.scan(probes, { unique: false }, out) }),
  },
  {
    law: "a probe of a prefix reads every key that agrees in it",
    what: "prefixes of at least 32 bits",
    changes: (inner) => ({
      scan: (probes, plan, out) => {
        probes.prefixBits = probes.prefixBits.map((bits) => Math.max(32, bits));
        inner.scan(probes, plan, out);
      },
    }),
  },
  { law: "the key directory is right after every write and removal", what: "a directory of the past", changes: remembersDirectory },
  { law: "a key directory at hand stays right", what: "a directory of the past", changes: remembersDirectory },
  {
    law: "numbers of the key directory mean the same keys until its epoch changes",
    what: "an epoch that never changes",
    changes: fixesEpoch,
  },
  {
    law: "clearing the buckets of one hash leaves the rows, and the buckets of hashes whose names begin like its own",
    what: "all names that begin like the hash's cleared",
    changes: (inner) => ({ clear: (hash) => clearAll(inner, hash === 0 ? [0, 1, 2] : [hash]) }),
  },
  {
    law: "entries gives many rows in blocks, each once",
    what: "the first block only",
    changes: (inner) => ({
      async *entries() {
        const { value } = await inner.entries()[Symbol.asyncIterator]().next();
        if (value !== undefined) yield value;
      },
    }),
  },
  {
    law: "blocks of entries are the receiver's own",
    what: "views of the storage",
    changes: (inner) => ({
      async *entries() {
        for await (const block of inner.entries()) {
          const found = new Candidates();
          inner.find(block.ids.slice(0, 1), found);
          yield { ...block, ids: block.ids.slice(0, 1), data: block.data.slice(0, 1), rows: viewOf(inner, found.rows[0], block.rows.dim) };
        }
      },
    }),
  },
  {
    law: "entries gives no id twice, whatever is removed and written meanwhile",
    what: "the last block given again",
    changes: (inner) => ({
      async *entries() {
        yield* inner.entries();
        yield* inner.entries();
      },
    }),
  },
  {
    law: "buckets can be listed while rows are removed, none twice",
    what: "buckets listed again after a removal",
    changes: (inner) => ({
      async *buckets(hash) {
        const before = inner.size();
        yield* inner.buckets(hash);
        if (inner.size() < before) yield* inner.buckets(hash);
      },
    }),
  },
  {
    law: "any history of writes, removals and clearings leaves what a map would hold",
    what: "a removal of many ids that leaves one",
    changes: (inner) => ({
      remove: (ids) =>
        ids.length < 30 ? inner.remove(ids) : [...inner.remove(ids.slice(0, -1)), inner.find(ids.slice(-1), new Candidates()) > 0],
    }),
  },
  {
    law: "declared fields of the data are part of the schema",
    what: "a schema without its declared fields",
    changes: (inner) => ({
      open: (schema) => {
        const { dataFields: _, ...rest } = inner.open(schema);
        return rest;
      },
    }),
  },
  {
    law: "a resident storage that selects by declared fields agrees with the data, after every write",
    what: "a selection without its first row",
    changes: (inner) => ({
      resident: {
        ...residentOf(inner),
        select: (predicate) => {
          const { words, count } = inner.resident.select(predicate);
          const first = words.findIndex((word) => word !== 0);
          return { words: words.map((word, i) => (i === first ? word & (word - 1) : word)), count };
        },
      },
    }),
  },
  {
    law: "rank writes the rank of each candidate, repeats included",
    what: "ranks at the row's first place only",
    changes: reads((inner) => ({
      rank: (metric, query, candidates) => {
        inner.resident.rank(metric, query, candidates);
        candidates.distances[candidates.count - 1] += 1e6;
      },
    })),
  },
  {
    law: "nearest keeps the best up to the limit and within the bound, best first, ties by row",
    what: "ties by the opposite of row",
    changes: reads((inner) => ({
      nearest: (metric, query, candidates, limit, within) => {
        inner.resident.nearest(metric, query, candidates, limit, within);
        const { rows, distances, count } = candidates;
        for (let i = 1; i < count; i++) if (distances[i] === distances[i - 1]) [rows[i], rows[i - 1]] = [rows[i - 1], rows[i]];
      },
    })),
  },
  {
    law: "nearestOfMany gives each query its nearest, in order, and leaves the candidates alone",
    what: "candidates cut to the limit",
    changes: reads((inner) => ({
      nearestOfMany: (metric, queries, candidates, limit, each) => {
        inner.resident.nearestOfMany(metric, queries, candidates, limit, each);
        candidates.count = Math.min(candidates.count, limit);
      },
    })),
  },
  {
    law: "exact writes float64 values, or says that it cannot and writes nothing",
    what: "values rounded to float32",
    changes: reads((inner) => ({
      exact: (metric, query, candidates) => {
        const known = inner.resident.exact(metric, query, candidates);
        candidates.distances = candidates.distances.map(Math.fround);
        return known;
      },
    })),
  },
  {
    law: "ranking many rows finds the best of them and changes no stored vector",
    what: "only the first thousand candidates ranked",
    changes: reads((inner) => ({
      nearest: (metric, query, candidates, limit, within) => {
        candidates.count = Math.min(candidates.count, 1000);
        inner.resident.nearest(metric, query, candidates, limit, within);
      },
    })),
  },
  {
    law: "a search over it finds what brute force finds, after upserts and deletes too",
    what: "data left out",
    changes: reads(() => ({ data: () => undefined })),
  },
  {
    law: "an index opened by its storage alone answers the same",
    what: "a schema without its hashes",
    changes: (inner) => ({ schema: () => hashless(inner.schema()) }),
  },
];

/** The resident side of a storage, its methods bound. */
function residentOf(inner: MemoryStorage): Resident {
  return {
    rows: () => inner.resident.rows(),
    gather: (rows, into) => inner.resident.gather(rows, into),
    addHash: (hash) => inner.resident.addHash(hash),
    prepare: (hash, lo, counts) => inner.resident.prepare(hash, lo, counts),
    enter: (hash, keys, codes) => inner.resident.enter(hash, keys, codes),
    settle: (hash) => inner.resident.settle(hash),
    dropHash: (hash) => inner.resident.dropHash(hash),
    all: (out, allowed) => inner.resident.all(out, allowed),
  };
}

describe("the storage suite", () => {
  for (const { law, what, changes } of mutants) {
    it(`finds ${what} to break the law "${law}"`, async () => {
      const make = (inner: MemoryStorage): Storage => ({ ...wrapStorage(inner, (_call, run) => run()), ...changes(inner) });
      const suite = {
        kinds: ["dense"],
        create: () => make(new MemoryStorage()),
        reopen: () => make(new MemoryStorage()),
        limited: (maxBytes: number) => make(new MemoryStorage({ maxBytes })),
      } as const;

      expect(await breaks(law, (test) => storageSuite({ test, ...suite }))).toBe(true);
    });
  }

  it("has a mutant for every law", () => {
    const create = () => new MemoryStorage();
    const { run } = titles((test) => storageSuite({ test, title: "t", kinds: ["dense"], create, reopen: create, limited: create }));

    expect(mutants.map(({ law }) => law)).toEqual(run.map((title) => title.slice(title.indexOf(": ") + 2)));
  });

  it("names the seed and the last steps of a history that went wrong", async () => {
    const create = () => ({
      ...wrapStorage(new MemoryStorage(), (_call, run) => run()),
      remove: (ids: readonly Id[]) => ids.map(() => false),
    });
    const failures: string[] = [];
    const checks: Promise<unknown>[] = [];
    storageSuite({
      test: (name, check) => name.includes("history") && checks.push(check().catch((error: unknown) => failures.push(String(error)))),
      kinds: ["dense"],
      seed: 17,
      create,
    });
    await Promise.all(checks);

    expect(failures).toEqual([
      expect.stringMatching(/^Error: seed 17, after \d+ steps, the last ones .*: which of the removed ids existed/),
    ]);
  });
});

function keepsConfigs(): Partial<Storage> {
  const configs = new Map<string, Parameters<Storage["storeConfig"]>[0]>();
  return { storeConfig: (config) => void configs.set(config.name, config), loadConfig: (name) => configs.get(name) ?? null };
}

/** Keeps the batch itself until something else is asked. */
function putsOff(inner: MemoryStorage): Partial<Storage> {
  let waiting: Parameters<Storage["write"]>[0] | undefined;
  const settle = () => {
    if (waiting !== undefined) inner.write(waiting);
    waiting = undefined;
  };
  return {
    write: (batch) => {
      waiting = batch;
      return { inserted: batch.ids.length, replaced: 0 };
    },
    size: () => {
      settle();
      return inner.size();
    },
  };
}

function clearAll(inner: MemoryStorage, hashes: readonly (number | undefined)[]): void {
  for (const hash of hashes) inner.clear(hash);
}

function countsFromZero(): Partial<Storage> {
  let next = 0;
  return {
    nextId: (count) => {
      next += count;
      return next - count;
    },
  };
}

function remembersDirectory(inner: MemoryStorage): Partial<Storage> {
  return {
    directory: (hash) => {
      const past = inner.directory(hash);
      const counts = new Map<string, number>();
      return {
        epoch: 0,
        size: (table) => past.size(table),
        keyHi: (table, i) => past.keyHi(table, i),
        keyLo: (table, i) => past.keyLo(table, i),
        find: (table, hi, lo) => past.find(table, hi, lo),
        sorted: (table) => past.sorted(table),
        countAt: (table, i) => {
          const key = `${table} ${past.keyHi(table, i)} ${past.keyLo(table, i)}`;
          counts.set(key, Math.max(counts.get(key) ?? 0, past.countAt(table, i)));
          return hash === 0 ? (counts.get(key) ?? 0) + 1 : past.countAt(table, i);
        },
      };
    },
  };
}

function fixesEpoch(inner: MemoryStorage): Partial<Storage> {
  const fixed = {
    epoch: 0,
    size: (table: number) => inner.directory(0).size(table),
    keyHi: (table: number, i: number) => inner.directory(0).keyHi(table, i),
    keyLo: (table: number, i: number) => inner.directory(0).keyLo(table, i),
    find: (table: number, hi: number, lo: number) => inner.directory(0).find(table, hi, lo),
    sorted: (table: number) => inner.directory(0).sorted(table),
    countAt: (table: number, i: number) => inner.directory(0).countAt(table, i),
  };
  return { directory: () => fixed };
}

/** Changes what a fetch gives to read by. */
function reads(changes: (inner: MemoryStorage) => Partial<RowReader>): Mutant["changes"] {
  return (inner) => ({
    fetch: (candidates) => {
      inner.fetch(candidates);
      return {
        rank: (...given) => inner.resident.rank(...given),
        rounding: (...given) => inner.resident.rounding(...given),
        nearest: (...given) => inner.resident.nearest(...given),
        nearestOfMany: (...given) => inner.resident.nearestOfMany(...given),
        exact: (...given) => inner.resident.exact(...given),
        vector: (row) => inner.resident.vector(row),
        id: (row) => inner.resident.id(row),
        data: (row) => inner.resident.data(row),
        ...changes(inner),
      };
    },
  });
}

function viewOf(inner: MemoryStorage, row: number, dim: number) {
  const values = inner.resident.vector(row) as Float32Array; // the suite is run for dense vectors
  return { kind: "dense", dim, count: 1, values } as const;
}

function hashless(schema: Schema | null): Schema | null {
  return schema === null ? null : { ...schema, hashes: [] };
}
