import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "nearts";
import { describe, expect, it } from "vitest";
import { jsonLines, nearts, wideLines } from "./command.js";
import { Folder } from "./files.js";

const folder = Folder.ofFile();

const random = new Random(11);
const sentence = (words: number) => Array.from({ length: words }, () => `word${random.below(3000)}`).join(" ");

/** 600 texts, of which each third is an earlier one with a word changed. */
const texts: string[] = [];
const originals = new Map<number, number>();
for (let i = 0; i < 600; i++) {
  if (i % 3 !== 2) texts.push(sentence(40 + random.below(30)));
  else {
    const original = 3 * random.below(Math.ceil(i / 3));
    originals.set(i, original);
    const words = texts[original].split(" ");
    words[random.below(words.length)] = "changed";
    texts.push(words.join(" "));
  }
}
const lines = texts.map((text, n) => JSON.stringify({ n, body: text }));
const corpus = folder.write("corpus.jsonl.gz", `${lines.join("\n")}\n`);
const others = lines.filter((_, i) => !originals.has(i));

describe("nearts dedup", () => {
  it("prints the lines that stay as they were, and reports the clusters", async () => {
    const report = join(folder.path, "report.txt");

    const { code, out, err } = await nearts([
      "dedup",
      corpus,
      "--field",
      "body",
      "--threshold",
      "0.7",
      "--recall",
      "0.99",
      "--report-to",
      report,
    ]);

    expect({ code, lines: out.trimEnd().split("\n") }).toEqual({ code: 0, lines: others });
    expect(err).toMatch(/400 of 600 documents kept: 200 near-duplicates in \d+ clusters/);
    const text = readFileSync(report, "utf8");
    const [copy, original] = [...originals][0];
    expect(text).toContain(`corpus.jsonl.gz:${copy + 1}`);
    expect(text).toContain(`corpus.jsonl.gz:${original + 1}`);
    expect(text).toMatch(/^ {2}drop 0\.\d{3} {2}/m);
    expect(wideLines(text)).toEqual([]);
  });

  it("keeps the first, the last or the longest of a cluster", async () => {
    const small = folder.write(
      "small.txt",
      "one two three four five six\nseven eight nine ten\none two three four five six !!!\none two three four five six\n",
    );
    const run = async (keep: string) => (await nearts(["dedup", small, "--lines", "--shingle", "words:2", "--keep", keep])).out;

    expect(await run("first")).toBe("one two three four five six\nseven eight nine ten\n");
    expect(await run("last")).toBe("seven eight nine ten\none two three four five six\n");
    expect(await run("longest")).toBe("seven eight nine ten\none two three four five six !!!\n");
  });

  it("takes whole files for documents, and writes what stays to a file once it is all there", async () => {
    const paths = [0, 1, 2].map((i) => folder.write(`files/${i}.md`, texts[i]));
    const out = join(folder.path, "kept.txt");
    const reported = join(folder.path, "report.jsonl");

    const run = await nearts(["dedup", ...paths, "--threshold", "0.7", "--shingle", "chars:6", "--out", out, "--report-to", reported]);

    expect({ code: run.code, out: run.out }).toEqual({ code: 0, out: "" });
    expect(readFileSync(out, "utf8").trimEnd().split("\n")).toEqual(paths.slice(0, 2));
    expect(jsonLines(readFileSync(reported, "utf8"))).toMatchObject([{ keep: paths[0], drop: [{ place: paths[2], near: paths[0] }] }]);
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("says which line of which file is none, and leaves no half of an output", async () => {
    const bad = folder.write("bad.jsonl", '{"text":"fine"}\n{"text":\n');
    const other = folder.write("other.jsonl", '"a text by itself"\n{"body":"fine"}\n');
    const out = join(folder.path, "never.jsonl");

    expect(await nearts(["dedup", bad, "--out", out])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/E_BAD_FILE: .*bad\.jsonl:2 is no JSON/) as string,
    });
    expect(await nearts(["dedup", other, "--out", out])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/other\.jsonl:2 has no text in "text".*--field/) as string,
    });
    expect(await nearts(["dedup", join(folder.path, "absent.txt")])).toMatchObject({
      code: 1,
      err: expect.stringContaining("E_IO") as string,
    });
    expect([existsSync(out), existsSync(`${out}.part`)]).toEqual([false, false]);
  });

  it.each([
    [["--threshold", "0"], "--threshold"],
    [["--shingle", "words"], "words:3"],
    [["--out", corpus], "another name"],
    [["--report-to", corpus], "another name"],
    [["--report-to", "-"], "--report for standard error"],
    [["--out", "kept.jsonl", "--report-to", "./kept.jsonl"], "another name"],
  ])("does not understand %j", async (args, remedy) => {
    const { code, err } = await nearts(["dedup", corpus, ...args]);

    expect(code).toBe(2);
    expect(err).toContain(remedy);
  });

  it("has nothing to drop of an empty file, and drops empty texts but one", async () => {
    const empty = folder.write("empty.jsonl", "");
    const blank = folder.write("blank.jsonl", '{"text":""}\n\n{"text":"  "}\n{"text":"a"}\n');

    expect(await nearts(["dedup", empty])).toMatchObject({ code: 0, out: "" });
    expect((await nearts(["dedup", blank])).out).toBe('{"text":""}\n{"text":"a"}\n');
  });

  // Found in review: signs have no words, and so all were one set without members.
  it("keeps different texts without words, and drops equal ones", async () => {
    const signs = folder.write("signs.txt", "☃☃\n♥♥\n???\n ♥♥\n");

    expect((await nearts(["dedup", signs, "--lines"])).out).toBe("☃☃\n♥♥\n???\n");
  });

  it("prints lines byte by byte as they were, whatever their encoding", async () => {
    const bytes = Buffer.from("\ufeffone two three\ncaf\xe9 au lait\none two three\n", "latin1");
    const latin = folder.write("latin.txt", bytes);
    const out = join(folder.path, "latin.out");

    expect((await nearts(["dedup", latin, "--lines", "--out", out])).code).toBe(0);
    expect(readFileSync(out)).toEqual(bytes.subarray(0, bytes.lastIndexOf("one")));
  });

  it("reads a file once that is given twice, and reports on standard error, whatever follows", async () => {
    const { code, out, err } = await nearts(["dedup", "--report", corpus, corpus, "--field", "body", "--threshold", "0.7"]);

    expect({ code, lines: out.trimEnd().split("\n") }).toEqual({ code: 0, lines: others });
    expect(err).toContain("cluster 1: ");
  });

  it("says that a report cannot be written before anything is printed", async () => {
    const { code, out } = await nearts(["dedup", corpus, "--field", "body", "--report-to", join(folder.path, "absent", "report.txt")]);

    expect({ code, out }).toEqual({ code: 1, out: "" });
  });
});
