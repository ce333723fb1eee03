import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Folder } from "./files.js";

const cli = fileURLToPath(new URL("../", import.meta.url));
const manifest = JSON.parse(readFileSync(`${cli}package.json`, "utf8")) as { bin: { nearts: string } }; // ours: npm checks its form
const bin = `${cli}${manifest.bin.nearts}`;

const folder = Folder.ofFile();

describe("the command that npm links", () => {
  it("is executable, and runs the built command with its arguments and its exit code", () => {
    accessSync(bin, constants.X_OK);

    expect(run(bin, "--help")).toMatchObject({ code: 0, out: expect.stringContaining("demo"), err: "" });
    expect(run(bin, "no-such-command")).toMatchObject({ code: 2, out: "" });
  });

  it("says how to build it where it is not built, and exits with 1", () => {
    folder.write("package.json", '{ "type": "module" }');
    const unbuilt = folder.write("bin/nearts.js", readFileSync(bin));

    expect(run(unbuilt, "--help")).toEqual({ code: 1, out: "", err: "nearts is not built: run `npm run build`\n" });
  });
});

function run(file: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}
