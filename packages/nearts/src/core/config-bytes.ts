import { NearError, show } from "./errors.js";

/** Typed arrays that may be kept, by the key that stands for each in the text. */
const arrays = { $f32: Float32Array, $f64: Float64Array, $u32: Uint32Array } as const;
type ArrayKey = keyof typeof arrays;
type Packed = InstanceType<(typeof arrays)[ArrayKey]>;

const headerBytes = 8;
const deepest = 64;

/**
 * A configuration, or anything else of JSON and typed arrays, as bytes: the lengths of the text and of the arrays as u32 (little-endian); the text, JSON with
 * `{"$f32": [offset, length]}` in the place of an array, and one $ more before names that begin with one; zeros up to a multiple of 8; the arrays one after the other, each at a multiple of 8.
 * E_CONFIG for what has no such form.
 */
export function configBytes(value: unknown): Uint8Array {
  const packed: Packed[] = [];
  const text = new TextEncoder().encode(JSON.stringify(withoutArrays(value, packed, 0)));
  const start = aligned(headerBytes + text.length);
  const end = packed.reduce((sum, array) => sum + aligned(array.byteLength), 0);
  const bytes = new Uint8Array(start + end);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, text.length, true);
  header.setUint32(4, end, true);
  bytes.set(text, headerBytes);
  let at = start;
  for (const array of packed) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  return bytes;
}

/** What {@link configBytes} was made from; owns its arrays. E_CONFIG for bytes that are nothing of the kind, whatever they hold. */
export function configFromBytes(bytes: Uint8Array): unknown {
  if (bytes.length < headerBytes) throw damaged(`it has ${bytes.length} bytes, expected at least ${headerBytes}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const [textBytes, arrayBytes] = [header.getUint32(0, true), header.getUint32(4, true)];
  const start = aligned(headerBytes + textBytes);
  if (start + arrayBytes !== bytes.length) throw damaged(`it says that it has ${start + arrayBytes} bytes and has ${bytes.length}`);
  let tree: unknown;
  try {
    tree = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(headerBytes, headerBytes + textBytes)));
  } catch (error) {
    throw damaged("its text is no JSON in UTF-8", error);
  }
  return withArrays(tree, bytes.subarray(start), 0);
}

function withoutArrays(value: unknown, packed: Packed[], depth: number): unknown {
  if (depth > deepest) throw refused("is nested too deep", value);
  const key = arrayKeys.find((candidate) => value instanceof arrays[candidate]);
  if (key !== undefined) {
    const array = value as Packed; // it is an instance of one of them
    const at = packed.reduce((sum, other) => sum + aligned(other.byteLength), 0);
    packed.push(array);
    return { [key]: [at, array.length] };
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part) => withoutArrays(part, packed, depth + 1));
  if (typeof value !== "object" || ArrayBuffer.isView(value)) throw refused("holds", value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [escaped(name), withoutArrays(part, packed, depth + 1)]));
}

function withArrays(value: unknown, bytes: Uint8Array, depth: number): unknown {
  if (depth > deepest) throw damaged("it is nested too deep");
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((part) => withArrays(part, bytes, depth + 1));
  const key = arrayKeys.find((candidate) => Object.hasOwn(value, candidate));
  if (key !== undefined) return arrayAt(key, (value as Record<string, unknown>)[key], bytes); // it has it
  // Object.fromEntries defines own properties: a "__proto__" from a file is one more name.
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [unescaped(name), withArrays(part, bytes, depth + 1)]));
}

function escaped(name: string): string {
  return name.startsWith("$") ? `$${name}` : name;
}

function unescaped(name: string): string {
  return name.startsWith("$$") ? name.slice(1) : name;
}

function arrayAt(key: ArrayKey, place: unknown, bytes: Uint8Array): Packed {
  const Values = arrays[key];
  const [at, length] = Array.isArray(place) ? (place as unknown[]) : [];
  const fits = isCount(at) && isCount(length) && at + length * Values.BYTES_PER_ELEMENT <= bytes.length;
  if (!fits) throw damaged(`an array is at ${show(at)} with ${show(length)} values, of ${bytes.length} bytes of arrays`);
  // A copy even of a Buffer, whose own slice is none.
  return new Values(new Uint8Array(bytes.subarray(at, at + length * Values.BYTES_PER_ELEMENT)).buffer);
}

const arrayKeys = Object.keys(arrays) as ArrayKey[]; // the keys of a literal

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0; // an integer
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function refused(what: string, value: unknown): NearError {
  return new NearError(
    "E_CONFIG",
    `a configuration ${what} ${show(value)}: give JSON, Float32Array, Float64Array and Uint32Array only`,
    {},
  );
}

function damaged(why: string, cause?: unknown): NearError {
  return new NearError("E_CONFIG", `the bytes of a configuration are damaged: ${why}`, {}, { cause });
}
