import { expect, test } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { readAll, readVectors } from "../../src/readers/index.js";
import { complaint, concat, failure, gzip, hex, pieces, plain, utf8 } from "./files.js";

const BVECS = hex("02000000 01 02  02000000 03 04  02000000 05 06");
const ROWS = { dim: 2, count: 3, values: [1, 2, 3, 4, 5, 6] };

function read(bytes: Uint8Array): Promise<unknown> {
  return readAll(bytes, { format: "bvecs" }).then(plain);
}

test("gzip is known by its first bytes, in pieces of any size", async () => {
  const packed = gzip(BVECS);

  expect(await read(packed)).toEqual(ROWS);
  expect(plain(await readAll(pieces(...Array.from(packed, (byte) => Uint8Array.of(byte))), { format: "bvecs" }))).toEqual(ROWS);
});

test("members that follow each other are all read, or all refused where the runtime reads one: wherever the pieces are cut", async () => {
  const first = gzip(BVECS.subarray(0, 8));
  const both = concat(first, gzip(BVECS.subarray(8)));

  for (const cut of [1, first.length - 1, first.length, first.length + 1, first.length + 2, both.length - 1]) {
    const reading = readAll(pieces(both.subarray(0, cut), both.subarray(cut)), { format: "bvecs" });
    const outcome = await reading.then(plain, (error: Error) => error.message);
    expect([ROWS, expect.stringContaining("or unpack it first if it has several members")]).toContainEqual(outcome);
  }
});

test("gzip cut off anywhere after its magic is refused", async () => {
  const packed = gzip(BVECS);

  for (let length = 3; length < packed.length; length++) {
    expect(await complaint(read(packed.subarray(0, length)))).toMatch(
      /^E_BAD_FILE the gzipped input is no whole gzip file \(.+\); fetch it again/,
    );
  }
});

test("a wrong checksum, a wrong length and a broken body are refused", async () => {
  const packed = gzip(BVECS);

  for (const at of [12, packed.length - 8, packed.length - 4]) {
    const damaged = Uint8Array.from(packed, (byte, i) => (i === at ? byte ^ 0xff : byte));
    expect((await failure(read(damaged))).code).toBe("E_BAD_FILE");
  }
});

test("something else after the gzip is refused", async () => {
  expect((await failure(read(concat(gzip(BVECS), utf8("more"))))).code).toBe("E_BAD_FILE");
});

test("a row count that looks like gzip, without deflate after it, is a row count", async () => {
  const dim = 0x8b1f;
  const file = concat(hex("1f8b0000"), new Uint8Array(dim).fill(7));

  const { rows } = await readAll(file, { format: "bvecs" });

  expect([rows.dim, rows.count, rows.values[dim - 1]]).toEqual([dim, 1, 7]);
});

test("a content two hundred times larger is streamed in bounded memory", async () => {
  const row = concat(hex("00040000"), new Uint8Array(1024).fill(7));
  const packed = gzip(new Uint8Array(row.length * 2 ** 16).map((_, i) => row[i % row.length]));
  const before = process.memoryUsage().arrayBuffers;
  let rows = 0;
  let most = 0;

  for await (const chunk of readVectors(packed, { format: "bvecs" })) {
    rows += chunk.rows.count;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }

  expect(rows).toBe(2 ** 16);
  expect(packed.length).toBeLessThan(2 ** 19);
  // All of it would be 256 MiB of float32, beside 64 MiB of bytes.
  expect(most).toBeLessThan(2 ** 27);
});

test("the failure of a source within gzip is told as its own", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzip(BVECS).subarray(0, 12);
    throw new Error("the line is dead");
  }

  const error = await failure(readAll(failing(), { format: "bvecs" }));

  expect(error.code).toBe("E_IO");
  expect(error.message).toBe("reading the source failed (the line is dead); check where it comes from and try again");
});

test("leaving early closes a source that is read ahead and silent", async () => {
  let closed = false;
  const packed = gzip(concat(...Array.from({ length: 3000 }, () => concat(hex("00040000"), new Uint8Array(1024)))));
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      let given = false;
      return {
        next: () => {
          if (given) return new Promise(() => {});
          given = true;
          return Promise.resolve({ done: false, value: packed.subarray(0, packed.length - 20) });
        },
        return: () => {
          closed = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };

  for await (const { rows } of readVectors(source, { format: "bvecs" })) {
    expect(rows.count).toBe(1024);
    break;
  }

  expect(closed).toBe(true);
});

test("an aborted reader of gzip rejects with the signal's reason while the source is silent", async () => {
  const controller = new AbortController();
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield gzip(BVECS).subarray(0, 12);
    setTimeout(() => controller.abort(new NearError("E_CLOSED", "enough")), 5);
    await new Promise(() => {});
  }

  await expect(readAll(silent(), { format: "bvecs", signal: controller.signal })).rejects.toThrow("enough");
});
