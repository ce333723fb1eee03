import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { collect, type FormatName, readAll, readVectors, type VectorChunk } from "../../src/readers/index.js";
import { failure, gzip, npy, npyDict } from "./files.js";

const seed = 20_261_123;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nearts-large-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Small whole numbers, which every format holds. */
function valuesOf(count: number): Uint8Array {
  const random = new Random(seed);
  return Uint8Array.from({ length: count }, () => random.below(128));
}

/** A file of rows, each after its number of values where `counted`. */
function fileOf(values: Uint8Array, dim: number, make: (row: Uint8Array) => ArrayBufferView, counted: boolean): Uint8Array {
  const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const rows = Array.from({ length: values.length / dim }, (_, row) => bytesOf(make(values.subarray(row * dim, (row + 1) * dim))));
  const dimBytes = bytesOf(Int32Array.of(dim));
  return Uint8Array.from(Buffer.concat(rows.flatMap((row) => (counted ? [dimBytes, row] : [row]))));
}

const floats = (row: Uint8Array) => Float32Array.from(row);
const files: Record<string, { format: FormatName; bytes: (values: Uint8Array, dim: number) => Uint8Array }> = {
  fvecs: { format: "fvecs", bytes: (values, dim) => fileOf(values, dim, floats, true) },
  bvecs: { format: "bvecs", bytes: (values, dim) => fileOf(values, dim, (row) => row, true) },
  ivecs: { format: "ivecs", bytes: (values, dim) => fileOf(values, dim, (row) => Int32Array.from(row), true) },
  npy: {
    format: "npy",
    bytes: (values, dim) => npy(npyDict("<f4", `(${values.length / dim}, ${dim})`), fileOf(values, dim, floats, false)),
  },
};

describe("A file of several chunks", () => {
  it.each([
    ["fvecs", 100, 26_000],
    ["fvecs", 1, 30_000],
    ["fvecs", 5003, 640],
    ["bvecs", 203, 12_000],
    ["bvecs", 204, 12_000],
    ["ivecs", 99, 26_000],
    ["npy", 98, 26_000],
  ])("of format %s and dimension %i has the same rows from a path, unpacked, and in borrowed chunks", async (name, dim, count) => {
    const values = valuesOf(count * dim);
    const { format, bytes } = files[name];
    const file = bytes(values, dim);
    const path = join(folder, `${name}-${dim}.${format}`);
    await writeFile(path, file);

    const expected = Float32Array.from(values);
    for (const source of [path, file])
      for (const borrowed of [false, true]) {
        let at = 0;
        for await (const { rows } of readVectors(source, { format, borrowed })) {
          expect(rows.dim).toBe(dim);
          expect(equal(rows.values, expected.subarray(at, at + rows.values.length)), `value ${at}, seed ${seed}`).toBe(true);
          at += rows.values.length;
        }
        expect(at).toBe(expected.length);
      }
    for (const source of [path, file]) {
      const { rows } = await readAll(source, { format });
      expect([rows.dim, rows.count, rows.values.length]).toEqual([dim, count, dim * count]);
      expect(equal(rows.values, expected), `seed ${seed}`).toBe(true);
    }
  });

  it("tells how many rows follow, those that are wanted", async () => {
    const path = join(folder, "more.fvecs");
    await writeFile(path, files.fvecs.bytes(valuesOf(512 * 5000), 512));

    const told = async (limit: number) => {
      const seen: (number | undefined)[] = [];
      for await (const { more } of readVectors(path, { limit })) seen.push(more);
      return seen;
    };

    expect(await told(Number.POSITIVE_INFINITY)).toEqual([2952, 904, 0]);
    expect(await told(3000)).toEqual([952, 0]);
    expect((await readAll(path, { limit: 3000 })).rows.values.length).toBe(3000 * 512);
  });

  it.each([
    ["longer", 5],
    ["shorter", 25],
  ])("that is %s than its size said is collected as it is", async (_, more) => {
    const memory = new Float32Array(20);
    async function* chunks(): AsyncGenerator<VectorChunk> {
      for (let first = 0; first < 30; first += 10) {
        memory.forEach((_, i) => {
          memory[i] = first * 2 + i;
        });
        yield { rows: { kind: "dense", dim: 2, count: 10, values: memory }, more: Math.max(0, more - first) };
      }
    }

    const { rows } = await collect(chunks(), "a.fvecs", undefined, true);

    expect(rows.count).toBe(30);
    expect(rows.values).toEqual(Float32Array.from({ length: 60 }, (_, i) => i));
  });

  it("takes turns with two memories where chunks are borrowed, and gives each its own where not", async () => {
    const path = join(folder, "turns.fvecs");
    await writeFile(path, files.fvecs.bytes(valuesOf(64 * 80_000), 64));

    const buffers = async (borrowed: boolean) => {
      const seen: ArrayBufferLike[] = [];
      for await (const { rows } of readVectors(path, { borrowed })) seen.push(rows.values.buffer);
      return { chunks: seen.length, buffers: new Set(seen).size };
    };

    expect(await buffers(false)).toEqual({ chunks: 5, buffers: 5 });
    expect(await buffers(true)).toEqual({ chunks: 5, buffers: 2 });
  });

  it("tells the row of a value that is not finite, and of a count that is another, wherever they are", async () => {
    const [dim, count] = [128, 25_000];
    const whole = files.fvecs.bytes(valuesOf(dim * count), dim);
    const path = join(folder, "damaged.fvecs");
    for (const row of [0, 8191, 8192, 16_500, count - 1]) {
      const damaged = whole.slice();
      new DataView(damaged.buffer).setFloat32(row * 516 + 4 + 77 * 4, Number.NaN, true);
      await writeFile(path, damaged);
      expect((await failure(readAll(path))).details, `row ${row}`).toMatchObject({ row, position: 77 });

      new DataView(damaged.buffer).setInt32(row * 516, 127, true);
      await writeFile(path, damaged);
      const { code, details } = await failure(readAll(path));
      expect({ code, ...details }).toMatchObject(row === 0 ? { code: "E_BAD_FILE" } : { code: "E_BAD_FILE", row, got: 127, expected: 128 });
    }
    await writeFile(path, whole.subarray(0, whole.length - 3));
    expect((await failure(readAll(path))).details).toMatchObject({ row: count - 1, expected: 516, got: 513 });
  });

  it.runIf(existsSync("/proc/self/fd"))("is closed when it is read to its end, left, aborted or refused, packed or not", async () => {
    const bytes = files.fvecs.bytes(valuesOf(64 * 18_000), 64);
    const [path, packed, bad] = ["closed.fvecs", "closed.fvecs.gz", "bad.fvecs"].map((name) => join(folder, name));
    await Promise.all([writeFile(path, bytes), writeFile(packed, gzip(bytes)), writeFile(bad, bytes.subarray(0, 4_000_001))]);

    for (const file of [path, packed]) {
      await readAll(file);
      for await (const _ of readVectors(file)) break;
      const leaving = new AbortController();
      const reading = (async () => {
        for await (const _ of readVectors(file, { signal: leaving.signal })) leaving.abort();
      })();
      await expect(reading).rejects.toThrow("aborted");
    }
    await failure(readAll(bad));

    await expect.poll(() => openFiles(folder)).toEqual([]);
  });
});

function equal(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength)) === 0;
}

/** Files of a folder that this process has open. */
function openFiles(within: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const path = readlinkSync(join("/proc/self/fd", name));
      return path.startsWith(within) ? [path] : [];
    } catch {
      return []; // closed meanwhile
    }
  });
}
