import { stat } from "node:fs/promises";
import { NearError } from "../../core/errors.js";
import { inChild } from "./child-check.js";
import { precheck } from "./precheck.js";
import type { Repair } from "./save-rows.js";

/**
 * Makes a new index of all that can be read of the one in a folder, which is left as it is. What was learned is left out: the new index learns when it is next
 * trained, or stored to, and compares all vectors until then. E_NOT_FOUND where there is no index, E_IO where there is something at `to` already, E_CORRUPT where
 * the database, or its schema, cannot be read at all.
 */
export async function repairLmdb(path: string, { to }: { readonly to: string }): Promise<Repair> {
  if (!(await precheck(path))) throw new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(path)} to be repaired`, { path });
  const taken = await stat(to).then(
    () => true,
    () => false,
  );
  if (taken)
    throw new NearError("E_IO", `there is something at ${JSON.stringify(to)} already: name a folder that is to be made`, { path: to });
  return (await inChild("repair", [path, to], 0)) as Repair; // what child-main.ts prints
}
