import type { DenseRows } from "nearts";
import { describe, expect, it } from "vitest";
import { makeHashes, nameOf, parseHash } from "../../src/search/hash-spec.js";
import { UsageError } from "../../src/search/usage-error.js";

const sample = (): DenseRows => ({ kind: "dense", dim: 3, count: 4, values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1) });

describe("the names of hashes on the command line", () => {
  it("are filled up with defaults, in the family's order, and read back the same", () => {
    expect(nameOf(parseHash("rbp:tables=3"))).toBe("rbp:bits=10,tables=3,seed=1");
    expect(nameOf(parseHash("exact"))).toBe("exact");
    for (const text of [
      "rdp:width=0.5",
      "pca:bits=3",
      "pcad:width=2",
      "lists:lists=9",
      "tree",
      "perm:neighbours=7",
      "flip",
      "cp:bits=7",
      "l1:width=2",
    ]) {
      const full = nameOf(parseHash(text));
      expect(nameOf(parseHash(full))).toBe(full);
    }
  });

  it("make hashes that work, each under a name of its own", () => {
    const specs = [
      "exact",
      "rbp",
      "rdp:width=1",
      "pca:bits=2",
      "pcad:width=1,projections=2",
      "lists:lists=4",
      "tree",
      "perm",
      "flip",
      "cp",
      "superbit:bits=3",
      "l2:width=1",
      "l1:width=1",
      "itq:bits=2",
      "forest",
      "rbp:seed=2",
    ];

    const hashes = makeHashes(specs.map(parseHash), sample);

    expect(hashes.map(({ name }) => name)).toEqual([...specs.slice(0, -1).map((spec) => spec.split(":")[0]), "rbp-2"]);
    for (const hash of hashes) {
      hash.open({ kind: "dense", dim: 3 });
      const row: DenseRows = { kind: "dense", dim: 3, count: 1, values: Float32Array.of(1, 2, 3) };
      expect(hash.bucketKeys(row)).toHaveLength(hash.tables);
    }
  });

  it.each([
    ["", "no family"],
    ["constructor", "no family"],
    ["rbp:bits=2:tables=3", "no family"],
    ["rbp:", "no option"],
    ["rbp:planes=3", "which has the options bits, tables, seed"],
    ["exact:bits=3", "which has no options"],
    ["rbp:bits", "as in bits=10"],
    ["rbp:bits=", "bits wants a number"],
    ["rbp:bits=many", "bits wants a number"],
    ["rbp:bits=1=2", "bits wants a number"],
    ["rbp:bits=0", "at least 1"],
    ["rbp:bits=2.5", "an integer"],
    ["pca:bits=65", "the limit is 64"],
    ["rdp", "needs width=…"],
    ["rdp:width=0", "above 0"],
  ])("%j is refused as a mistake in usage: %s", (text, message) => {
    expect(() => parseHash(text)).toThrow(UsageError);
    expect(() => parseHash(text)).toThrow(message);
  });
});
