import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

test("the README's quick start runs as printed, in ten lines, and finds what it says", () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8")) ?? [];
  const lines = (code ?? "").split("\n").filter((line) => line.trim() !== "");
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.length).toBeLessThanOrEqual(10);
  // Beside the README, so that the name "nearts" resolves as it does for a user.
  const file = `${root}test/.quick-start-${process.pid}.mjs`;
  writeFileSync(file, code ?? "");
  try {
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
    expect(printed).toMatch(/id: 7,\s+distance: 0/);
    expect(printed).toMatch(/id: 'seven',\s+distance: 0/);
    expect(printed).toMatch(/raw: \d+, unique: \d+/);
  } finally {
    rmSync(file, { force: true });
  }
});

test("the README's sets, pairs, guarantee and fields run as printed", () => {
  const text = readFileSync(`${root}README.md`, "utf8");
  const [, code] = /## Sets, near-duplicates, several fields\n\n```js\n([\s\S]*?)```/.exec(text) ?? [];
  expect(code).toContain("pairsWithin");
  const file = `${root}test/.sets-${process.pid}.mjs`;
  const more =
    "console.log(await texts.size(), (await texts.neighbours(['x'], { k: 1 }))[0].id, sure.constructor.name, both.constructor.name);";
  writeFileSync(file, `${code}\n${more}`);
  try {
    expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).toMatch(/^1 a Engine MixedEngine$/m);
  } finally {
    rmSync(file, { force: true });
  }
});
