import type * as Lmdb from "lmdb";
import { NearError } from "../../core/errors.js";

/** The package `lmdb`, an optional peer: E_UNSUPPORTED, with the command, where it is not installed or has no build for this platform. */
export async function lmdbPackage(): Promise<typeof Lmdb> {
  try {
    return await import("lmdb");
  } catch (cause) {
    throw new NearError("E_UNSUPPORTED", "nearts/lmdb needs the package lmdb, which cannot be loaded: npm install lmdb", {}, { cause });
  }
}
