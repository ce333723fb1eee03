import type { Json } from "nearts";

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];
const TIME_UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ["h", 3600],
  ["min", 60],
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
];

/** A value of a measure for people: `0.953`, `12,345`, `1.2 ms`, `34.5 MB`, `3.1×`. */
export function quantity(value: number, unit: string): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "s") return time(value);
  if (unit === "µs") return time(value * 1e-6);
  if (unit === "×") return `${number(value)}×`;
  if (unit === "" || unit === "1/s") return number(value);
  return `${number(value)} ${unit}`;
}

/** A number with its leading digits, and commas between thousands. */
export function number(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  if (Math.abs(value) >= 1000) return whole.format(value);
  if (Math.abs(value) < 1e-4) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

/** Parameters in one line: `bits 10 · tables 8`. */
export function parametersText(parameters: { readonly [name: string]: Json }): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${jsonText(value)}`)
    .join(" · ");
}

/** A plain value for people: texts without their quotes, all else as JSON. */
export function jsonText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A text cut to `length` characters. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function bytes(value: number): string {
  const step = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** step).toPrecision(3))} ${BYTE_UNITS[step]}`;
}

function time(seconds: number): string {
  if (seconds === 0) return "0 s";
  const [unit, size] = TIME_UNITS.find(([, of]) => Math.abs(seconds) >= of) ?? TIME_UNITS[TIME_UNITS.length - 1];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}
