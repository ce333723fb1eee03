import type { Id } from "./contracts.js";
import { NearError, show } from "./errors.js";

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

/** Bytes of well-formed text in UTF-8, or −1. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0) return -1;
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else {
      const next = text.charCodeAt(++i);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1;
      bytes += 4;
    }
  }
  return bytes;
}
