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
