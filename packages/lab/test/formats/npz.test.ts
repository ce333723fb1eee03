import { describe, expect, it } from "vitest";
import { complaint } from "../folder.js";
import { fileOf, npy, readWhole, zip } from "./files.js";

const values = Float32Array.from({ length: 12 }, (_, i) => i / 4);
const rows = { kind: "dense", dim: 3, count: 4, values };

describe("npz files", () => {
  it.each([
    ["deflated", {}],
    ["as they are", { method: 0 }],
    ["with the sizes of zip64", { wide: true }],
  ])("give the rows of their only array, %s", async (_how, options) => {
    const told: number[] = [];
    const path = await fileOf("a.npz", zip([["x.npy", npy(4, 3, values)]], options));
    expect(await readWhole(path, { onProgress: ({ bytes }) => told.push(bytes) })).toEqual({ rows });
    expect(told.at(-1)).toBeGreaterThan(0);
  });

  it("give the array that is named where they have several", async () => {
    const path = await fileOf(
      "a.npz",
      zip([
        ["x.npy", npy(4, 3, values)],
        ["y.npy", npy(1, 2, Float32Array.of(1, 2))],
      ]),
    );
    expect((await readWhole(path, { column: "y" })).rows).toMatchObject({ count: 1, dim: 2 });
    expect(await complaint(readWhole(path))).toMatch(/^E_BAD_OPTION .*arrays x, y, and no column is given/);
    expect(await complaint(readWhole(path, { column: "z" }))).toMatch(/^E_BAD_OPTION .*column is "z"/);
  });

  it("stop after as many rows as are wanted", async () => {
    const path = await fileOf("a.npz", zip([["x.npy", npy(4, 3, values)]]));
    expect((await readWhole(path, { limit: 2 })).rows.count).toBe(2);
  });

  const whole = zip([["x.npy", npy(4, 3, values)]]);
  const changed = (at: number, byte: number) => Buffer.concat([whole.subarray(0, at), Buffer.of(byte), whole.subarray(at + 1)]);
  const directory = whole.indexOf(Buffer.of(0x50, 0x4b, 1, 2));

  it.each([
    ["cut off", whole.subarray(0, -1), /does not end as a zip file/],
    ["empty", Buffer.alloc(0), /does not end as a zip file/],
    ["with another checksum", changed(directory + 16, whole[directory + 16] ^ 1), /x.npy has the checksum/],
    ["that hold more than they claim", changed(directory + 24, 9), /holds more than the 9 bytes it claims/],
    ["whose entry lies beyond them", changed(directory + 20, 255), /claims .* bytes at 0, the file has/],
    ["whose entry begins elsewhere", changed(directory + 42, 1), /does not begin where the directory says/],
    ["packed in another way", changed(directory + 10, 14), /method 14, expected 0 or 8/],
    ["encrypted", changed(directory + 8, 1), /encrypted/],
    ["whose directory is none", changed(directory, 0), /entry 0 of its directory is none/],
    ["with damage in what is packed", changed(40, 0), /cannot be unpacked|checksum|holds/],
  ])("%s are refused", async (_how, bytes, message) => {
    const said = await complaint(readWhole(await fileOf("a.npz", bytes)));
    expect(said).toMatch(/^E_BAD_FILE .*a.npz/);
    expect(said).toMatch(message);
  });

  it("that hold a damaged array say which", async () => {
    const path = await fileOf("a.npz", zip([["x.npy", npy(5, 3, values)]]));
    expect(await complaint(readWhole(path))).toMatch(/^E_BAD_FILE .*a.npz", x.npy: .*promises 5 rows, the file holds 4/);
  });
});
