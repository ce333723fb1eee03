import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDefinition } from "../../src/definitions/read-definition.js";
import type { Result } from "../../src/results.js";
import { sweep } from "../../src/sweep/sweep.js";
import { failure, freshFolder } from "../folder.js";

const data = { generate: "clusters", rows: 400, queries: 20, dim: 8, seed: 5, clusters: 8 };
const planes = {
  name: "planes",
  hash: "RandomBinaryProjections",
  parameters: { projections: [3, 6], tables: 3 },
  query: { probes: [1, 4] },
};

describe("A sweep", () => {
  it("writes one line for each engine and way of asking, with all that is needed to repeat it", async () => {
    const { path, definition, results } = await experiment({
      data,
      measures: ["recall", "candidates", "bytes"],
      engines: [{ name: "exact" }, planes],
    });
    const report = await sweep(definition, { results, cache: path });
    const lines = await linesOf(results);

    expect(report.ran).toBe(5);
    expect(lines).toEqual(report.results);
    expect(lines.map(({ engine, parameters }) => [engine, parameters["projections"], parameters["probes"]])).toEqual([
      ["exact", undefined, undefined],
      ["planes", 3, 1],
      ["planes", 3, 4],
      ["planes", 6, 1],
      ["planes", 6, 4],
    ]);
    expect(lines[0].measures).toMatchObject({ recall: { value: 1, low: 1, high: 1, better: "higher" }, candidates: { value: 400 } });
    expect(lines[2].measures["recall"].value).toBeGreaterThan(lines[1].measures["recall"].value);
    for (const line of lines) {
      expect(Object.keys(line.measures)).toEqual(["recall", "candidates", "bytes"]);
      expect(line).toMatchObject({
        version: 1,
        experiment: "experiment",
        k: 10,
        seed: 1,
        data: { kind: "dense", dim: 8, rows: 400, queries: 20 },
      });
      expect(line.data.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(line.plan).not.toBe("");
      expect(line.machine.node).toBe(process.version);
      expect(line.histograms?.["latency"].counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    }
  });

  it("asked again runs nothing; after a torn line, that trial alone, with the same answers", async () => {
    const { path, definition, results } = await experiment({ data, measures: ["recall"], engines: [planes] });
    const first = await sweep(definition, { results, cache: path });
    const text = await readFile(results, "utf8");

    expect(await sweep(definition, { results, cache: path })).toMatchObject({ ran: 0, old: 0 });
    expect(await readFile(results, "utf8")).toBe(text);
    await truncate(results, Buffer.byteLength(text) - 100);
    const again = await sweep(definition, { results, cache: path });
    expect(again.ran).toBe(1);
    expect(again.results.map(({ key }) => key)).toEqual(first.results.map(({ key }) => key));
    expect(again.results.map(({ measures }) => measures["recall"])).toEqual(first.results.map(({ measures }) => measures["recall"]));
  });

  it("counts results that another version or commit left", async () => {
    const { path, definition, results } = await experiment({ data, measures: ["recall"], engines: [planes] });
    await sweep(definition, { results, cache: path });
    const [first, ...others] = await linesOf(results);
    const elsewhere = { ...first, machine: { ...first.machine, commit: "0123456789" } };
    await writeFile(results, [elsewhere, ...others].map((line) => `${JSON.stringify(line)}\n`).join(""));

    expect(await sweep(definition, { results, cache: path })).toMatchObject({ ran: 0, old: 1 });
  });

  it("runs what was added to a definition, and a measure that is asked for now", async () => {
    const before = await experiment({ data, measures: ["recall"], engines: [planes] });
    await sweep(before.definition, { results: before.results, cache: before.path });
    const more = { ...planes, query: { probes: [1, 4, 8] } };
    const added = await experiment({ data, measures: ["recall"], engines: [more] }, before.path);
    const measured = await experiment({ data, measures: ["recall", "precision"], engines: [more] }, before.path);

    expect((await sweep(added.definition, { results: before.results, cache: before.path })).ran).toBe(2);
    expect((await sweep(measured.definition, { results: before.results, cache: before.path })).ran).toBe(6);
  });

  it("tells trials apart by data, seed, k and parameters", async () => {
    const keys = new Set<string>();
    const engine = { ...planes, query: {} };
    for (const change of [{}, { seed: 2 }, { k: 3 }, { data: { ...data, seed: 6 } }, { engines: [{ ...engine, codes: 1 }] }]) {
      const { path, definition, results } = await experiment({ data, measures: ["recall"], engines: [engine], ...change });
      for (const { key } of (await sweep(definition, { results, cache: path })).results) keys.add(key);
    }
    expect(keys.size).toBe(10);
  });

  it("that is aborted keeps every result that was finished, and goes on from there", async () => {
    const { path, definition, results } = await experiment({ data, measures: ["recall"], engines: [{ name: "exact" }, planes] });
    const stopping = new AbortController();
    const reason = new Error("enough");
    const stopped = sweep(definition, {
      results,
      cache: path,
      signal: stopping.signal,
      onProgress: ({ step }) => step === "storing for planes" && stopping.abort(reason),
    });

    await expect(stopped).rejects.toBe(reason);
    const kept = await linesOf(results);
    expect(kept.map(({ engine }) => engine)).toEqual(["exact"]);
    expect((await sweep(definition, { results, cache: path })).ran).toBe(4);
    expect((await linesOf(results))[0]).toEqual(kept[0]);
  });

  it("takes its time ratios from exact searches of its own, whatever was found before", async () => {
    const { path, definition, results } = await experiment({ data, measures: ["timeRatio"], engines: [{ name: "exact" }] });
    for (const file of [results, join(path, "again.jsonl")]) {
      const [{ measures }] = (await sweep(definition, { results: file, cache: path })).results;
      // An exact search beside another one: 1, but for the stalls of a busy machine, which are many times such short searches. Truth found before takes no time.
      expect(measures["timeRatio"].value).toBeGreaterThan(1e-4);
      expect(measures["timeRatio"].value).toBeLessThan(1e4);
    }
  });

  it("refuses an engine that its data do not suit before any exact search", async () => {
    const { path, definition, results } = await experiment({ data: { ...data, kind: "bits" }, engines: [{ name: "exact" }, planes] });
    const steps: string[] = [];
    const error = await failure(sweep(definition, { results, cache: path, onProgress: ({ step }) => void steps.push(step) }));

    expect(error.message).toMatch(/planes/);
    expect(steps).not.toContain("exact search");
  });

  it("learns where it is told to: hashes from a sample, engines of a recall to reach it", async () => {
    const engines = [
      { name: "default", recall: 0.9 },
      { name: "lists", hash: "KMeansHash", parameters: { lists: 8 }, codes: 1, query: { probes: 8 } },
      { name: "components", hash: "PCABinaryProjections", parameters: { projections: 3 }, query: { probes: 2 } },
      { name: "tuned", hash: "RandomBinaryProjections", parameters: { projections: 4, tables: 4 }, recall: 0.9 },
    ];
    const { path, definition, results } = await experiment({ data: { ...data, rows: 1500 }, measures: ["recall"], engines });
    const report = await sweep(definition, { results, cache: path });

    const recalls = report.results.map(({ measures }) => measures["recall"].value);
    expect(recalls[0]).toBeGreaterThan(0.75);
    expect(recalls[1]).toBeGreaterThan(0.75);
    expect(recalls[3]).toBeGreaterThan(0.75);
  });

  it("compares engines of sets", async () => {
    const folder = await freshFolder();
    const line = (row: number) => `0 ${[0, 1, 2, 3].map((i) => `${(row % 9) + 1 + i * (1 + (row % 2)) * 10}:1`).join(" ")}\n`;
    await writeFile(join(folder, "sets.svm"), Array.from({ length: 60 }, (_, row) => line(row)).join(""));
    const given = { base: "sets.svm", kind: "set", distance: "jaccard", holdOut: { count: 6 } };
    const engines = [{ name: "exact" }, { name: "bands", hash: "MinHash", parameters: { rows: 1, tables: 32 }, diagnose: true }];
    const { definition, results } = await experiment({ data: given, k: 3, measures: ["recall", "candidates"], engines }, folder);

    const [exact, bands] = (await sweep(definition, { results, cache: folder })).results;
    expect(exact).toMatchObject({ data: { kind: "set", distance: "jaccard" }, measures: { recall: { value: 1 } } });
    expect(bands.measures["recall"].value).toBeGreaterThan(0.9);
    expect(bands.measures["candidates"].value).toBeLessThan(54);
  });

  it("reads sparse vectors from files", async () => {
    const folder = await freshFolder();
    const line = (row: number) => `0 ${(row % 7) + 1}:1 ${(row % 5) + 10}:${row + 1}\n`;
    await writeFile(join(folder, "base.svm"), Array.from({ length: 60 }, (_, row) => line(row)).join(""));
    const given = { base: "base.svm", distance: "cosine", holdOut: { count: 6 } };
    const { definition, results } = await experiment({ data: given, measures: ["recall"], engines: [{ name: "exact" }, planes] }, folder);

    expect((await sweep(definition, { results, cache: folder })).results[0]).toMatchObject({
      data: { kind: "sparse", queries: 6 },
      measures: { recall: { value: 1 } },
    });
  });
});

async function experiment(definition: object, folder?: string) {
  const path = folder ?? (await freshFolder());
  const file = join(path, "experiment.json");
  await writeFile(file, JSON.stringify({ passes: 1, ...definition }));
  return { path, definition: await readDefinition(file), results: join(path, "results.jsonl") };
}

async function linesOf(path: string): Promise<Result[]> {
  return (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Result);
}
