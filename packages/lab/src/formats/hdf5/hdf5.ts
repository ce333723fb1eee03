import type { VectorChunk } from "nearts/readers";
import { badFile, checkFinite } from "../faults.js";
import { chunkBytes, type FileFormat, type FileRequest } from "../file-format.js";
import { Hdf5File } from "./hdf5-file.js";
import { toFloats } from "./to-floats.js";

/** HDF5: the rows of one dataset with two axes, `train` (as in ann-benchmarks) where no other is asked for. What else a file may bring, `readAnnBenchmarks` reads. */
export const hdf5: FileFormat = { name: "hdf5", names: /\.(hdf5|h5)$/, read: readHdf5 };

async function* readHdf5(
  path: string,
  { column = "train", limit, signal, onBytes }: FileRequest,
): AsyncGenerator<VectorChunk, void, undefined> {
  const file = await Hdf5File.open(path);
  try {
    if (column === "train" && file.attribute("type") === "sparse")
      throw badFile(path, "it holds lists (type sparse), no matrix; open it as a data set instead", { type: "sparse" });
    const numbers = file.numbers(column, 2);
    const [rows, dim] = numbers.shape;
    const step = Math.max(1, Math.floor(chunkBytes / (4 * dim)));
    const count = Math.min(rows, limit);
    for (let from = 0; from < count; from += step) {
      signal?.throwIfAborted();
      const to = Math.min(count, from + step);
      const values = toFloats(numbers.read(from, to));
      checkFinite(path, values, dim, from);
      onBytes(Math.round((to / rows) * file.bytes));
      yield { rows: { kind: "dense", dim, count: to - from, values } };
    }
  } finally {
    file.close();
  }
}
