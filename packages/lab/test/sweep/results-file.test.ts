import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/results.js";
import { ResultsFile } from "../../src/sweep/results-file.js";
import { failure, freshFolder } from "../folder.js";
import { resultWith } from "./result.js";

describe("ResultsFile", () => {
  it("adds lines to what is there, and makes folders", async () => {
    const path = join(await freshFolder(), "deep", "down", "results.jsonl");
    await added(path, [resultWith({ key: "a" }), resultWith({ key: "b" })]);
    await added(path, [resultWith({ key: "c" })]);

    expect(
      (await readFile(path, "utf8"))
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as Result).key),
    ).toEqual(["a", "b", "c"]);
    expect(await keysIn(path)).toEqual(["a", "b", "c"]);
  });

  it("removes a last line that was torn anywhere, in the middle of a letter too", async () => {
    const line = Buffer.from(`${JSON.stringify(resultWith({ key: "torn µs" }))}\n`);
    const micro = line.indexOf(Buffer.from("µ"));
    for (const length of [1, 20, micro + 1, line.length - 3]) {
      const path = join(await freshFolder(), "results.jsonl");
      await added(path, [resultWith({ key: "a" })]);
      await appendFile(path, line.subarray(0, length));

      expect(await keysIn(path)).toEqual(["a"]);
      await added(path, [resultWith({ key: "b" })]);
      expect(await keysIn(path)).toEqual(["a", "b"]);
    }
  });

  it("keeps a last line that lacks its end of line only", async () => {
    const path = join(await freshFolder(), "results.jsonl");
    await writeFile(path, JSON.stringify(resultWith({ key: "a" })));
    await added(path, [resultWith({ key: "b" })]);

    expect(await keysIn(path)).toEqual(["a", "b"]);
  });

  it("refuses what is no file of results, and leaves it as it was", async () => {
    const path = join(await freshFolder(), "results.jsonl");
    await writeFile(path, "my notes\nmore of them\n");

    expect((await failure(ResultsFile.open(path))).code).toBe("E_BAD_FILE");
    expect(await readFile(path, "utf8")).toBe("my notes\nmore of them\n");
    expect((await failure(ResultsFile.open(join(path, "below")))).code).toBe("E_IO");
  });
});

async function added(path: string, results: readonly Result[]): Promise<void> {
  const file = await ResultsFile.open(path);
  for (const result of results) await file.append(result);
  await file.close();
}

async function keysIn(path: string): Promise<string[]> {
  const file = await ResultsFile.open(path);
  await file.close();
  return file.before.map(({ key }) => key);
}
