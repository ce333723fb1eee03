import { NearError } from "../core/errors.js";

type Column = Float32Array | Uint32Array | Int32Array;

/**
 * Parts of one column end to end. The parts are used up: each is let go once it is copied, so that little more than the whole is held.
 * E_MEMORY where that is too much.
 */
export function join<C extends Column>(parts: C[], make: (length: number) => C): C {
  if (parts.length === 1) return parts[0];
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = allocate(length, make);
  let at = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A column of so many numbers; E_MEMORY where that is too much. */
export function allocate<C extends Column>(length: number, make: (length: number) => C): C {
  try {
    return make(length);
  } catch (cause) {
    const sentence = `the rows take ${length} numbers of 4 bytes, more than fit into memory here; read them in chunks with readVectors, or pass limit`;
    throw new NearError("E_MEMORY", sentence, { length }, { cause });
  }
}
