import { Random } from "nearts";
import { beforeAll, describe, expect, it } from "vitest";
import { nearts, type Run, wideLines } from "./command.js";
import { Folder } from "./files.js";

const WORDS = "vector bucket table query plane distance index engine storage filter neighbour recall memory page shard token".split(" ");

const folder = Folder.ofFile();

/** A text of `count` words: a third from the list, the others pairs of them that are the seed's own. */
function text(seed: number, count: number): string {
  const random = new Random(seed);
  const word = () => WORDS[random.below(WORDS.length)];
  const own = Array.from({ length: 60 }, () => word() + word());
  return Array.from({ length: count }, (_, i) => (i % 3 === 0 ? word() : own[random.below(own.length)])).join(" ");
}

beforeAll(() => {
  for (const name of ["alpha", "beta", "gamma"]) {
    folder.write(
      `${name}/LICENSE`,
      `Permission is hereby granted, free of charge, to any person obtaining a copy of this software ${text(1, 60)}`,
    );
    folder.write(`${name}/README.md`, `# ${name}\n\nThe ${name} package: ${text(name.charCodeAt(0), 300)}`);
    folder.write(`${name}/lib/index.js`, `export function ${name}() { return "${text(name.charCodeAt(1), 400)}"; }`);
  }
  folder.write("beta/image.png", "not a text");
  folder.write("beta/data.txt", Buffer.from([65, 66, 0, 67])); // binary for all its name
  folder.write("beta/large.md", "word ".repeat(60_000));
  folder.write(".cache/copy.md", text(2, 100));
});

describe("nearts demo", () => {
  const kept = `${folder.path}/.kept`;
  let json: Run;
  let plain: Run;
  beforeAll(async () => {
    json = await nearts(["demo", "--root", folder.path, "--index", kept, "--json"]);
    plain = await nearts(["demo", "--root", folder.path, "--index", kept]);
  });

  it("reads text files, neither hidden nor binary nor large ones", () => {
    expect({ code: json.code, err: json.err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({ root: folder.path, files: 9 });
    expect(plain.out).toContain("Left out: 1 file over 256 KiB.");
  });

  it("groups the files that are nearly the same, and finds as many pairs as exact search", () => {
    const { nearDuplicates } = JSON.parse(json.out) as {
      nearDuplicates: { groups: { paths: string[]; widest: number }[]; byHash: { pairs: number }; exact: { pairs: number } };
    };

    expect(nearDuplicates.groups[0]).toEqual({ widest: 0, paths: ["alpha/LICENSE", "beta/LICENSE", "gamma/LICENSE"] });
    expect(nearDuplicates.byHash.pairs).toBe(nearDuplicates.exact.pairs);
  });

  it("tells of similar files, never of a file as similar to itself or to its own copies", () => {
    const { similar } = JSON.parse(json.out) as { similar: { kind: string; path: string; similar: { path: string; sparse: number }[] }[] };

    expect(similar.map(({ kind }) => kind)).toContain("a README");
    for (const story of similar) {
      expect(story.similar.length).toBeGreaterThan(0);
      expect(story.similar.map(({ path }) => path)).not.toContain(story.path);
      expect(story.similar.map(({ sparse }) => sparse)).toEqual(story.similar.map(({ sparse }) => sparse).sort((a, b) => a - b));
    }
  });

  it("compares engines on both kinds of vector, exact search first and without a miss", () => {
    const { engines } = JSON.parse(json.out) as {
      engines: { vectors: string; hash: string; recall: number; candidates: number; stored: number }[];
    };

    for (const kind of ["dense", "sparse"]) {
      const [exact, ...hashed] = engines.filter(({ vectors }) => vectors === kind);
      expect(exact).toMatchObject({ hash: "exact", recall: 1, candidates: exact.stored });
      expect(hashed.length).toBeGreaterThanOrEqual(4);
      for (const { recall, candidates } of hashed) {
        expect(recall).toBeLessThanOrEqual(1);
        expect(candidates).toBeLessThanOrEqual(exact.stored);
      }
    }
  });

  it("prints a report without colours where nobody looks, within 100 columns", () => {
    expect(plain.code).toBe(0);
    for (const title of [
      "The text files under",
      "Similar files",
      "Near-duplicate files",
      "An index that stays",
      "Engines against exact search",
      "How to read it",
    ]) {
      expect(plain.out).toContain(`\n${title}`);
    }
    expect(plain.out).toMatch(/^exact +1 +[\d.]+ m?s +1 +(\d+) +1\.0 +\1 +1\.000/m);
    expect(plain.out).not.toContain("\x1b[");
    expect(wideLines(plain.out.replaceAll(kept, "").replaceAll(folder.path, ""))).toEqual([]);
  });

  it("keeps an index that the second run opens in place of making it again", () => {
    const { index } = JSON.parse(json.out) as { index: { made: boolean; vectors: number; recall: number; folder: string } };

    expect(index).toMatchObject({ made: true, folder: kept });
    expect(index.vectors).toBeGreaterThan(20);
    expect(index.recall).toBeGreaterThan(0.9);
    expect(plain.out).toContain("An earlier run has stored the pages: opened in");
  });

  it("finds the same on every run", async () => {
    const again = JSON.parse((await nearts(["demo", "--root", folder.path, "--index", kept, "--json"])).out) as {
      similar: unknown;
      nearDuplicates: { groups: unknown };
    };
    const first = JSON.parse(json.out) as { similar: unknown; nearDuplicates: { groups: unknown } };

    expect(again.similar).toEqual(first.similar);
    expect(again.nearDuplicates.groups).toEqual(first.nearDuplicates.groups);
  });

  it("refuses a folder that holds too little, and one that is not there", async () => {
    const few = Folder.ofTest();
    few.write("a.md", text(1, 50));

    expect(await nearts(["demo", "--root", few.path])).toMatchObject({ code: 1, out: "", err: expect.stringContaining("E_NOT_FOUND") });
    const absent = `${few.path}/absent`;
    expect(await nearts(["demo", "--root", absent])).toMatchObject({ code: 1, out: "", err: expect.stringContaining("E_IO") });
  });
});
