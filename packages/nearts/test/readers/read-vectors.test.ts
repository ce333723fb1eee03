import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FORMAT_NAMES,
  type FormatName,
  type ReadProgress,
  readAll,
  readVectors,
  type Source,
  type VectorOptions,
} from "../../src/readers/index.js";
import { complaint, concat, failure, gzip, hex, npy, npyDict, pieces, plain, utf8 } from "./files.js";

const FILES: Readonly<Record<FormatName, Uint8Array>> = {
  fvecs: hex("02000000 0000803f 000000c0   02000000 0000003f 0000c842"),
  bvecs: hex("03000000 00 01 ff   03000000 02 80 7f"),
  ivecs: hex("02000000 07000000 ffffffff   02000000 ffffff7f 00000080"),
  npy: npy(npyDict(">f2", "(2, 2)"), hex("3c00 c000 3800 4200")),
  idx: hex("00000b03 00000002 00000001 00000002  0000 0001 fffe 8000"),
  svmlight: utf8("\ufeff# é\r\n+1 qid:3 1:1.25 7:-2e-3 # x\n\n-1,2\n0 2:0.1"),
  jsonl: utf8('\ufeff{"id": "é", "vector": [1, 2e-1], "data": {"a": "ü"}}\r\n\n[3, 4]'),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nearts-readers-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowCounts(source: Source, options: VectorOptions): Promise<number[]> {
  const counts: number[] = [];
  for await (const { rows } of readVectors(source, options)) counts.push(rows.count);
  return counts;
}

test.each(FORMAT_NAMES)("a file of format %s cut in two at any byte, or into single bytes, gives the same rows", async (format) => {
  const bytes = FILES[format];
  const whole = plain(await readAll(bytes, { format }));

  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(plain(await readAll(pieces(bytes.subarray(0, cut), bytes.subarray(cut)), { format }))).toEqual(whole);
  }
  expect(plain(await readAll(pieces(...Array.from(bytes, (byte) => Uint8Array.of(byte))), { format }))).toEqual(whole);
});

test.each(FORMAT_NAMES)(
  "a file of format %s cut short at any byte gives fewer rows or E_BAD_FILE, the same however it is cut up",
  async (format) => {
    const bytes = FILES[format];
    const outcome = (source: Source) =>
      readAll(source, { format }).then(
        (chunk) => JSON.stringify(plain(chunk)),
        (error: Error) => String(error),
      );

    for (let length = 0; length < bytes.length; length++) {
      const short = bytes.subarray(0, length);
      const whole = await outcome(short);
      expect(await outcome(pieces(...Array.from(short, (byte) => Uint8Array.of(byte))))).toBe(whole);
      expect(whole).not.toBe(await outcome(bytes));
    }
  },
);

test.each([
  ["a.fvecs", "fvecs"],
  ["a.BVECS", "bvecs"],
  ["neighbors.ivecs.gz", "ivecs"],
  ["a.npy", "npy"],
  ["t10k-images-idx3-ubyte", "idx"],
  ["t10k-images.idx3-ubyte.gz", "idx"],
  ["a.idx", "idx"],
  ["a.svm", "svmlight"],
  ["a.svmlight.gz", "svmlight"],
  ["a.libsvm", "svmlight"],
  ["a.jsonl", "jsonl"],
  ["a.ndjson.gz", "jsonl"],
] as const)("a file named %s is read as %s, gzipped or not as its content says", async (name, format) => {
  const path = join(folder, name);
  const expected = plain(await readAll(FILES[format], { format }));

  await writeFile(path, FILES[format]);
  expect(plain(await readAll(path))).toEqual(expected);
  await writeFile(path, gzip(FILES[format]));
  expect(plain(await readAll(path))).toEqual(expected);
});

test("npy and idx are known by their content, gzipped too", async () => {
  for (const format of ["npy", "idx"] as const) {
    const expected = plain(await readAll(FILES[format], { format }));
    expect(plain(await readAll(FILES[format]))).toEqual(expected);
    expect(plain(await readAll(gzip(FILES[format])))).toEqual(expected);
  }
});

test("an input whose format nothing tells is refused, naming the formats", async () => {
  expect(await complaint(readAll(FILES.fvecs))).toBe(
    "E_BAD_OPTION neither name nor content of the input tells its format; pass format: one of fvecs, bvecs, ivecs, npy, idx, svmlight, jsonl",
  );
  const path = join(folder, "vectors.bin");
  await writeFile(path, FILES.fvecs);
  expect(await complaint(readAll(path))).toContain(`E_BAD_OPTION neither name nor content of ${JSON.stringify(path)} tells`);
  expect(plain(await readAll(path, { format: "fvecs" }))).toEqual(plain(await readAll(FILES.fvecs, { format: "fvecs" })));
});

test("errors name the file", async () => {
  const path = join(folder, "short.fvecs");
  await writeFile(path, FILES.fvecs.subarray(0, 20));

  const error = await failure(readAll(path));

  expect(error.message).toBe(
    `${JSON.stringify(path)} (fvecs): row 1 takes 12 bytes, the file has 8 left; it is cut off, fetch or write it again`,
  );
  expect(error.details).toMatchObject({ file: path, format: "fvecs", row: 1, offset: 12 });
});

test("a path that leads nowhere is E_IO", async () => {
  expect((await failure(readAll(join(folder, "nothing.fvecs")))).code).toBe("E_IO");
});

test.each([
  [{ format: "csv" }, 'format is "csv", expected one of fvecs, bvecs, ivecs, npy, idx, svmlight, jsonl'],
  [{ format: "__proto__" }, 'format is "__proto__", expected one of'],
  [{ format: "fvecs", limit: 0 }, "limit is 0, expected a whole number of rows from 1, or Infinity"],
  [{ format: "fvecs", limit: 1.5 }, "limit is 1.5, expected"],
  [{ format: "fvecs", limit: Number.NaN }, "limit is NaN, expected"],
  [{ format: "fvecs", dim: -1 }, "dim is -1, expected a whole number from 1 to 4294967295"],
  [{ format: "fvecs", dim: 2 ** 32 }, "dim is 4294967296, expected"],
  [{ format: "svmlight", zeroBased: "yes" }, 'zeroBased is "yes", expected true or false'],
])("options %j are refused", async (options, sentence) => {
  // The cast is the point: these are what a program without types passes.
  expect(await complaint(readAll(FILES.fvecs, options as VectorOptions))).toContain(`E_BAD_OPTION ${sentence}`);
});

test("whether chunks are borrowed is yes or no", async () => {
  expect(await complaint(rowCounts(FILES.fvecs, { format: "fvecs", borrowed: 1 as never }))).toContain(
    "E_BAD_OPTION borrowed is 1, expected true or false",
  );
});

test.each([
  ["nothing", undefined, "source is undefined, expected a path, a Uint8Array, or a stream or async iterable of them"],
  ["a number", 7, "source is 7, expected"],
  ["an array", [1], "source is Array(1), expected"],
  [
    "a stream of text",
    { [Symbol.asyncIterator]: () => pieces("[1]" as never) },
    'the source gave "[1]", expected Uint8Array pieces; pass a stream of bytes',
  ],
])("%s is no source", async (_what, source, sentence) => {
  expect(await complaint(readAll(source as never, { format: "jsonl" }))).toContain(`E_BAD_OPTION ${sentence}`);
});

test("a web stream is a source, and is cancelled when left early", async () => {
  let cancelled = false;
  const stream = (bytes: Uint8Array) =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes),
      cancel: () => {
        cancelled = true;
      },
    });

  expect(plain(await readAll(stream(FILES.bvecs), { format: "bvecs", limit: 3 }))).toMatchObject({ count: 3 });
  expect(cancelled).toBe(true);
  const locked = stream(FILES.bvecs);
  locked.getReader();
  expect(await complaint(readAll(locked, { format: "bvecs" }))).toContain("E_BAD_OPTION source is a stream that is locked");
});

test("an async iterable is closed when the reader is left early, and when the bytes are bad", async () => {
  const closed: string[] = [];
  async function* source(name: string, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield bytes;
    } finally {
      closed.push(name);
    }
  }

  const many = concat(...Array.from({ length: 5000 }, () => FILES.bvecs));

  await readAll(source("limit", many), { format: "bvecs", limit: 3 });
  for await (const _ of readVectors(source("break", many), { format: "bvecs" })) break;
  await failure(readAll(source("damage", utf8("x\n")), { format: "jsonl" }));

  expect(closed).toEqual(["limit", "break", "damage"]);
});

test("what a source throws becomes E_IO with its cause, a NearError stays as it is", async () => {
  const cause = new TypeError("terminated");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield FILES.bvecs;
    throw cause;
  }

  const error = await failure(readAll(failing(), { format: "bvecs" }));

  expect(error.code).toBe("E_IO");
  expect(error.cause).toBe(cause);
});

test("chunks hold about 4 MiB of rows each, in file order, with arrays of their own", async () => {
  const dim = 1024;
  const rows = 2500;
  const file = concat(...Array.from({ length: rows }, (_, i) => concat(hex("00040000"), new Uint8Array(dim).fill(i))));

  const counts: number[] = [];
  const firsts: number[] = [];
  const buffers = new Set<unknown>();
  for await (const chunk of readVectors(file, { format: "bvecs" })) {
    counts.push(chunk.rows.count);
    firsts.push(chunk.rows.values[0]);
    buffers.add(chunk.rows.values.buffer);
  }

  expect(counts).toEqual([1024, 1024, 452]);
  expect(firsts).toEqual([0, 0, 0]);
  expect(buffers.size).toBe(3);
  const whole = await readAll(file, { format: "bvecs" });
  expect(Array.from({ length: rows }, (_, i) => whole.rows.values[i * dim + 5])).toEqual(Array.from({ length: rows }, (_, i) => i % 256));
});

test("readAll joins chunks of sparse rows, ids and data", async () => {
  const count = 70_000;
  const line = (i: number) =>
    JSON.stringify({ indices: [i % 10, 10 + (i % 7)], values: [i, 1], ...(i >= 65_000 && { id: i, data: { i } }) });
  const file = utf8(Array.from({ length: count }, (_, i) => line(i)).join("\n"));

  expect((await rowCounts(file, { format: "jsonl" })).length).toBeGreaterThan(1);
  const { rows, ids, data } = await readAll(file, { format: "jsonl" });

  if (rows.kind !== "sparse") throw new Error("rows are not sparse");
  expect([rows.dim, rows.count, rows.offsets.length, rows.offsets[count]]).toEqual([17, count, count + 1, 2 * count]);
  for (const i of [0, 30_000, 64_999, 65_000, count - 1]) {
    expect(rows.offsets[i]).toBe(2 * i);
    expect(Array.from(rows.indices.subarray(2 * i, 2 * i + 2))).toEqual([i % 10, 10 + (i % 7)]);
    expect(rows.values[2 * i]).toBe(i);
    expect([ids?.[i], data?.[i]]).toEqual(i < 65_000 ? [undefined, undefined] : [i, { i }]);
  }
  expect([ids?.length, data?.length]).toEqual([count, count]);
});

test("limit ends inside a chunk, at its end, and beyond the file", async () => {
  for (const format of FORMAT_NAMES) {
    expect((await readAll(FILES[format], { format, limit: 1 })).rows.count).toBe(1);
    const { count } = (await readAll(FILES[format], { format })).rows;
    expect((await readAll(FILES[format], { format, limit: count })).rows.count).toBe(count);
    expect((await readAll(FILES[format], { format, limit: count + 1 })).rows.count).toBe(count);
  }
});

test("progress counts rows and the source's bytes, whose total is known in memory", async () => {
  const seen: ReadProgress[] = [];
  const file = concat(...Array.from({ length: 3000 }, () => concat(hex("00040000"), new Uint8Array(1024))));

  await readAll(file, { format: "bvecs", onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ rows }) => rows)).toEqual([1024, 2048, 3000]);
  expect(seen.map(({ totalBytes }) => totalBytes)).toEqual([file.length, file.length, file.length]);
  expect(seen[0].bytes).toBeLessThanOrEqual(file.length);
  expect(seen[2].bytes).toBe(file.length);

  const packed = gzip(file);
  seen.length = 0;
  await readAll(pieces(packed), { format: "bvecs", onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual({ rows: 3000, bytes: packed.length });
});

test("an aborted signal rejects with its reason: before, between chunks, and while the source is silent", async () => {
  const reason = new Error("no more");
  const file = concat(...Array.from({ length: 3000 }, () => concat(hex("00040000"), new Uint8Array(1024))));

  await expect(readAll(file, { format: "bvecs", signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

  const between = new AbortController();
  const rows: number[] = [];
  const reading = (async () => {
    for await (const chunk of readVectors(file, { format: "bvecs", signal: between.signal })) {
      rows.push(chunk.rows.count);
      between.abort(reason);
    }
  })();
  await expect(reading).rejects.toBe(reason);
  expect(rows).toEqual([1024]);

  const silent = new AbortController();
  setTimeout(() => silent.abort(reason), 5);
  const stream = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  await expect(readAll(stream, { format: "bvecs", signal: silent.signal })).rejects.toBe(reason);
});
