import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, nearts, wideLines } from "./command.js";
import { clusters, Folder, fvecs, ivecs, nearest, svmlight } from "./files.js";

interface Answer {
  readonly query: number | string;
  readonly neighbours: readonly { readonly id: number | string; readonly distance: number }[];
}

interface Summary {
  readonly summary: { readonly rows: number; readonly queries: number; readonly hashes: readonly string[]; readonly recall?: number };
}

const DIM = 12;
const rows = clusters(400, DIM, 3);
const queries = clusters(30, DIM, 3).map((row) => row.map((x) => Math.fround(x + 0.01)));
const expected = queries.map((query) => nearest(rows, query, 5));

const folder = Folder.ofFile();
const base = folder.write("base.fvecs.gz", fvecs(rows));
const asked = folder.write("query.fvecs", fvecs(queries));
const truth = folder.write("truth.ivecs", ivecs(expected.map((list) => list.map(({ id }) => id))));
const euclidean = ["--distance", "euclidean", "-k", "5"];

describe("nearts neighbours", () => {
  it("finds the true neighbours without a hash, and prints them as JSON lines with a summary at the end", async () => {
    const { code, out, err } = await nearts(["neighbours", base, asked, ...euclidean, "--json"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = jsonLines(out);
    const answers = lines.slice(0, -1) as Answer[];
    expect(answers.map(({ query }) => query)).toEqual(queries.map((_, q) => q));
    expect(answers.map(({ neighbours }) => neighbours.map(({ id }) => id))).toEqual(expected.map((list) => list.map(({ id }) => id)));
    answers.forEach(({ neighbours }, q) => {
      neighbours.forEach(({ distance }, i) => {
        expect(distance).toBeCloseTo(expected[q][i].distance, 6);
      });
    });
    expect((lines.at(-1) as Summary).summary).toMatchObject({ rows: 400, queries: 30, hashes: ["exact"] });
  });

  it("prints a table of the first queries, the work and the recall", async () => {
    const { code, out } = await nearts(["neighbours", base, asked, ...euclidean, "--truth", truth, "--show", "3"]);

    expect(code).toBe(0);
    const first = expected[0].map(({ id, distance }) => `${id} +${distance.toFixed(4)}`).join(" +");
    expect(out).toMatch(new RegExp(`^ +0 +${first}$`, "m"));
    expect(out).toContain("… and 27 more queries");
    expect(out).toContain("base.fvecs.gz: 400 rows of 12 dimensions, dense");
    expect(out).toMatch(/30 queries in .* queries\/s/);
    expect(out).toContain("recall@5: 1.0000");
    expect(wideLines(out)).toEqual([]);
  });

  it("finds less through buckets than there is, and more with more probes", async () => {
    const recallWith = async (probes: string): Promise<number> => {
      const hash = ["--hash", "rbp:bits=10,tables=2", "--hash", "rbp:bits=12,tables=1,seed=2", "--probes", probes];
      const { out } = await nearts(["neighbours", base, asked, ...euclidean, ...hash, "--truth", truth, "--json"]);
      const { summary } = jsonLines(out).at(-1) as Summary;
      expect(summary.hashes).toEqual(["rbp:bits=10,tables=2,seed=1", "rbp:bits=12,tables=1,seed=2"]);
      return summary.recall ?? Number.NaN;
    };

    const [few, many] = [await recallWith("1"), await recallWith("60")];

    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(many);
    expect(many).toBeLessThanOrEqual(1);
  });

  it("learns principal components from the base", async () => {
    const { code, out } = await nearts([
      "neighbours",
      base,
      asked,
      ...euclidean,
      "--hash",
      "pca:bits=4",
      "--probes",
      "16",
      "--truth",
      truth,
    ]);

    expect(code).toBe(0);
    expect(out).toContain("recall@5: 1.0000"); // 16 probes read all buckets of 4 bits
  });

  it("writes all answers to a file beside the table", async () => {
    const path = join(folder.path, "answers.jsonl");

    const { out } = await nearts(["neighbours", base, asked, ...euclidean, "--out", path, "--show", "1"]);

    expect(out).toContain(`all answers are in ${path}`);
    const answers = jsonLines(readFileSync(path, "utf8")) as Answer[];
    expect(answers.map(({ neighbours }) => neighbours[0].id)).toEqual(expected.map(([first]) => first.id));
  });

  it("keeps to a distance, and says where nothing is within it", async () => {
    const { out } = await nearts(["neighbours", base, asked, "--distance", "euclidean", "--within", "0.0001", "--show", "2"]);

    expect(out).toMatch(/^ +0 +none found$/m);
  });

  it("reads sparse files that end at different dimensions, and the ids that JSON lines give", async () => {
    const sparse = folder.write(
      "base.svm",
      svmlight([
        [1, 0, 0],
        [0, 1, 0],
      ]),
    );
    const wide = folder.write("query.jsonl", '{"id":"far","indices":[1,6],"values":[2,1]}\n{"id":"near","indices":[0],"values":[3]}\n');

    const { code, out } = await nearts(["neighbours", sparse, wide, "-k", "1", "--json"]);

    expect(code).toBe(0);
    const [far, near] = jsonLines(out) as Answer[];
    expect(far.query).toBe("far");
    expect(far.neighbours[0].id).toBe(1);
    expect(far.neighbours[0].distance).toBeCloseTo(1 - 2 / Math.sqrt(5), 6);
    expect(near).toEqual({ query: "near", neighbours: [{ id: 0, distance: 0 }] });
  });

  it("takes the first rows only where a limit says so", async () => {
    const { out } = await nearts(["neighbours", base, asked, ...euclidean, "--limit", "100", "--limit-queries", "2", "--json"]);

    const lines = jsonLines(out);
    expect(lines).toHaveLength(3);
    expect((lines[0] as Answer).neighbours.map(({ id }) => id)).toEqual(nearest(rows.slice(0, 100), queries[0], 5).map(({ id }) => id));
  });

  it("refuses a truth that is about other files", async () => {
    const foreign = folder.write("foreign.ivecs", ivecs(queries.map(() => [399, 400])));
    const short = folder.write("short.ivecs", ivecs([[1, 2]]));

    expect(await nearts(["neighbours", base, asked, "--truth", foreign])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/E_BAD_FILE.*row 400.*has 400/),
    });
    expect(await nearts(["neighbours", base, asked, "--truth", short])).toMatchObject({
      code: 1,
      err: expect.stringContaining("--limit-queries 1"),
    });
  });
});
