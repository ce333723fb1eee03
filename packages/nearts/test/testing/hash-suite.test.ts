import { describe, expect, it } from "vitest";
import type { Hash, HashClass, HashConfig } from "../../src/core/contracts.js";
import { RandomBinaryProjections } from "../../src/index.js";
import { hashSuite, type Skip } from "../../src/testing/index.js";
import { breaks, titles } from "./collect.js";

/** A hash that works, but for what `changes` make of it; a configuration makes it with the same changes. */
interface Mutant {
  readonly law: string;
  readonly what: string;
  readonly changes?: (inner: Hash) => Partial<Hash>;
  /** What it makes of a configuration before it reads it. */
  readonly reads?: (config: HashConfig) => HashConfig;
}

const mutants: readonly Mutant[] = [
  { law: "it says what it is: name, kinds, tables, and the type of its class", what: "another name", changes: () => ({ name: "other" }) },
  {
    law: "its configuration makes the same hash again, bit for bit",
    what: "a forgotten seed",
    reads: (config) => ({ ...config, seed: 0 }),
  },
  { law: "its configuration owns its arrays, and a hash made from one its own", what: "a shared array", changes: sharesArray },
  {
    law: "another dimension is refused with E_CONFIG and changes nothing",
    what: "any dimension taken",
    changes: (inner) => ({ open: ({ kind }) => inner.open({ kind, dim: 24 }) }),
  },
  {
    law: "a kind that it does not hash is refused with E_CONFIG",
    what: "any kind taken",
    changes: (inner) => ({ open: ({ kind, dim }) => inner.open({ kind: kind === "sparse" ? "sparse" : "dense", dim }) }),
  },
  {
    law: "a configuration of another version is refused with E_CONFIG",
    what: "any version",
    reads: (config) => ({ ...config, version: 1 }),
  },
  {
    law: "a configuration with a value that means nothing is refused with E_CONFIG",
    what: "values replaced by usual ones",
    reads: (config) => ({ ...config, projections: 10 }),
  },
  { law: "the same vector always has the same keys", what: "keys by the call", changes: countsCalls },
  {
    law: "a batch has the keys of its rows one by one, rows ascending",
    what: "the first row of a batch alone",
    changes: (inner) => ({
      keys: (rows, out) => {
        const from = out.count;
        inner.keys(rows, out);
        if (rows.count > 1) out.lo[from] ^= 1;
      },
    }),
  },
  {
    law: "keys are appended, and an empty batch appends none",
    what: "columns cleared",
    changes: (inner) => ({
      keys: (rows, out) => {
        out.clear();
        inner.keys(rows, out);
      },
    }),
  },
  {
    law: "a vector has keys in each table, distinct and no more than keysPerTable",
    what: "two keys where one is declared",
    changes: (inner) => ({
      keys: (rows, out) => {
        for (let r = 0; r < rows.count; r++) out.add(r, 0, 1, 2);
        inner.keys(rows, out);
      },
    }),
  },
  {
    law: "rows are neither changed nor kept",
    what: "rows negated",
    changes: (inner) => ({
      keys: (rows, out) => {
        inner.keys(rows, out);
        if (rows.kind === "dense" || rows.kind === "sparse") rows.values.set(rows.values.map((value) => -value));
      },
    }),
  },
  {
    law: "a sparse vector has the keys of the same dense vector",
    what: "other keys for sparse rows",
    changes: (inner) => ({
      keys: (rows, out) => {
        const from = out.count;
        inner.keys(rows, out);
        if (rows.kind === "sparse") for (let e = from; e < out.count; e++) out.lo[e] ^= 1;
      },
    }),
  },
  {
    law: "its texts are one a table, equal where the keys are equal",
    what: "half a text",
    changes: (inner) => ({ bucketKeys: (vector) => inner.bucketKeys(vector).map((text) => text.slice(5)) }),
  },
  {
    law: "a budget of one probe a table bounds the probes",
    what: "no budget",
    changes: (inner) => ({ probes: (query, directory, _budget, out) => inner.probes(query, directory, 20, out) }),
  },
  {
    law: "a budget above one probe a table bounds the probes",
    what: "no budget",
    changes: (inner) => ({ probes: (query, directory, _budget, out) => inner.probes(query, directory, 20, out) }),
  },
  {
    law: "probes are of its tables and come most promising first",
    what: "scores turned round",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        const from = out.count;
        inner.probes(query, directory, budget, out);
        out.scores.subarray(from, out.count).reverse();
      },
    }),
  },
  {
    law: "the bucket of a stored vector is the first read in each table",
    what: "a fixed bucket first",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        out.add(0, 1, 2, 0);
        inner.probes(query, directory, budget, out);
      },
    }),
  },
  {
    law: "no bucket is read twice",
    what: "the whole table behind its own bucket",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        inner.probes(query, directory, budget, out);
        out.add(0, 0, 0, 1e9, 0);
      },
    }),
  },
  {
    law: "a larger budget reads every bucket that a smaller one reads",
    what: "the best left out where there is room",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        const from = out.count;
        inner.probes(query, directory, budget, out);
        if (budget >= 6) out.lo[from] ^= 1;
      },
    }),
  },
  {
    law: "probes are appended under the number of the hash",
    what: "columns cleared",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        out.clear();
        inner.probes(query, directory, budget, out);
      },
    }),
  },
  { law: "the same query has the same probes, by any instance", what: "probes by the call", changes: countsProbes },
  {
    law: "an empty index answers with nothing",
    what: "a directory that must not be empty",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        if (directory.size(0) === 0) throw new Error("nothing stored");
        inner.probes(query, directory, budget, out);
      },
    }),
  },
  {
    law: "a stored vector is found from itself",
    what: "other keys for queries",
    changes: (inner) => ({
      probes: (query, directory, budget, out) => {
        inner.probes(query, directory, budget, out);
        for (let p = 0; p < out.count; p++) out.hi[p] ^= 0x80000000;
      },
    }),
  },
  {
    law: "deleted vectors are found no more, the others still are",
    what: "nothing read of what has shrunk by half",
    changes: remembersMost,
  },
  { law: "opening again for the same shape changes nothing", what: "other keys once opened again", changes: countsOpenings },
  {
    law: "what is found depends on what is stored, not on how that came about",
    what: "probes by how often it stored",
    changes: countsRows,
  },
  {
    law: "an index opened again by its storage finds the same",
    what: "a configuration that probes otherwise",
    reads: (config) => ({ ...config, seed: 0 }),
  },
];

describe("the hash suite", () => {
  for (const mutant of mutants) {
    it(`finds ${mutant.what} to break the law "${mutant.law}"`, async () => {
      expect(await breaks(mutant.law, (test) => hashSuite({ test, create: () => make(mutant), hashClass: classOf(mutant) }))).toBe(true);
    });
  }

  it("has a mutant for every law", () => {
    const { run } = titles((test) =>
      hashSuite({ test, title: "t", create: () => make({ law: "", what: "" }), hashClass: RandomBinaryProjections }),
    );

    expect(new Set(mutants.map(({ law }) => law))).toEqual(new Set(run.map((title) => title.slice(title.indexOf(": ") + 2))));
  });

  it("shows skipped laws with their reasons, and runs the others", () => {
    const suite = (skip: readonly Skip[]) =>
      titles((test) =>
        hashSuite({ test, title: "t", create: () => make({ law: "", what: "" }), hashClass: RandomBinaryProjections, skip }),
      );

    const all = suite([]);
    const some = suite([{ law: "no bucket is read twice", reason: "it may" }]);

    expect(some.skipped).toEqual([
      "t (dense): no bucket is read twice (skipped: it may)",
      "t (sparse): no bucket is read twice (skipped: it may)",
    ]);
    expect(some.run).toEqual(all.run.filter((title) => !title.endsWith("no bucket is read twice")));
  });

  it("refuses a skip of no law, and one without a reason", () => {
    const suite = (skip: Skip) => () =>
      titles((test) => hashSuite({ test, create: () => make({ law: "", what: "" }), hashClass: RandomBinaryProjections, skip: [skip] }));

    expect(suite({ law: "no such law", reason: "why not" })).toThrow(
      expect.objectContaining({ code: "E_BAD_OPTION", details: { law: "no such law" } }),
    );
    expect(suite({ law: "no bucket is read twice", reason: " " })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
  });
});

function make({ changes }: Mutant): Hash {
  return changed(new RandomBinaryProjections({ name: "rbp", projections: 10, seed: 1 }), changes);
}

function classOf({ changes, reads = (config) => config }: Mutant): HashClass {
  return {
    type: RandomBinaryProjections.type,
    fromConfig: (config) => changed(RandomBinaryProjections.fromConfig(reads(config)), changes),
  };
}

function changed(inner: Hash, changes?: (inner: Hash) => Partial<Hash>): Hash {
  return {
    name: inner.name,
    kinds: inner.kinds,
    tables: inner.tables,
    open: (shape) => inner.open(shape),
    keys: (rows, out) => inner.keys(rows, out),
    probes: (query, directory, budget, out) => inner.probes(query, directory, budget, out),
    bucketKeys: (vector) => inner.bucketKeys(vector),
    config: () => inner.config(),
    ...changes?.(inner),
  };
}

function sharesArray(inner: Hash): Partial<Hash> {
  const shared = Float32Array.of(1, 2, 3);
  return { config: () => ({ ...inner.config(), shared }) };
}

function countsCalls(inner: Hash): Partial<Hash> {
  let calls = 0;
  return {
    keys: (rows, out) => {
      const from = out.count;
      inner.keys(rows, out);
      calls++;
      if (out.count > from) out.lo[from] ^= calls & 1;
    },
  };
}

function countsProbes(inner: Hash): Partial<Hash> {
  let calls = 0;
  return { probes: (query, directory, budget, out) => inner.probes(query, directory, budget - (calls++ & 1), out) };
}

function countsRows(inner: Hash): Partial<Hash> {
  let rowsHashed = 0;
  return {
    keys: (rows, out) => {
      rowsHashed += rows.count;
      inner.keys(rows, out);
    },
    probes: (query, directory, budget, out) => inner.probes(query, directory, rowsHashed > 100 ? budget : 3 * budget, out),
  };
}

function remembersMost(inner: Hash): Partial<Hash> {
  let most = 0;
  return {
    probes: (query, directory, budget, out) => {
      const rows = Array.from(directory.sorted(0)).reduce((sum, i) => sum + directory.countAt(0, i), 0);
      most = Math.max(most, rows);
      if (2 * rows > most) inner.probes(query, directory, budget, out);
    },
  };
}

function countsOpenings(inner: Hash): Partial<Hash> {
  let openings = 0;
  return {
    open: (shape) => {
      openings++;
      inner.open(shape);
    },
    keys: (rows, out) => {
      const from = out.count;
      inner.keys(rows, out);
      if (openings > 1) for (let e = from; e < out.count; e++) out.lo[e] ^= 1;
    },
  };
}
