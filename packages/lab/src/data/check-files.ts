import { access } from "node:fs/promises";
import { NearError } from "nearts";
import type { DataSpec } from "./spec.js";

/** Sees that the files of a data set are there, all before the first is read: E_IO. */
export async function checkFiles(spec: DataSpec): Promise<void> {
  if ("generate" in spec) return;
  for (const path of [spec.base, spec.queries]) {
    if (path === undefined) continue;
    try {
      await access(path);
    } catch (cause) {
      const { code = "unknown" } = cause as NodeJS.ErrnoException; // Node's own errors
      const reason = code === "ENOENT" ? "there is no such file (ENOENT)" : `it is out of reach (${code})`;
      throw new NearError("E_IO", `cannot read ${JSON.stringify(path)}: ${reason}; check the path`, { path }, { cause });
    }
  }
}
