import { expect, it } from "vitest";
import { UniBucket } from "../../src/hashes/uni-bucket.js";
import { entriesOf, keysOf, MapDirectory, probesOf } from "./directory.js";
import { normalRows } from "./vectors.js";

it("scenario 11: UniBucket puts all vectors in one bucket, called as itself, and reads it all", () => {
  const hash = new UniBucket({ name: "exact" });
  hash.open({ kind: "dense", dim: 4 });
  const rows = normalRows(30, 4, 1);
  const directory = new MapDirectory();
  directory.store(hash, rows);

  const read = directory.read(probesOf(hash, normalRows(1, 4, 2), directory));

  expect(read).toEqual([Array.from({ length: 30 }, (_, r) => r)]);
  expect(hash.bucketKeys(normalRows(1, 4, 2))).toEqual(["exact"]);
});

it("UniBucket takes vectors of every kind and is called all where no name is given", () => {
  const sets = { kind: "set", dim: 2 ** 32, count: 2, offsets: Uint32Array.of(0, 1, 2), members: Uint32Array.of(7, 2 ** 32 - 1) } as const;
  const bits = { kind: "bits", dim: 33, count: 2, words: new Uint32Array(4) } as const;
  for (const rows of [sets, bits]) {
    const hash = new UniBucket();
    hash.open(rows);
    expect(hash.name).toBe("all");
    expect(entriesOf(keysOf(hash, rows))).toEqual(["0 0 0000000000000000", "1 0 0000000000000000"]);
  }
});
