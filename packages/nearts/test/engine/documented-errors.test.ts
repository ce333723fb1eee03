import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Engine, hashFromConfig, MemoryStorage, type NearErrorCode, PCABinaryProjections, RandomBinaryProjections } from "nearts";
import { readAll } from "nearts/readers";
import { describe, expect, test } from "vitest";
import { refusal } from "../acceptance/vectors.js";

const source = fileURLToPath(new URL("../../src/", import.meta.url));
const document = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");

/** The document's section of each code: what follows its heading up to the next. */
const sections = new Map(
  document
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")).trim(), section]),
);

const declared = codesIn(readFileSync(`${source}core/errors.ts`, "utf8"));
const thrown = new Set(
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("errors.ts"))
    .flatMap((file) => [...codesIn(readFileSync(source + file, "utf8"))]),
);

function codesIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/"(E_[A-Z_]+)"/g), ([, code]) => code));
}

test("docs/errors.md has a section for each code of NearErrorCode, in alphabetical order, and for no other", () => {
  expect([...sections.keys()]).toEqual([...declared].sort());
});

test("every code that is used anywhere in src is declared and documented, and every declared one is used", () => {
  expect([...thrown].sort()).toEqual([...declared].sort());
  for (const code of thrown) expect(sections.has(code), code).toBe(true);
});

test.each([...declared])("the section of %s says when it comes, shows a message and gives the remedy", (code) => {
  expect(sections.get(code)).toMatch(/^\*\*When\*\*.+[\s\S]*^> .+[\s\S]*^\*\*Remedy\*\*.+/m);
});

const rbp = (name: string) => new RandomBinaryProjections({ name, projections: 10 });
const engine = () => new Engine({ dim: 3 });

/** Codes that come of disks and servers: the tests of those storages show them. */
type Elsewhere =
  | "E_AUTH"
  | "E_CORRUPT"
  | "E_FAILED"
  | "E_FULL"
  | "E_LOCKED"
  | "E_NOT_REPLICATED"
  | "E_PARTIAL"
  | "E_READONLY"
  | "E_STALE"
  | "E_UNAVAILABLE"
  | "E_VERSION";

/** What each example of the document is the message of, as the document says it. */
const examples: Record<Exclude<NearErrorCode, Elsewhere>, [call: string, act: () => unknown]> = {
  E_BAD_DATA: [
    "engine.storeVector([1, 2, 3], { data: { at: new Date() } })",
    () => engine().storeVector([1, 2, 3], { data: { at: new Date() } }),
  ],
  E_BAD_FILE: ['readAll(new Uint8Array(6), { format: "fvecs" })', () => readAll(new Uint8Array(6), { format: "fvecs" })],
  E_BAD_ID: ["engine.storeVector([1, 2, 3], { id: 2 ** 53 })", () => engine().storeVector([1, 2, 3], { id: 2 ** 53 })],
  E_BAD_OPTION: ['new Engine({ dim: 3, distance: "cosin" })', () => new Engine({ dim: 3, distance: "cosin" as never })],
  E_BAD_SPARSE: [
    "engine.storeVector({ indices: [2, 0], values: [1, 1] })",
    () => engine().storeVector({ indices: [2, 0], values: [1, 1] }),
  ],
  E_BAD_VECTOR: ["engine.storeVector([1, 1e39, 3])", () => engine().storeVector([1, 1e39, 3])],
  E_CLOSED: [
    "await engine.close(); await engine.size()",
    async () => {
      const closed = engine();
      await closed.close();
      await closed.size();
    },
  ],
  E_CONFIG: ["hashFromConfig({ ...hash.config(), version: 2 })", () => hashFromConfig({ ...rbp("rbp").config(), version: 2 })],
  E_DIM_MISMATCH: ["engine.storeVector([1, 2])", () => engine().storeVector([1, 2])],
  E_DUPLICATE_NAME: [
    'new Engine({ dim: 3, hashes: [rbp("twin"), rbp("twin")] })',
    () => new Engine({ dim: 3, hashes: [rbp("twin"), rbp("twin")] }),
  ],
  E_IO: ['readAll("no-such-file.fvecs")', () => readAll("no-such-file.fvecs")],
  E_LIMIT: ["engine.neighbours([1, 2, 3], { k: 0 })", () => engine().neighbours([1, 2, 3], { k: 0 })],
  E_MEMORY: [
    "new Engine({ dim: 3, maxBytes: 1000 }).storeManyVectors(new Float32Array(3000).fill(1))",
    () => new Engine({ dim: 3, maxBytes: 1000 }).storeManyVectors(new Float32Array(3000).fill(1)),
  ],
  E_NOT_FITTED: [
    'new Engine({ dim: 3, hashes: [new PCABinaryProjections({ name: "pca", projections: 2 })] }).storeVector([1, 2, 3])',
    () => new Engine({ dim: 3, hashes: [new PCABinaryProjections({ name: "pca", projections: 2 })] }).storeVector([1, 2, 3]),
  ],
  E_NOT_FOUND: ["engine.neighbours({ id: 77 })", () => engine().neighbours({ id: 77 })],
  E_SCHEMA_MISMATCH: [
    "await new Engine({ dim: 3, storage }).size(); await new Engine({ dim: 4, storage }).size()",
    async () => {
      const storage = new MemoryStorage();
      await new Engine({ dim: 3, storage }).size();
      await new Engine({ dim: 4, storage }).size();
    },
  ],
  E_UNKNOWN_PLUGIN: [
    'hashFromConfig({ type: "MyHash", version: 1, name: "mine" })',
    () => hashFromConfig({ type: "MyHash", version: 1, name: "mine" }),
  ],
  E_UNSUPPORTED: ['new Engine({ dim: 3, distance: "hamming" })', () => new Engine({ dim: 3, distance: "hamming" })],
  E_ZERO_VECTOR: ["engine.storeVector([0, 0, 0])", () => engine().storeVector([0, 0, 0])],
};

/** The text without what changes from release to release: numbers of bytes, and the list of built-in classes behind its first. */
function lasting(text: string): string {
  return text.replace(/\d+ bytes|about \d+/g, "…").replace(/\(known: (\w+),[^)]*\)/, "(known: $1, …)");
}

describe("The examples of docs/errors.md are what the calls beside them say", () => {
  test.each(Object.entries(examples))("%s", async (code, [call, act]) => {
    const refused = await refusal(act);
    const section = sections.get(code) ?? "";

    expect(refused.code).toBe(code);
    expect(section).toContain(`\`${call}\``);
    expect(lasting(section)).toContain(`> ${lasting(refused.message)}\n`);
  });
});
