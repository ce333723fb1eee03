import { NearError } from "../../core/errors.js";
import { inChild } from "./child-check.js";
import { precheck } from "./precheck.js";
import type { Verification } from "./verify-tables.js";

/**
 * Reads every record of the index in a folder and compares them: all CRCs, rows with ids, vectors, data and bucket entries, and the counts. It does so in a process
 * of its own, and may be done while another process writes. E_NOT_FOUND where there is no index, E_CORRUPT where the database cannot be read at all.
 */
export async function verifyLmdb(path: string): Promise<Verification> {
  if (!(await precheck(path))) throw new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(path)} to be checked`, { path });
  return (await inChild("verify", [path], 0)) as Verification; // what child-main.ts prints
}
