import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import type { File } from "h5wasm/node";
import { NearError, type Rows, rowAt } from "nearts";
import type { DataSet, Truth } from "../../data.js";
import { nameOfDistance } from "./distances.js";
import { library } from "./hdf5-file.js";

/**
 * Writes a data set with its truth in the HDF5 layout of ann-benchmarks, under its name all at once. Sparse vectors get datasets for their values, which
 * ann-benchmarks has none for. E_IO where it cannot be written, E_UNSUPPORTED for a distance that ann-benchmarks has no name for.
 */
export async function writeAnnBenchmarks(path: string, dataSet: DataSet, truth: Truth): Promise<void> {
  const { base, queries } = dataSet;
  const distance = nameOfDistance(dataSet.distance);
  const flat = base.kind === "set" || base.kind === "sparse";
  await writeHdf5(path, (file) => {
    file.create_attribute("type", flat ? "sparse" : "dense");
    file.create_attribute("distance", distance);
    file.create_attribute("dimension", BigInt64Array.of(BigInt(base.dim)), [], "<q"); // h5py's own integers are of 64 bits
    file.create_attribute("point_type", base.kind === "dense" || base.kind === "sparse" ? "float" : "bit");
    writeRows(file, "train", base);
    writeRows(file, "test", queries);
    const shape = [queries.count, truth.k];
    file.create_dataset({ name: "neighbors", data: Int32Array.from(truth.rows), shape });
    file.create_dataset({ name: "distances", data: Float32Array.from(truth.distances), shape });
  });
}

/** Writes an HDF5 file beside its name and then puts it there; E_IO where that fails, and nothing is left behind. */
export async function writeHdf5(path: string, write: (file: File) => void): Promise<void> {
  const { File } = await library();
  const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = new File(unfinished, "w");
    try {
      write(file);
    } finally {
      file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof NearError) throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NearError("E_IO", `${JSON.stringify(path)} cannot be written: ${reason}`, { path }, { cause: error });
  }
}

function writeRows(file: File, name: "train" | "test", rows: Rows): void {
  switch (rows.kind) {
    case "dense":
      file.create_dataset({ name, data: own(rows.values), shape: [rows.count, rows.dim] });
      return;
    case "bits": {
      const bits = new Uint8Array(rows.count * rows.dim);
      for (let row = 0; row < rows.count; row++) {
        const { words } = rowAt<"bits">(rows, row);
        for (let b = 0; b < rows.dim; b++) bits[row * rows.dim + b] = (words[b >>> 5] >>> (b & 31)) & 1;
      }
      file.create_dataset({ name, data: bits, shape: [rows.count, rows.dim] });
      return;
    }
    case "set":
      writeLists(file, name, rows.offsets, rows.members);
      return;
    case "sparse":
      writeLists(file, name, rows.offsets, rows.indices);
      file.create_dataset({ name: `${name}_values`, data: own(rows.values), shape: [rows.values.length] });
  }
}

function writeLists(file: File, name: "train" | "test", offsets: Uint32Array, members: Uint32Array): void {
  const sizes = Int32Array.from(offsets.subarray(1), (offset, i) => offset - offsets[i]);
  file.create_dataset({ name, data: own(members), shape: [members.length] });
  file.create_dataset({ name: `size_${name}`, data: sizes, shape: [sizes.length] });
}

/** The values in a buffer of their own, which the library copies whole. */
function own<T extends Float32Array | Uint32Array>(values: T): T {
  return values.slice() as T; // a slice is of the same class
}
