import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nearts, wideLines } from "./command.js";
import { clusters, Folder, fvecs } from "./files.js";

const folder = Folder.ofFile();
const base = folder.write("base.fvecs", fvecs(clusters(50, 8, 1)));

describe("help", () => {
  it("lists the commands with examples and exit codes, and ends well", async () => {
    const { code, out, err } = await nearts(["--help"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const text of ["neighbours", "inspect", "demo", "$ nearts", "Exit codes"]) expect(out).toContain(text);
    expect(wideLines(out)).toEqual([]);
  });

  it.each(["neighbours", "inspect", "demo", "evaluate"])("of %s shows examples, within 100 columns", async (command) => {
    const { code, out } = await nearts([command, "--help"]);

    expect(code).toBe(0);
    expect(out).toContain(`$ nearts ${command}`);
    expect(wideLines(out)).toEqual([]);
  });

  it("of a command with hashes shows every family with its defaults", async () => {
    const { out } = await nearts(["help", "inspect"]);

    for (const family of ["exact", "rbp:bits=10,tables=10,seed=1", "rdp:width=…", "pca:bits=10", "tree:bits=24,min=50"])
      expect(out).toContain(family);
  });

  it("--version prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

    expect(await nearts(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });
});

describe("a command line that is not understood", () => {
  it.each([
    ["Usage: nearts", []],
    ["unknown command", ["neighbors-of"]],
    ["missing required argument 'base'", ["inspect"]],
    ["unknown option '--fast'", ["inspect", base, "--fast"]],
    ["Expected a whole number from 1", ["inspect", base, "-k", "0"]],
    ["up to 1", ["inspect", base, "--recall", "1.5"]],
    ["cosine, euclidean", ["inspect", base, "--distance", "chebyshev"]],
    ["fvecs, bvecs", ["inspect", base, "--format", "xlsx"]],
    ["there are\n  exact", ["inspect", base, "--hash", "rbq"]],
    ["the limit is 64", ["inspect", base, "--hash", "rbp:bits=65"]],
    ["leave out --limit", ["neighbours", base, base, "--truth", base, "--limit", "5"]],
    ["give -k", ["neighbours", base, base, "--truth", base, "--within", "1"]],
  ])("ends with code 2 and says %j", async (message, args) => {
    const { code, out, err } = await nearts(args);

    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ {4}at /m);
  });

  it("names the command that was probably meant", async () => {
    expect((await nearts(["inspekt"])).err).toContain("Did you mean inspect?");
  });
});

describe("a failure", () => {
  it.each([
    ["a missing file", ["inspect", `${base}.not`], "E_IO"],
    ["a file of no known format", ["inspect", folder.write("text.dat", "no vectors")], "E_BAD_OPTION"],
    ["a damaged file", ["inspect", folder.write("cut.fvecs", fvecs(clusters(5, 8, 1)).subarray(0, 77))], "E_BAD_FILE"],
    ["queries of another dimension", ["neighbours", base, folder.write("other.fvecs", fvecs(clusters(5, 9, 1)))], "E_DIM_MISMATCH"],
    ["a zero vector with cosine", ["neighbours", base, folder.write("zero.fvecs", fvecs([new Array<number>(8).fill(0)]))], "E_ZERO_VECTOR"],
    ["a k beyond the limit", ["neighbours", base, base, "-k", "20000"], "E_LIMIT"],
    ["an output that cannot be written", ["neighbours", base, base, "--out", `${folder.path}/no/such/folder`], "E_IO"],
  ])("such as %s ends with code 1 and one line: the code and a sentence", async (_, args, errorCode) => {
    const { code, out, err } = await nearts(args);

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(new RegExp(`^nearts: ${errorCode}: [^\n]+\n$`));
  });
});

describe("Ctrl-C", () => {
  it("stops the work at once, with code 130 and no result", async () => {
    const large = folder.write("large.fvecs", fvecs(clusters(30_000, 64, 2)));

    const { code, out, err } = await nearts(["inspect", large], (_, kill) => kill("SIGINT"));

    expect({ code, err }).toEqual({ code: 130, err: "nearts: stopped\n" });
    expect(out).not.toContain("suggested");
  });
});
