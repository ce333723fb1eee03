import { corrupt } from "./faults.js";

/** The text of protocol 0: code points below 256 as they are, others as \uXXXX or \UXXXXXXXX. */
export function unescapedText(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short: string | undefined, long: string | undefined) => {
    const point = Number.parseInt(short ?? long ?? "", 16);
    if (point > 0x10ffff) throw corrupt("has text with a character that does not exist");
    return String.fromCodePoint(point);
  });
}

const ESCAPES: Readonly<Record<string, number>> = { "\\": 92, "'": 39, '"': 34, n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11 };

/** The bytes of a str of Python 2 as its repr writes them: in quotes, with escapes. */
export function quotedBytes(line: string): Uint8Array {
  const quote = line[0];
  if ((quote !== "'" && quote !== '"') || line.length < 2 || line.at(-1) !== quote) throw corrupt("has a string without quotes");
  const bytes: number[] = [];
  for (let i = 1; i < line.length - 1; i++) {
    if (line[i] !== "\\") {
      bytes.push(line.charCodeAt(i));
      continue;
    }
    const letter = line[++i];
    if (letter === "x" && /^[0-9a-fA-F]{2}$/.test(line.slice(i + 1, i + 3))) {
      bytes.push(Number.parseInt(line.slice(i + 1, i + 3), 16));
      i += 2;
    } else if (Object.hasOwn(ESCAPES, letter)) bytes.push(ESCAPES[letter]);
    else throw corrupt("has a string with an escape that does not exist");
  }
  return Uint8Array.from(bytes);
}

/** A whole number in decimals, perhaps with Python 2's L behind it; I00 and I01 are False and True. */
export function wholeNumber(line: string): number | boolean {
  if (line === "00" || line === "01") return line === "01";
  const digits = line.endsWith("L") ? line.slice(0, -1) : line;
  const value = Number(digits);
  if (!/^-?[0-9]{1,16}$/.test(digits) || !Number.isSafeInteger(value)) throw corrupt("has a whole number beyond ±(2⁵³ − 1)");
  return value;
}

/** A float as Python's repr writes it. */
export function decimal(line: string): number {
  if (line === "inf" || line === "-inf") return line === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (line === "nan") return Number.NaN;
  if (!/^-?[0-9.]{1,400}(e[+-]?[0-9]{1,4})?$/.test(line) || Number.isNaN(Number(line))) throw corrupt("has a float that is none");
  return Number(line);
}

/** A whole number in two's complement, lowest byte first. */
export function twosComplement(bytes: Uint8Array): number {
  if (bytes.length > 8) throw corrupt("has a whole number beyond ±(2⁵³ − 1)");
  let value = 0n;
  bytes.forEach((byte, i) => {
    value |= BigInt(byte) << BigInt(8 * i);
  });
  const signed = Number(BigInt.asIntN(8 * bytes.length, value));
  if (!Number.isSafeInteger(signed)) throw corrupt("has a whole number beyond ±(2⁵³ − 1)");
  return signed;
}
