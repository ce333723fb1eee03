import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IN_MEMORY, RedisServer } from "../../nearts/test/servers/redis-server.js";
import { jsonLines, nearts, wideLines } from "./command.js";
import { clusters, Folder, fvecs, nearest } from "./files.js";

const DIM = 12;
const rows = clusters(2500, DIM, 3);
const queries = clusters(20, DIM, 3).map((row) => row.map((x) => Math.fround(x + 0.01)));
const expected = queries.map((query) => nearest(rows, query, 5).map(({ id }) => id));

const folder = Folder.ofFile();
const base = folder.write("base.fvecs", fvecs(rows));
const asked = folder.write("query.fvecs", fvecs(queries));
const place = join(folder.path, "index");
let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
});
afterAll(() => server.stop());

interface Answer {
  readonly neighbours: readonly { readonly id: number | string }[];
}

/** Share of the true neighbours that an index finds. */
async function recallOf(where: readonly string[]): Promise<number> {
  const { out, code, err } = await nearts(["query", ...where, asked, "-k", "5", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const answers = jsonLines(out).slice(0, -1) as Answer[];
  const hits = answers.map(({ neighbours }, q) => neighbours.filter(({ id }) => expected[q].includes(id as number)).length);
  return hits.reduce((sum, hit) => sum + hit, 0) / (5 * queries.length);
}

describe("an index in a folder", () => {
  it("is made from a file, learns, and says so within 100 columns", async () => {
    const { code, out, err } = await nearts(["index", base, "--to", place, "--distance", "euclidean", "--recall", "0.9"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("2,500 rows stored in");
    expect(out).toContain("a new index, 2,500 vectors now");
    expect(out).toContain("Learned:");
    expect(wideLines(out.replaceAll(folder.path, "").replace(/^(Codes|Tuned|Queries).*$/gm, ""))).toEqual([]);
  });

  it("answers another process, which opens it for reading", async () => {
    expect(await recallOf([place])).toBeGreaterThan(0.85);
  });

  it("stores nothing twice when the same file comes again", async () => {
    const { out } = await nearts(["index", base, "--to", place, "--json"]);

    expect(JSON.parse(out)).toMatchObject({ existed: true, before: 2500, stored: 0, size: 2500 });
  });

  it("goes on where a first part of the file ended", async () => {
    const other = join(folder.path, "parts");
    await nearts(["index", base, "--to", other, "--distance", "euclidean", "--limit", "1000", "--json"]);
    const { out } = await nearts(["index", base, "--to", other, "--json"]);

    expect(JSON.parse(out)).toMatchObject({ before: 1000, stored: 1500, size: 2500 });
  });

  it("says what it holds, how it is searched and what it takes", async () => {
    const { out } = await nearts(["info", place]);
    const json = JSON.parse((await nearts(["info", place, "--json"])).out) as object;

    expect(out).toContain("2,500 vectors, dense, of 12 dimensions, by euclidean distance; lmdb storage");
    expect(out).toContain("Learned:");
    expect(json).toMatchObject({ size: 2500, dim: 12, plan: { kind: "learned", target: 0.9 } });
  });

  it("loses what is deleted, by id or by its data, and nothing else", async () => {
    const data = folder.write(
      "data.jsonl",
      `{"id":"a","vector":[1,2],"data":{"year":1980}}\n{"id":"b","vector":[2,1],"data":{"year":2020}}\n`,
    );
    const small = join(folder.path, "small");
    await nearts(["index", data, "--to", small, "--fields", "year:number"]);
    const one = await nearts(["delete", small, "--where", '{"year":{"lt":2000}}', "--json"]);
    const none = await nearts(["delete", small, "a"]);

    expect(JSON.parse(one.out)).toEqual({ deleted: 1, size: 1 });
    expect(none.out).toBe("0 vectors deleted of 1 named, 1 vector left\n");
  });

  it("passes over bad lines where it is told to, and writes them down", async () => {
    const bad = folder.write("bad.jsonl", '{"id":"a","vector":[1,2]}\nno json\n{"id":"b","vector":[2]}\n{"id":"c","vector":[2,1]}\n');
    const to = join(folder.path, "bad");
    const refused = await nearts(["index", bad, "--to", to]);
    const rejects = join(folder.path, "rejects.jsonl");
    const passed = await nearts(["index", bad, "--to", to, "--rejects", rejects, "--json"]);

    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("E_BAD_FILE") });
    expect(JSON.parse(passed.out)).toMatchObject({ stored: 2, rejected: 2, size: 2 });
    expect(jsonLines(readFileSync(rejects, "utf8"))).toMatchObject([{ line: 2 }, { line: 3 }]);
  });

  it("is sound, and is not when its file is damaged; what can be read is saved", async () => {
    const sound = await nearts(["verify", place]);
    const saved = join(folder.path, "saved");
    const repaired = await nearts(["repair", place, "--to", saved, "--json"]);

    expect(sound).toMatchObject({ code: 0, out: expect.stringContaining("2,500 vectors, sound") });
    expect(JSON.parse(repaired.out)).toMatchObject({ saved: 2500, lost: [] });
    expect((await nearts(["verify", saved])).code).toBe(0);
  });

  it("refuses what does not fit it, saying what is there", async () => {
    const other = await nearts(["index", base, "--to", place, "--distance", "cosine"]);
    const missing = await nearts(["query", join(folder.path, "nowhere"), asked]);
    const named = await nearts(["info", place, "--name", "x"]);

    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/E_SCHEMA_MISMATCH.*euclidean.*cosine/) });
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining("nearts index <file> --to") });
    expect(named).toMatchObject({ code: 2, err: expect.stringContaining("--name is for a Redis server") });
    expect(existsSync(join(folder.path, "nowhere"))).toBe(false);
  });
});

describe("an index in a Redis server", () => {
  it("is copied from a folder, answers the same, and is copied no row twice", async () => {
    const copied = await nearts(["copy", place, server.url, "--to-name", "copied", "--json"]);
    const again = await nearts(["copy", place, server.url, "--to-name", "copied", "--json"]);

    expect({ code: copied.code, err: copied.err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(copied.out)).toMatchObject({ stored: 2500, there: 0, size: 2500 });
    expect(JSON.parse(again.out)).toMatchObject({ stored: 0, there: 2500, size: 2500 });
    expect(await recallOf([server.url, "--name", "copied"])).toBeGreaterThan(0.85);
  });

  it("is made from a file, says what it holds, is mended and emptied", async () => {
    const at = [server.url, "--name", "made"];
    const made = await nearts(["index", base, "--to", server.url, "--name", "made", "--distance", "euclidean", "--limit", "300", "--json"]);

    expect(JSON.parse(made.out)).toMatchObject({ stored: 300, size: 300 });
    expect((await nearts(["info", ...at])).out).toContain("redis storage");
    expect((await nearts(["delete", ...at, "7", "--json"])).out).toBe('{"deleted":1,"size":299}\n');
    expect((await nearts(["repair", ...at])).out).toContain("0 items, 0 ids and 0 records of nothing were removed");
  });

  it("that cannot be reached is an error of the storage, without its password", async () => {
    const { code, err } = await nearts(["info", "redis://someone:secret@127.0.0.1:1"]);

    expect(code).toBe(3);
    expect(err).toContain("E_UNAVAILABLE");
    expect(err).not.toContain("secret");
  });
});
