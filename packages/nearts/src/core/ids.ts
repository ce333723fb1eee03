import type { Id } from "./contracts.js";
import { NearError, show } from "./errors.js";
import { utf8Length } from "./utf8.js";

const mostBytes = 512;

/** The id, checked: a safe integer (−0 becomes 0), or well-formed text of 1 to 512 bytes of UTF-8 without NUL. E_BAD_ID otherwise. */
export function checkId(id: unknown): Id {
  if (typeof id === "number") {
    if (Number.isSafeInteger(id)) return id + 0;
    throw new NearError("E_BAD_ID", `id ${show(id)} is not a safe integer (±2⁵³ − 1): give an integer, or the number as text`, { id });
  }
  if (typeof id !== "string") throw new NearError("E_BAD_ID", `id is ${show(id)}; give text or a safe integer`, { type: typeof id });
  if (id === "") throw new NearError("E_BAD_ID", "id is the empty text; give at least one character", { id });
  const bytes = utf8Length(id);
  if (bytes > mostBytes)
    throw new NearError("E_BAD_ID", `id ${show(id)} has ${bytes} bytes of UTF-8, the limit is ${mostBytes}: shorten or hash it`, {
      bytes,
      limit: mostBytes,
    });
  if (bytes < 0) throw new NearError("E_BAD_ID", `id ${show(id)} contains NUL or half of a surrogate pair: give well-formed text`, { id });
  return id;
}
