import { NearError } from "nearts";
import type { FileSpec } from "./spec.js";

/** Refuses what no files can make good: E_BAD_OPTION with the name of the setting as `option`. */
export function checkSpec({ queries, holdOut, ...spec }: FileSpec): void {
  if (queries !== undefined && holdOut !== undefined)
    throw wrong("holdOut", "both queries and holdOut are given: queries come from a file, or from among the rows", { queries });
  if (holdOut !== undefined) checkHoldOut(holdOut);
  for (const name of ["limit", "queryLimit"] as const) {
    const value = spec[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw wrong(name, `${name} is ${value}, it must be a whole number from 1`, { got: value });
  }
}

function checkHoldOut({ count, share }: NonNullable<FileSpec["holdOut"]>): void {
  if ((count === undefined) === (share === undefined))
    throw wrong("holdOut", "holdOut needs either a count or a share of rows", { count, share });
  if (share !== undefined && !(share > 0 && share < 1))
    throw wrong("holdOut", `holdOut.share is ${share}, it must be over 0 and below 1`, { got: share });
}

function wrong(option: string, message: string, details: Readonly<Record<string, unknown>>): NearError {
  return new NearError("E_BAD_OPTION", message, { option, ...details });
}
