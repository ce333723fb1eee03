import { stat } from "node:fs/promises";
import type { Dataset, File } from "h5wasm/node";
import { NearError } from "nearts";
import { badFile, fileFault } from "../faults.js";

/** Most that deflate makes of a byte, and a little: a file of so many bytes cannot hold more, whatever it claims. */
const mostExpansion = 1100;

/** Numbers of a dataset, as the file has them. */
export type Numbers = ArrayLike<number> | BigInt64Array | BigUint64Array;

/** An HDF5 file that is read: what it names is checked before any of it is believed. */
export class Hdf5File {
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly #file: File;

  private constructor(path: string, file: File, bytes: number) {
    this.path = path;
    this.#file = file;
    this.bytes = bytes;
  }

  /** Opens a file, which is to be closed. E_IO where there is none, E_BAD_FILE where it is no HDF5 file. */
  static async open(path: string): Promise<Hdf5File> {
    const { size } = await stat(path).catch((error: unknown) => {
      throw fileFault(path, error, "it cannot be found");
    });
    const { File } = await library();
    return new Hdf5File(
      path,
      guarded(path, "it cannot be opened as HDF5", () => new File(path, "r")),
      size,
    );
  }

  close(): void {
    this.#file.close();
  }

  /** The attribute of the file with this name; undefined where there is none. E_BAD_FILE where it is neither text nor a number. */
  attribute(name: string): string | number | undefined {
    const value: unknown = guarded(this.path, `its attribute ${name} cannot be read`, () =>
      Object.hasOwn(this.#file.attrs, name) ? this.#file.attrs[name].value : undefined,
    );
    if (value === undefined || typeof value === "string" || typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    throw badFile(this.path, `its attribute ${name} is a ${value === null ? "null" : typeof value}, expected text or a number`, { name });
  }

  has(name: string): boolean {
    return guarded(this.path, "its datasets cannot be listed", () => this.#file.keys().includes(name));
  }

  /** A dataset of numbers with so many axes; E_BAD_FILE where it is missing, of another form, or larger than the file can hold. */
  numbers(name: string, axes: 1 | 2): Hdf5Numbers {
    if (!this.has(name)) {
      const there = this.#file.keys().join(", ") || "none";
      throw badFile(this.path, `it has no dataset ${name}, only ${there}; ann-benchmarks files have train and test`, { name });
    }
    const dataset = guarded(this.path, `its dataset ${name} cannot be read`, () => this.#file.get(name));
    if (dataset === null || !("shape" in dataset) || !("slice" in dataset)) throw badFile(this.path, `${name} is no dataset`, { name });
    const shape = guarded(this.path, `the shape of ${name} cannot be read`, () => dataset.shape) ?? [];
    if (shape.length !== axes)
      throw badFile(this.path, `${name} has the shape (${shape.join(", ")}), expected ${axes === 1 ? "one axis" : "(rows, dim)"}`, {
        name,
        shape,
      });
    const { size, type } = dataset.metadata;
    if (![0, 1, 8].includes(type)) throw badFile(this.path, `${name} holds no numbers`, { name });
    const bytes = shape.reduce((product, length) => product * length, size);
    if (bytes > this.bytes * mostExpansion) {
      const sentence = `${name} claims ${bytes} bytes, more than a file of ${this.bytes} bytes can hold; it is damaged, or was never written whole`;
      throw badFile(this.path, sentence, { name, claimed: bytes, got: this.bytes });
    }
    return new Hdf5Numbers(this.path, name, dataset, shape);
  }
}

/** A dataset of numbers, read piece by piece. */
export class Hdf5Numbers {
  readonly shape: readonly number[];
  readonly #path: string;
  readonly #name: string;
  readonly #dataset: Dataset;

  constructor(path: string, name: string, dataset: Dataset, shape: readonly number[]) {
    this.shape = shape;
    this.#path = path;
    this.#name = name;
    this.#dataset = dataset;
  }

  /** The numbers of `from … to)` along the first axis, in an array of their own. */
  read(from: number, to: number): Numbers {
    const ranges: [number, number][] = this.shape.map((length, axis) => (axis === 0 ? [from, to] : [0, length]));
    const values: unknown = guarded(this.#path, `${this.#name} cannot be read`, () => this.#dataset.slice(ranges));
    if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return values as unknown as Numbers; // every other view is a typed array
    if (Array.isArray(values)) return Float64Array.from(values, Number);
    throw badFile(this.#path, `${this.#name} holds no numbers that can be read`, { name: this.#name });
  }
}

/** The HDF5 library, loaded on first use, told to throw what it would print. */
export async function library(): Promise<typeof import("h5wasm/node")> {
  const module = await import("h5wasm/node");
  (await module.ready).activate_throwing_error_handler();
  return module;
}

/** Calls the library; what it throws names the file. The innermost line of its report says most. */
function guarded<T>(path: string, what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof NearError) throw error;
    const report = error instanceof Error ? error.message : String(error);
    const innermost = /.*#\d+: .*\(\): (.*)/s.exec(report)?.[1].split("\n")[0] ?? report.split("\n")[0];
    throw badFile(path, `${what} (${innermost.slice(0, 200)}); it is damaged or not HDF5`, {}, error);
  }
}
