import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DistanceName, Kind } from "nearts";
import { describe, expect, it } from "vitest";
import { library } from "../../src/formats/hdf5/hdf5-file.js";
import { writeHdf5 } from "../../src/formats/hdf5/write-ann-benchmarks.js";
import { type DataSet, exactTruth, openDataSet, readAnnBenchmarks, writeAnnBenchmarks } from "../../src/index.js";
import { complaint, freshFolder } from "../folder.js";
import { Dice, mutate } from "./mutate.js";
import { randomRows } from "./rows.js";

const seed = 5;

function dataSetOf(kind: Kind, distance: DistanceName, dim: number): DataSet {
  const [base, queries] = [randomRows(kind, 40, dim, seed), randomRows(kind, 6, dim, seed + 1)];
  return { name: "small", distance, base, queries, hash: "" };
}

/** A file of its own with what `write` puts into it. */
async function hdf5(write: Parameters<typeof writeHdf5>[1]): Promise<string> {
  const path = join(await freshFolder(), "small.hdf5");
  await writeHdf5(path, write);
  return path;
}

describe("files in the layout of ann-benchmarks", () => {
  const cases: [Kind, DistanceName, number][] = [
    ["dense", "euclidean", 7],
    ["dense", "cosine", 3],
    ["bits", "hamming", 40],
    ["set", "jaccard", 100],
    ["sparse", "inner-product", 100],
  ];

  it.each(cases)("give %s rows and queries back as they were written (%s)", async (kind, distance, dim) => {
    const dataSet = dataSetOf(kind, distance, dim);
    const path = join(await freshFolder(), "small.hdf5");
    await writeAnnBenchmarks(path, dataSet, { k: 1, rows: new Uint32Array(6), distances: new Float64Array(6) });
    const told: unknown[] = [];
    const read = await readAnnBenchmarks(path, { onProgress: (progress) => told.push(progress) });
    expect(read).toEqual({ rows: dataSet.base, queries: dataSet.queries, distance });
    expect(told.at(-1)).toMatchObject({ rows: 46 });
    expect((await readAnnBenchmarks(path, { limit: 9 })).rows.count).toBe(9);
  });

  it("are opened as data sets, with their own queries and distance", async () => {
    const dataSet = dataSetOf("dense", "cosine", 4);
    const path = join(await freshFolder(), "small.hdf5");
    const truth = await exactTruth(dataSet, { k: 3, cache: false });
    await writeAnnBenchmarks(path, dataSet, truth);
    const opened = await openDataSet({ base: path });
    expect(opened).toMatchObject({ name: "small.hdf5", distance: "cosine", base: dataSet.base, queries: dataSet.queries });
  });

  it("are what h5py would read there: names, shapes, types and attributes", async () => {
    const path = join(await freshFolder(), "small.hdf5");
    const dataSet = dataSetOf("set", "jaccard", 50);
    const truth = await exactTruth(dataSet, { k: 3, cache: false });
    await writeAnnBenchmarks(path, dataSet, truth);
    const { File, Dataset } = await library();
    const file = new File(path, "r");
    const layout = Object.fromEntries(
      file.keys().map((name) => {
        const dataset = file.get(name);
        return [name, dataset instanceof Dataset ? `${JSON.stringify(dataset.dtype)} ${dataset.shape?.join()}` : "none"];
      }),
    );
    const attributes = Object.fromEntries(Object.entries(file.attrs).map(([name, { value }]) => [name, value]));
    file.close();
    expect(attributes).toEqual({ type: "sparse", distance: "jaccard", dimension: 50n, point_type: "bit" });
    const { base, queries } = dataSet;
    expect(layout).toEqual({
      train: `"<I" ${base.kind === "set" && base.members.length}`,
      test: `"<I" ${queries.kind === "set" && queries.members.length}`,
      size_train: '"<i" 40',
      size_test: '"<i" 6',
      neighbors: '"<i" 6,3',
      distances: '"<f" 6,3',
    });
  });

  it("may hold float64, int64 and unsorted sets, as older ones do", async () => {
    const dense = await hdf5((file) => {
      file.create_dataset({ name: "train", data: Float64Array.of(0.1, 0.2), shape: [1, 2] });
      file.create_dataset({ name: "test", data: BigInt64Array.of(3n, 4n), shape: [1, 2] });
    });
    expect(await readAnnBenchmarks(dense)).toEqual({
      rows: { kind: "dense", dim: 2, count: 1, values: Float32Array.of(0.1, 0.2) },
      queries: { kind: "dense", dim: 2, count: 1, values: Float32Array.of(3, 4) },
    });
    const sets = await hdf5((file) => {
      file.create_attribute("type", "sparse");
      file.create_attribute("distance", "jaccard");
      for (const name of ["train", "test"]) {
        file.create_dataset({ name, data: BigInt64Array.of(9n, 2n, 2n, 5n), shape: [4] });
        file.create_dataset({ name: `size_${name}`, data: Int32Array.of(3, 0, 1), shape: [3] });
      }
    });
    const expected = { kind: "set", dim: 10, count: 3, offsets: Uint32Array.of(0, 2, 2, 3), members: Uint32Array.of(2, 9, 5) };
    expect(await readAnnBenchmarks(sets)).toEqual({ rows: expected, queries: expected, distance: "jaccard" });
  });
});

describe("damaged files of ann-benchmarks", () => {
  const matrix = (file: Parameters<Parameters<typeof writeHdf5>[1]>[0], name: string, dim = 2, values = new Float32Array(2 * dim)) =>
    file.create_dataset({ name, data: values, shape: [2, dim] });

  it("that lack a dataset, or have one of another form, are refused by its name", async () => {
    const noTest = await hdf5((file) => matrix(file, "train"));
    expect(await complaint(readAnnBenchmarks(noTest))).toMatch(/^E_BAD_FILE .*no dataset test, only train/);
    const flat = await hdf5((file) => file.create_dataset({ name: "train", data: new Float32Array(4), shape: [4] }));
    expect(await complaint(readAnnBenchmarks(flat))).toMatch(/^E_BAD_FILE .*train has the shape \(4\), expected \(rows, dim\)/);
    const text = await hdf5((file) => file.create_dataset({ name: "train", data: ["a", "b"], shape: [2, 1] }));
    expect(await complaint(readAnnBenchmarks(text))).toMatch(/^E_BAD_FILE .*train holds no numbers/);
    const group = await hdf5((file) => file.create_group("train"));
    expect(await complaint(readAnnBenchmarks(group))).toMatch(/^E_BAD_FILE .*train is no dataset/);
  });

  it("with wrong attributes are refused with what was expected", async () => {
    const withAttribute = (name: string, value: string | number) =>
      hdf5((file) => {
        matrix(file, "train");
        matrix(file, "test");
        file.create_attribute(name, value);
      });
    expect(await complaint(readAnnBenchmarks(await withAttribute("distance", "euclid")))).toMatch(/^E_BAD_OPTION "euclid".*euclidean/);
    expect(await complaint(readAnnBenchmarks(await withAttribute("distance", 3)))).toMatch(/^E_BAD_FILE .*attribute distance is 3/);
    expect(await complaint(readAnnBenchmarks(await withAttribute("type", "thin")))).toMatch(
      /^E_BAD_FILE .*"thin", expected "dense" or "sparse"/,
    );
  });

  it("whose parts contradict each other are refused with both values", async () => {
    const dims = await hdf5((file) => [matrix(file, "train", 2), matrix(file, "test", 3)]);
    expect(await complaint(readAnnBenchmarks(dims))).toMatch(/^E_BAD_FILE .*train has 2 dimensions, test 3/);
    const sizes = await hdf5((file) => {
      file.create_attribute("type", "sparse");
      file.create_dataset({ name: "train", data: Int32Array.of(1, 2, 3), shape: [3] });
      file.create_dataset({ name: "size_train", data: Int32Array.of(2, 2), shape: [2] });
    });
    expect(await complaint(readAnnBenchmarks(sizes))).toMatch(/^E_BAD_FILE .*add up to 4, train has 3/);
    const nan = await hdf5((file) => [matrix(file, "train", 2, Float32Array.of(1, 2, 3, Number.NaN)), matrix(file, "test")]);
    expect(await complaint(readAnnBenchmarks(nan))).toMatch(/^E_BAD_FILE .*row 1, position 1 is NaN/);
  });

  it("that claim more than they can hold are refused before anything is allocated", async () => {
    const lying = await hdf5((file) => {
      const train = file.create_dataset({
        name: "train",
        data: new Float32Array(4),
        shape: [2, 2],
        maxshape: [null, null],
        chunks: [64, 64],
      });
      train.resize([1_000_000_000, 784]);
      matrix(file, "test");
    });
    expect(await complaint(readAnnBenchmarks(lying))).toMatch(/^E_BAD_FILE .*train claims 3136000000000 bytes/);
  });

  it("that are no HDF5, cut off or absent are refused in one sentence", async () => {
    const path = await hdf5((file) => [matrix(file, "train"), matrix(file, "test")]);
    await truncate(path, 1000);
    expect(await complaint(readAnnBenchmarks(path))).toMatch(/^E_BAD_FILE .*cannot be opened as HDF5 \(truncated file/);
    await writeFile(path, "no HDF5");
    expect(await complaint(readAnnBenchmarks(path))).toMatch(/^E_BAD_FILE .*file signature not found/);
    expect(await complaint(readAnnBenchmarks("/nowhere/at.hdf5"))).toMatch(/^E_IO /);
  });

  it(`of any damage are read or refused, never anything else (seed ${seed})`, async () => {
    const path = await hdf5((file) => [matrix(file, "train", 20), matrix(file, "test", 20)]);
    const bytes = await readFile(path);
    const dice = new Dice(seed);
    let refused = 0;
    for (let i = 0; i < 120; i++) {
      await writeFile(path, mutate({ bytes }, dice));
      const outcome = await readAnnBenchmarks(path).catch((error: unknown) => String((error as { code?: unknown }).code));
      if (typeof outcome !== "string") continue;
      expect(["E_BAD_FILE", "E_BAD_OPTION"]).toContain(outcome);
      refused++;
    }
    expect(refused).toBeGreaterThan(30);
  });
});
