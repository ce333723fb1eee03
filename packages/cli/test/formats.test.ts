import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, nearts } from "./command.js";
import { clusters, Folder } from "./files.js";

const rows = clusters(40, 3, 5);
const folder = Folder.ofFile();
const table = folder.write("base.csv", `id,x1,x2,x3,year\n${rows.map((row, i) => `row ${i},${row.join()},${2000 + i}`).join("\n")}\n`);
const asked = folder.write("query.tsv", `${rows[7].join("\t")}\n`);

describe("a table of vectors", () => {
  it("is indexed with its ids and the other columns as data, and queried by them", async () => {
    const place = join(folder.path, "index");
    const { code, err } = await nearts([
      "index",
      table,
      "--to",
      place,
      "--column",
      "x*",
      "--fields",
      "year:number",
      "--distance",
      "euclidean",
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });

    const { out } = await nearts(["query", place, asked, "-k", "1", "--json"]);
    expect(jsonLines(out)[0]).toMatchObject({ neighbours: [{ id: "row 7", distance: 0 }] });
    const later = await nearts(["query", place, asked, "-k", "1", "--json", "--where", '{"year":{"lt":2007}}']);
    expect(jsonLines(later.out)[0]).not.toMatchObject({ neighbours: [{ id: "row 7" }] });
  });

  it("is searched as it is, and refused where it is not clear what its vectors are", async () => {
    const { out, code } = await nearts(["neighbours", table, asked, "-k", "1", "--column", "x*", "--distance", "euclidean", "--json"]);
    expect({ code, out }).toMatchObject({ code: 1 }); // the queries have no columns x1 …
    const refused = await nearts(["index", table, "--to", join(folder.path, "other"), "--column", "nothing"]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/columns id, x1, x2, x3, year; column is "nothing"/) });
  });
});
