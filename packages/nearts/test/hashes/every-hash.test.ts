import { describe, expect, it } from "vitest";
import { Keys } from "../../src/core/columns.js";
import type { Hash, HashClass, HashConfig } from "../../src/core/contracts.js";
import { NearError } from "../../src/core/errors.js";
import type { DenseRows, Rows } from "../../src/core/rows.js";
import { CrossPolytope } from "../../src/hashes/cross-polytope.js";
import { HashPermutationMapper } from "../../src/hashes/hash-permutation-mapper.js";
import { HashPermutations } from "../../src/hashes/hash-permutations.js";
import { ITQBinaryProjections } from "../../src/hashes/itq-binary-projections.js";
import { LSHForest } from "../../src/hashes/lsh-forest.js";
import { PStableProjections } from "../../src/hashes/p-stable-projections.js";
import { PCABinaryProjections } from "../../src/hashes/pca-binary-projections.js";
import { PCADiscretizedProjections } from "../../src/hashes/pca-discretized-projections.js";
import { RandomBinaryProjectionTree } from "../../src/hashes/random-binary-projection-tree.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "../../src/hashes/random-discretized-projections.js";
import { SuperBit } from "../../src/hashes/super-bit.js";
import { UniBucket } from "../../src/hashes/uni-bucket.js";
import { entriesOf, keysOf, MapDirectory, probesOf } from "./directory.js";
import { normalRows, sparsed } from "./vectors.js";

const seed = 20_130_301;
const dim = 21;
const name = "h";
const training = normalRows(60, dim, seed);
const rows = normalRows(200, dim, seed + 1, 0.5);

const classes: readonly HashClass[] = [
  CrossPolytope,
  HashPermutationMapper,
  HashPermutations,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjectionTree,
  RandomBinaryProjections,
  RandomDiscretizedProjections,
  ITQBinaryProjections,
  LSHForest,
  PStableProjections,
  SuperBit,
  UniBucket,
];

const child = () => new RandomBinaryProjections({ name: "child", projections: 7, tables: 2, seed: 1 });

/** One of each class, by the name given. */
const makers: Readonly<Record<string, (name: string) => Hash>> = {
  CrossPolytope: (name) => new CrossPolytope({ name, bits: 15, dimension: 16, tables: 3, seed: 5 }),
  HashPermutationMapper: (name) => new HashPermutationMapper({ name, children: [child()] }),
  HashPermutations: (name) => new HashPermutations({ name, children: [child()], permutations: 5, seed: 2 }),
  PCABinaryProjections: (name) => new PCABinaryProjections({ name, projections: 9, training }),
  PCADiscretizedProjections: (name) => new PCADiscretizedProjections({ name, projections: 3, binWidth: 0.75, training }),
  RandomBinaryProjectionTree: (name) => new RandomBinaryProjectionTree({ name, projections: 40, minimumResultSize: 4, tables: 3, seed: 3 }),
  RandomBinaryProjections: (name) => new RandomBinaryProjections({ name, projections: 33, tables: 3, seed: "text" }),
  RandomDiscretizedProjections: (name) =>
    new RandomDiscretizedProjections({ name, projections: 4, binWidth: 1.1, tables: 3, seed: 4, offset: true }),
  ITQBinaryProjections: (name) => new ITQBinaryProjections({ name, projections: 9, tables: 2, rounds: 4, training }),
  LSHForest: (name) => new LSHForest({ name, children: [child()], minimumResultSize: 6 }),
  PStableProjections: (name) => new PStableProjections({ name, distance: "manhattan", projections: 4, binWidth: 40, tables: 3, seed: 6 }),
  SuperBit: (name) => new SuperBit({ name, projections: 33, depth: 20, tables: 3, seed: 7 }),
  UniBucket: (name) => new UniBucket({ name }),
};

function revive(config: HashConfig): Hash {
  const found = classes.find(({ type }) => type === config.type);
  return found === undefined ? expect.fail(`unknown type ${config.type}`) : found.fromConfig(config, revive);
}

function refused(code: string): unknown {
  return expect.objectContaining({ name: "NearError", code });
}

function rowAt(r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * dim, (r + 1) * dim) };
}

describe.each(classes)("$type", (type) => {
  const made = (kind: "dense" | "sparse" = "dense") => {
    const hash = makers[type.type](name);
    hash.open({ kind, dim });
    return hash;
  };

  it("has its own name and says what it hashes", () => {
    expect(made().name).toBe(name);
    expect(made().kinds).toEqual(expect.arrayContaining(["dense", "sparse"]));
  });

  it("gives rows the same keys in a batch as one by one, rows ascending, appended to what is there", () => {
    const hash = made();
    const batch = new Keys();
    batch.add(9, 9, 9, 9);
    hash.keys(rows, batch);
    const single = Array.from({ length: rows.count }, (_, r) =>
      entriesOf(keysOf(hash, rowAt(r))).map((entry) => entry.replace("0", String(r))),
    );

    expect(entriesOf(batch)).toEqual(["9 9 0000000900000009", ...single.flat()]);
    expect(batch.count - 1).toBe(rows.count * hash.tables);
  });

  it("scenario 9: gives the dense and the sparse form of a vector the same keys, whichever it was opened for, and after loading", () => {
    const expected = entriesOf(keysOf(made("dense"), rows));
    for (const kind of ["dense", "sparse"] as const) {
      const loaded = revive(made().config());
      loaded.open({ kind, dim });
      for (const form of [rows, sparsed(rows)]) {
        expect(entriesOf(keysOf(made(kind), form)), `${form.kind} rows, opened for ${kind}`).toEqual(expected);
        expect(entriesOf(keysOf(loaded, form)), `${form.kind} rows, loaded, opened for ${kind}`).toEqual(expected);
      }
    }
  });

  it("reads a stored vector's bucket when that vector is the query, and asks the same for its sparse form", () => {
    const hash = made();
    const directory = new MapDirectory();
    directory.store(hash, rows);
    for (let r = 0; r < rows.count; r += 11) {
      const probes = probesOf(hash, rowAt(r), directory);
      expect(directory.read(probes).flat()).toContain(r);
      expect(probesOf(hash, sparsed(rowAt(r)), directory).sameAs(probes)).toBe(true);
    }
  });

  it("is the same, bit for bit, when made again from its configuration, opened or not", () => {
    for (const hash of [made(), makers[type.type](name)]) {
      const config = hash.config();
      expect(config).toMatchObject({ type: type.type, version: 1, name });
      expect(revive(config).config()).toEqual(config);
    }
    expect(made().config().dim).toBe(dim);
  });

  it("owns the arrays of its configuration, and copies those it is made from", () => {
    const hash = made();
    const expected = entriesOf(keysOf(hash, rows));
    const config = hash.config();
    const loaded = revive(config);
    loaded.open({ kind: "dense", dim });
    for (const value of Object.values(config)) if (value instanceof Float32Array) value.fill(7);

    expect(entriesOf(keysOf(loaded, rows))).toEqual(expected);
    const third = revive(hash.config());
    third.open({ kind: "dense", dim });
    expect(entriesOf(keysOf(third, rows))).toEqual(expected);
  });

  it("takes the same dimension again, and refuses another with both numbers and the remedy", () => {
    const hash = made();
    hash.open({ kind: "dense", dim });
    hash.open({ kind: "sparse", dim });
    const wrong = expect.objectContaining({
      code: "E_CONFIG",
      message: expect.stringMatching(/made for 21 dimensions and cannot take 22: make a new hash/),
    });
    expect(() => hash.open({ kind: "dense", dim: dim + 1 })).toThrow(wrong);
    expect(() => revive(hash.config()).open({ kind: "sparse", dim: dim + 1 })).toThrow(wrong);
    expect(keysOf(hash, rows).count, "and goes on").toBeGreaterThan(0);
  });

  it("refuses to be used before it is opened, and rows of another dimension", () => {
    const closed = makers[type.type](name);
    expect(() => keysOf(closed, rows)).toThrow(refused("E_CONFIG"));
    expect(() => probesOf(closed, rowAt(0))).toThrow(refused("E_CONFIG"));
    expect(() => closed.bucketKeys(rowAt(0))).toThrow(refused("E_CONFIG"));
    const longer = normalRows(1, dim + 1, seed);
    expect(() => keysOf(made(), longer)).toThrow(refused("E_DIM_MISMATCH"));
    expect(() => probesOf(made(), longer)).toThrow(refused("E_DIM_MISMATCH"));
    expect(() => made().bucketKeys(longer)).toThrow(refused("E_DIM_MISMATCH"));
    expect(() => probesOf(made(), rows)).toThrow(refused("E_BAD_VECTOR"));
    expect(() => made().bucketKeys(rows)).toThrow(refused("E_BAD_VECTOR"));
  });

  it("refuses a name that is none", () => {
    for (const bad of ["", "x".repeat(129), 5, null, undefined]) {
      if (bad === undefined && type === UniBucket) continue; // it has a default
      expect(() => makers[type.type](bad as string)).toThrow(refused("E_BAD_OPTION"));
    }
    expect(makers[type.type]("x".repeat(128)).name).toHaveLength(128);
  });

  it("refuses every configuration that is not one of its own", () => {
    const config = made().config();
    for (const [field, value] of Object.entries(config)) {
      for (const bad of [...strangers, ...near(value)]) {
        if (Object.is(bad, value)) continue;
        const changed = { ...config, [field]: bad } as HashConfig; // or what a stranger takes for one
        expect(() => type.fromConfig(changed, revive), `${field} = ${String(bad)}`).toSatisfy((run: () => Hash) =>
          refusesOrKeeps(run, changed),
        );
      }
    }
    for (const none of [null, undefined, 5, "config", []]) {
      expect(() => type.fromConfig(none as unknown as HashConfig, revive)).toThrow(refused("E_CONFIG"));
    }
    expect(() => type.fromConfig({ ...config, version: 2 }, revive)).toThrow(refused("E_CONFIG"));
    expect(() => type.fromConfig({ ...config, type: "Other" }, revive)).toThrow(refused("E_CONFIG"));
  });

  it("misses no field of a configuration silently, but the dimension", () => {
    const config = made().config();
    for (const field of Object.keys(config)) {
      const rest = Object.fromEntries(Object.entries(config).filter(([key]) => key !== field)) as HashConfig;
      if (field === "dim" || field === "components") continue; // a hash that was not opened, or has not learned
      expect(() => type.fromConfig(rest, revive), field).toThrow(refused("E_CONFIG"));
    }
  });
});

const strangers: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  2 ** 53,
  "",
  {},
  [],
  [null],
  new Float32Array(3),
];

/** Values of the right form that are wrong in themselves. */
function near(value: unknown): unknown[] {
  if (!(value instanceof Float32Array)) return [];
  return [value.slice(1), Float64Array.from(value), value.map((x, i) => (i === 2 ? Number.NaN : x)), [...value]];
}

/** Whether a changed configuration is refused with E_CONFIG, or the change is honoured: the hash made has it in its own. */
function refusesOrKeeps(run: () => Hash, changed: HashConfig): boolean {
  try {
    expect(run().config()).toEqual(changed);
    return true;
  } catch (error) {
    return error instanceof NearError && error.code === "E_CONFIG";
  }
}

it("rows of a kind that planes cannot project are refused", () => {
  const bits: Rows = { kind: "bits", dim, count: 1, words: new Uint32Array(1) };
  const hash = makers["RandomBinaryProjections"](name);
  expect(() => hash.open(bits)).toThrow(refused("E_CONFIG"));
  hash.open({ kind: "dense", dim });
  expect(() => keysOf(hash, bits)).toThrow(refused("E_UNSUPPORTED"));
});
