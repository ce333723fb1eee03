import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Engine, type HashConfig, type Kind } from "nearts";
import { describe, expect, it } from "vitest";

/** What was asked of an index when its snapshot was made, and what came: nearest first, each with its id, distance and data. */
interface Answers {
  readonly size: number;
  readonly next: number;
  readonly answers: readonly {
    readonly query: readonly number[] | { readonly indices: number[]; readonly values: number[] };
    readonly exact: readonly [id: string | number, distance: number, data: unknown][];
    readonly candidates: { readonly raw: number; readonly unique: number };
  }[];
}

/** A folder for each version of the format that was released: its bytes are never changed. */
const versions = [1];

const folderOf = (version: number) => fileURLToPath(new URL(`snapshot-${version}/`, import.meta.url));

describe.each(versions)("snapshots of version %i, as they were written then,", (version) => {
  const folder = folderOf(version);
  const known = JSON.parse(readFileSync(`${folder}answers.json`, "utf8")) as Record<string, Answers>;

  it.each(readdirSync(folder).filter((name) => name.endsWith(".nearts")))("%s gives the answers that it gave then", async (file) => {
    const name = file.replace(".nearts", "");
    const { size, next, answers } = known[name];

    const engine = await Engine.load<unknown, Kind>(`${folder}${file}`);

    expect(await engine.size()).toBe(size);
    expect(await engine.storage.loadConfig("mine")).toEqual({
      type: "Mine",
      version: 3,
      name: "mine",
      values: Float32Array.of(1, -2.5),
    } satisfies HashConfig);
    for (const { query, exact, candidates } of answers) {
      const found = await engine.neighbours(query, { k: 5, exact: true });
      expect(found.map(({ id, data }) => [id, data ?? null])).toEqual(exact.map(([id, , data]) => [id, data]));
      found.forEach(({ distance }, i) => {
        expect(distance).toBeCloseTo(exact[i][1], 10);
      });
      // Which lists a learned index reads may change with the way it is searched, the keys of given hashes never.
      if (name !== "learned") expect(await engine.candidateCount(query, { probes: 2 })).toEqual(candidates);
    }
    expect(await engine.storage.nextId(1)).toBe(next);
  });
});
