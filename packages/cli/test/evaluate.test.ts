import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "nearts-lab";
import { describe, expect, it } from "vitest";
import { nearts, wideLines } from "./command.js";
import { Folder } from "./files.js";

const small = fileURLToPath(new URL("../../../experiments/small.jsonc", import.meta.url));
const baseline = fileURLToPath(new URL("../../../experiments/small.baseline.jsonl", import.meta.url));
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

const data = { generate: "clusters", rows: 300, queries: 10, dim: 8, seed: 5, clusters: 8 };
const planes = { name: "planes", hash: "RandomBinaryProjections", parameters: { projections: 4, tables: 2 }, query: { probes: [1, 2] } };
/** Enough trials for a signal to come between two of them. */
const many = {
  data,
  passes: 1,
  measures: ["recall"],
  engines: [{ ...planes, parameters: { projections: Array.from({ length: 20 }, (_, i) => i + 1) } }],
};

// Exact searches are kept among the user's caches.
const caches = Folder.ofFile();
process.env["XDG_CACHE_HOME"] = caches.path;

describe("nearts evaluate", () => {
  it("runs the small experiment: a table, results no worse than its baseline, a report; again runs nothing", {
    timeout: 120_000,
  }, async () => {
    const out = Folder.ofTest().path;
    const first = await nearts(["evaluate", small, "--out", out]);
    const text = await readFile(join(out, "results.jsonl"), "utf8");
    const again = await nearts(["evaluate", small, "--out", out, "--baseline", baseline, "--tolerance", "0.1"]);

    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(/^exact +1\.0000/m);
    expect(first.out).toMatch(/^default: recall=0\.99 +(0\.9|1\.0)/m);
    expect(first.out).toMatch(/15 trials in /);
    expect(wideLines(first.out.replaceAll(out, "out"))).toEqual([]);
    expect(again.out).toMatch(/0 trials in .*15 were there before/);
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/15 results compared with .*: nothing got worse/) as string });
    expect(await readFile(join(out, "results.jsonl"), "utf8")).toBe(text);
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("random planes");
    const results = resultsIn(text);
    expect(results.filter(({ curves }) => curves !== undefined)).toHaveLength(12);
  });

  it("killed, then stopped by Ctrl-C with code 130, goes on each time from the results that were finished", {
    timeout: 120_000,
  }, async () => {
    const { path, out, results } = await experiment(many);
    const args = ["evaluate", path, "--out", out];
    await killed(args, results, 0, "SIGKILL");
    const first = whole(await readFile(results, "utf8"));
    const stopped = await killed(args, results, first.length, "SIGINT");
    const second = await readFile(results, "utf8");
    const { code, out: told } = await nearts(args);
    const after = await readFile(results, "utf8");

    expect(stopped).toEqual({ code: 130, err: "nearts: stopped\n" });
    expect(second.startsWith(first)).toBe(true);
    expect(whole(second)).toBe(second);
    const before = resultsIn(second).length;
    expect(before).toBeLessThan(40);
    expect(code).toBe(0);
    expect(told).toMatch(new RegExp(`${40 - before} trials? in .*${before} were there before`));
    expect(after.startsWith(second)).toBe(true);
    expect(new Set(resultsIn(after).map(({ key }) => key)).size).toBe(40);
  });

  it("fails with a table where results are worse than a baseline's, or were not run, unless that much is tolerated", async () => {
    const { path, out, results } = await experiment({ data, passes: 1, measures: ["recall"], engines: [planes] });
    const args = ["evaluate", path, "--out", out];
    await nearts(args);
    const own = resultsIn(await readFile(results, "utf8"));
    const better = own.map((result) => ({
      ...result,
      measures: { ...result.measures, recall: { value: 2, unit: "", better: "higher" as const } },
    }));
    const good = written(out, "good.jsonl", [...own, ...better]);
    const more = written(out, "more.jsonl", [...better, { ...own[0], key: "another" }]);
    const bad = await nearts([...args, "--baseline", more]);
    const tolerated = await nearts([...args, "--baseline", good, "--tolerance", "1"]);

    expect(bad).toMatchObject({ code: 1, err: `nearts: 2 values got worse, 1 result of ${more} was not run\n` });
    expect(bad.out).toMatch(/planes: .*recall +2\.00 +0\.\d+ +\d+ %/);
    expect(tolerated.code).toBe(0);
    const none = await nearts([...args, "--baseline", written(out, "none.jsonl", [])]);
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/none\.jsonl holds no results to compare with/) as string });
    expect(tolerated.out).toMatch(/2 results compared with .*: nothing got worse/);
  });

  it("fails where a measure of the baseline is not taken now, and lists it", async () => {
    const { path, out, results } = await experiment({ data, passes: 1, measures: ["recall"], engines: [planes] });
    await nearts(["evaluate", path, "--out", out]);
    const [first, second] = resultsIn(await readFile(results, "utf8"));
    const entries = { value: 600, unit: "", better: "lower" as const };
    const more = written(out, "more.jsonl", [first, { ...second, measures: { ...second.measures, entries } }]);

    const { code, out: text, err } = await nearts(["evaluate", path, "--out", out, "--baseline", more]);

    expect({ code, err }).toEqual({ code: 1, err: `nearts: 1 value of ${more} was not measured\n` });
    expect(text).toMatch(/planes: .*entries +600 +not measured/);
  });

  it("says where a definition is wrong, and writes nothing", async () => {
    const { path, out } = await experiment({ data, engines: [{ ...planes, hash: "RandomBinaryProjektions" }] });
    const { code, err } = await nearts(["evaluate", path, "--out", join(out, "results")]);

    expect(code).toBe(1);
    expect(err).toMatch(
      /E_CONFIG: .*experiment\.json:\d+:\d+: "RandomBinaryProjektions" is not a hash: did you mean RandomBinaryProjections/,
    );
    expect(existsSync(join(out, "results"))).toBe(false);
  });

  it("only looks at a definition with --check", async () => {
    const { out: told, code } = await nearts(["evaluate", small, "--check"]);

    expect(code).toBe(0);
    expect(told).toMatch(/8 engines in 15 trials/);
    const { path } = await experiment({ data: { base: "nowhere.fvecs", holdOut: { count: 3 } }, engines: [planes] });
    expect(await nearts(["evaluate", path, "--check"])).toMatchObject({ code: 1, err: expect.stringMatching(/nowhere\.fvecs/) as string });
  });

  it("skips an experiment whose data are not there, unless it is to be compared", async () => {
    const { path, out, results } = await experiment({
      data: { base: "$NEARTS_DATA/base.fvecs", holdOut: { count: 3 } },
      engines: [planes],
    });
    await writeFile(results, "");
    const skipped = await nearts(["evaluate", path, "--out", out, "--data", ""]);
    const compared = await nearts(["evaluate", path, "--out", out, "--data", "", "--baseline", results]);

    expect(skipped).toMatchObject({ code: 0, out: "" });
    expect(skipped.err).toMatch(/skipped: .*\$NEARTS_DATA, which is not set/);
    expect(compared.code).toBe(1);
  });

  it("runs a hash of one's own from its file", async () => {
    const engines = [{ name: "own", hash: "./own-hash.ts", parameters: { size: [1, 2] } }];
    const { path, out, results } = await experiment({ data, measures: ["recall"], engines });
    writeFileSync(
      join(out, "own-hash.ts"),
      `import { UniBucket } from "nearts";
       export class Own extends UniBucket {
         static readonly type: string = "Own";
         constructor({ name }: { name: string; size: number }) { super({ name }); }
       }`,
    );

    expect(await nearts(["evaluate", path, "--out", out])).toMatchObject({ code: 0 });
    expect(resultsIn(await readFile(results, "utf8")).map(({ parameters }) => parameters)).toEqual([
      { hash: "Own", size: 1 },
      { hash: "Own", size: 2 },
    ]);
  });
});

async function experiment(definition: object) {
  const out = Folder.ofTest().path;
  const path = join(out, "experiment.json");
  await writeFile(path, JSON.stringify(definition));
  return { path, out, results: join(out, "results.jsonl") };
}

/** Runs the command, and sends it a signal as soon as there is one more result in a file of `length` characters. */
function killed(
  args: readonly string[],
  results: string,
  length: number,
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const watch = setInterval(() => {
      if (!existsSync(results) || !readFileSync(results, "utf8").slice(length).includes("\n")) return;
      clearInterval(watch);
      child.kill(signal);
    }, 5);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code, err });
    });
  });
}

/** The lines of a text that have an end. */
function whole(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function written(folder: string, name: string, results: readonly Result[]): string {
  const path = join(folder, name);
  writeFileSync(path, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  return path;
}

function resultsIn(text: string): Result[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Result);
}
