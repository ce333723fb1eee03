import { NearError } from "../../../core/errors.js";

/** E_CORRUPT for bytes of a NearPy index: damaged, hostile, or something that no entry of NearPy holds. */
export function corrupt(sentence: string, cause?: unknown): NearError {
  return new NearError("E_CORRUPT", `an entry of the NearPy index ${sentence}`, {}, { cause });
}
