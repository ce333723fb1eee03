import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NearError } from "nearts";
import { describe, expect, it } from "vitest";
import { isWithoutData } from "../../src/definitions/data-of.js";
import { loadModule } from "../../src/definitions/modules.js";
import { readDefinition } from "../../src/definitions/read-definition.js";
import { failure, freshFolder } from "../folder.js";

const thousand = Array.from({ length: 1000 }, (_, i) => i + 1);
const small = { generate: "uniform", rows: 50, queries: 5, dim: 4, seed: 1 };

describe("Definitions", () => {
  it("are JSON with comments and trailing commas; what is not given has its usual value", async () => {
    const path = await written(`{
      // a comment
      "data": { "generate": "uniform", "rows": 50, "queries": 5, "dim": 4 },
      "engines": [{ "name": "exact" },],
    }`);
    const definition = await readDefinition(path);

    expect(definition).toMatchObject({ name: "experiment", k: 10, seed: 1, passes: 5, data: { ...small, seed: 1 } });
    expect(definition.measures.map(({ name }) => name)).toContain("recall");
    expect(definition.builds).toEqual([{ engine: "exact", parameters: {}, diagnose: false, ways: [{}] }]);
  });

  it("expand grids: what an engine is made of is built again, what it is asked with is not", async () => {
    const parameters = { projections: [4, 8], tables: 3 };
    const engine = { name: "planes", hash: "RandomBinaryProjections", parameters, codes: [false, 1], query: { probes: [1, 2, 4] } };
    const { builds } = await readDefinition(await json({ data: small, engines: [engine] }));

    expect(builds.map((build) => build.parameters)).toEqual([
      { hash: "RandomBinaryProjections", projections: 4, tables: 3, codes: false },
      { hash: "RandomBinaryProjections", projections: 4, tables: 3, codes: 1 },
      { hash: "RandomBinaryProjections", projections: 8, tables: 3, codes: false },
      { hash: "RandomBinaryProjections", projections: 8, tables: 3, codes: 1 },
    ]);
    for (const { ways } of builds) expect(ways).toEqual([{ probes: 1 }, { probes: 2 }, { probes: 4 }]);
    expect(builds[2].hash?.()).toMatchObject({ name: "planes", bits: 8, tables: 3 });
  });

  it("name hashes within hashes as objects", async () => {
    const parameters = { children: { hash: "RandomBinaryProjections", projections: [6, 7] }, beam: 4 };
    const { builds } = await readDefinition(await json({ data: small, engines: [{ name: "p", hash: "HashPermutations", parameters }] }));

    expect(builds.map((build) => build.hash?.().config()["children"])).toMatchObject([[{ projections: 6 }], [{ projections: 7 }]]);
  });

  it("see paths from their own folder, and $NEARTS_DATA where it says", async () => {
    const path = await json({ data: { base: "base.fvecs", queries: "$NEARTS_DATA/set/queries.fvecs" }, engines: [{ name: "exact" }] });
    const { data } = await readDefinition(path, { dataFolder: "/data" });

    expect(data).toEqual({ base: join(path, "..", "base.fvecs"), queries: "/data/set/queries.fvecs" });
    const error = await refusal(path, { dataFolder: "" });
    expect(error.message).toMatch(/\$NEARTS_DATA, which is not set/);
    expect(isWithoutData(error)).toBe(true);
  });

  it.each([
    ["a name at the top", { data: small, engins: [] }, /:1:\d+: .*"engins" is not .*did you mean engines/],
    ["no engines", { data: small, engines: [] }, /engines: expected array to have >=1 items/],
    [
      "a generator",
      { data: { ...small, generate: "cluster" }, engines: [{ name: "a" }] },
      /"cluster" is not a generator: did you mean clusters/,
    ],
    ["a parameter of a generator", { data: { ...small, clusters: 2 }, engines: [{ name: "a" }] }, /"clusters" is not a setting/],
    [
      "a value of a generator",
      { data: { ...small, generate: "clusters", deviation: -1 }, engines: [{ name: "a" }] },
      /deviation of clusters is -1/,
    ],
    ["a distance", { data: { ...small, distance: "cosin" }, engines: [{ name: "a" }] }, /"cosin" is not .*did you mean cosine/],
    ["a measure", { data: small, measures: ["recal"], engines: [{ name: "a" }] }, /"recal" is not a measure: did you mean recall/],
    ["a hash", { data: small, engines: [{ name: "a", hash: "RandomBinaryProjection" }] }, /did you mean RandomBinaryProjections/],
    [
      "a parameter of a hash",
      { data: small, engines: [{ name: "a", hash: "RandomBinaryProjections", parameters: { projektions: 4, projections: 5 } }] },
      /"projektions" is not a parameter of RandomBinaryProjections: did you mean projections/,
    ],
    [
      "a value of a hash",
      { data: small, engines: [{ name: "a", hash: "RandomBinaryProjections", parameters: { projections: [4, 65] } }] },
      /projections is 65; the limit is 64/,
    ],
    ["parameters without a hash", { data: small, engines: [{ name: "a", parameters: { projections: 4 } }] }, /there is none: name one/],
    [
      "a parameter of a hash that has to be there",
      { data: small, engines: [{ name: "a", hash: "RandomBinaryProjections", parameters: { projektions: 4 } }] },
      /"projektions" is not a parameter of RandomBinaryProjections: did you mean projections/,
    ],
    [
      "a list without values",
      { data: small, engines: [{ name: "a", hash: "RandomBinaryProjections", parameters: { projections: [] } }] },
      /projections has no value to try/,
    ],
    ["a name of a terminal's commands", { data: small, engines: [{ name: "a\u001b[2J" }] }, /name: control characters/],
    ["a setting of an engine", { data: small, engines: [{ name: "a", hashes: [] }] }, /"hashes" is not .*did you mean hash/],
    ["a setting of queries", { data: small, engines: [{ name: "a", query: { probe: 1 } }] }, /"probe" is not .*did you mean probes/],
    ["a recall", { data: small, engines: [{ name: "a", recall: [0.9, 1.5] }] }, /recall: expected number to be <=1/],
    ["a precision", { data: small, engines: [{ name: "a", vectors: "f1" }] }, /"f1" is not .*did you mean f16/],
    ["an engine twice", { data: small, engines: [{ name: "a" }, { name: "a" }] }, /two engines "a"/],
    ["a measure twice", { data: small, measures: ["recall", "recall"], engines: [{ name: "a" }] }, /two measures "recall"/],
    [
      "a grid of a thousand million points",
      {
        data: small,
        engines: [{ name: "a", hash: "RandomBinaryProjections", parameters: { projections: thousand, tables: thousand, seed: thousand } }],
      },
      /1000000000 points/,
    ],
    [
      "many grids that are too many together",
      {
        data: small,
        engines: Array.from({ length: 20 }, (_, i) => ({ name: `${i}`, hash: "UniBucket", query: { probes: thousand } })),
      },
      /11000 points/,
    ],
    [
      "a grid that never ends",
      {
        data: small,
        engines: [
          {
            name: "a",
            recall: Array.from({ length: 200 }, (_, i) => (i + 1) / 200),
            query: { probes: Array.from({ length: 200 }, (_, i) => i + 1) },
          },
        ],
      },
      /40000 points/,
    ],
  ])("with a slip in %s are refused, with the place and what was meant", async (_, definition, message) => {
    const error = await refusal(await json(definition));

    expect(error.code).toBe("E_CONFIG");
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/experiment\.json:\d+:\d+: /);
  });

  it("point at the line and column of what is wrong", async () => {
    const path = await written(
      '{\n  "data": { "generate": "uniform", "rows": 5, "queries": 5, "dim": 4 },\n  "engines": [\n    { "name": "a", "hash": "UniBuket" }\n  ]\n}',
    );

    expect((await refusal(path)).details).toMatchObject({ line: 4, column: 28 });
    const broken = await written('{\n  "k": 5\n  "data": {}\n}');
    expect((await refusal(broken)).message).toMatch(/experiment\.json:3:3: the file is no JSON: comma expected/);
    expect((await refusal(await written(""))).message).toMatch(/experiment\.json:1:1: /);
  });

  it.each([
    ['"queries": "b.fvecs",\n  "holdOut": { "count": 3 }', /both queries and holdOut are given/],
    ['"limit": 4,\n  "holdOut": { "count": 3, "share": 0.5 }', /either a count or a share/],
    ['"limit": 4,\n  "holdOut": {}', /either a count or a share/],
  ])("refuse %s before any file is read, where it stands", async (settings, message) => {
    const error = await refusal(await written(`{ "data": { "base": "a.fvecs", ${settings} },\n"engines": [{ "name": "exact" }] }`));

    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: "E_CONFIG", details: { line: 2, column: 14 } });
  });

  it("refuse keys that are there twice, __proto__, and what lies too deep", async () => {
    const engines = '"engines": [{ "name": "exact" }]';
    const twice = await refusal(await written(`{\n"data": {},\n${engines},\n  "data": {}\n}`));
    expect(twice.message).toMatch(/experiment\.json:4:3: "data" is given twice/);
    const hostile = await refusal(await written(`{"data": {"generate": "uniform", "__proto__": {"rows": 5}}, ${engines}}`));
    expect(hostile.message).toMatch(/experiment\.json:1:\d+: "__proto__" is no name/);
    const deep = await refusal(await written("[".repeat(100_000)));
    expect(deep.code).toBe("E_CONFIG");
    expect(deep.message).toMatch(/too deep/);
  });

  it("name columns of their files", async () => {
    const path = await json({ data: { base: "a.csv", column: "x", queries: "a.csv", queryColumn: "y" }, engines: [{ name: "exact" }] });
    expect((await readDefinition(path)).data).toMatchObject({ column: "x", queryColumn: "y" });
  });

  it("of the project are all sound", async () => {
    const ready = fileURLToPath(new URL("../../../../experiments/", import.meta.url));
    const files = readdirSync(ready).filter((name) => name.endsWith(".jsonc"));

    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await readDefinition(join(ready, file), { dataFolder: "/data" })).builds.length).toBeGreaterThan(3);
  });

  it("that are not there are not found", async () => {
    const error = await refusal("/nowhere/experiment.json");
    expect(error.code).toBe("E_NOT_FOUND");
  });

  it("may be modules in TypeScript, with hashes and measures of their own or of files beside them", async () => {
    const place = await freshFolder();
    await writeFile(join(place, "own-hash.ts"), ownHash);
    await writeFile(join(place, "own-measure.mjs"), "export default { name: 'one', about: '1', unit: '', better: null, whole: () => 1 };");
    const path = join(place, "experiment.ts");
    await writeFile(
      path,
      `import { UniBucket } from "nearts";
       import type { DefinitionInput } from "nearts-lab";
       const hash: string = "./own-hash.ts";
       class Other extends UniBucket { static readonly type = "Other"; }
       const two = { name: "two", about: "2", unit: "", better: null, whole: () => 2 };
       export default { data: ${JSON.stringify(small)}, measures: ["./own-measure.mjs", two],
         engines: [{ name: "own", hash, parameters: { size: [1, 2] } }, { name: "other", hash: Other }] } satisfies DefinitionInput;`,
    );
    const { builds, measures } = await readDefinition(path);

    expect(measures.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(builds.map(({ parameters }) => parameters)).toEqual([{ hash: "Own", size: 1 }, { hash: "Own", size: 2 }, { hash: "Other" }]);
    expect(builds[1].hash?.()).toMatchObject({ name: "own", size: 2 });
    expect(builds[0].code).toMatch(/^[0-9a-f]{64}$/);
  });

  it("that are modules with an error in them say which", async () => {
    const path = await written("export default { data: ;", "experiment.ts");
    const error = await refusal(path);

    expect(error.code).toBe("E_BAD_FILE");
    expect(error.message).toMatch(/experiment\.ts.*cannot be loaded/s);
    expect((await refusal(await written("export const a = 1;", "none.ts"))).message).toMatch(/no default export/);
  });

  it("that are modules which throw, or wait for ever, are given up", async () => {
    expect((await refusal(await written('throw new Error("boom");', "throws.mjs"))).message).toMatch(
      /throws\.mjs.* cannot be loaded: boom/,
    );
    const waiting = await written("await new Promise(() => {}); export default {};", "waits.mjs");
    const error = await failure(loadModule(waiting, 50));
    expect(error.code).toBe("E_BAD_FILE");
    expect(error.message).toMatch(/waits\.mjs.*has not come in 0\.05 s/);
  });
});

const ownHash = `
import { type Hash, UniBucket } from "nearts";
export class Own extends UniBucket {
  static readonly type: string = "Own";
  readonly size: number;
  constructor(options: { name: string; size: number }) { super({ name: options.name }); this.size = options.size; }
}
const unused: Hash | undefined = undefined; void unused;
`;

async function written(text: string, name = "experiment.json"): Promise<string> {
  const path = join(await freshFolder(), name);
  await writeFile(path, text);
  return path;
}

function json(definition: object): Promise<string> {
  return written(JSON.stringify(definition));
}

function refusal(path: string, options = {}): Promise<NearError> {
  return failure(readDefinition(path, options));
}
