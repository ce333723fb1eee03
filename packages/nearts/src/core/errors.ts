/** Every code a {@link NearError} can carry. Codes are stable between major versions, messages are not. */
export type NearErrorCode =
  | "E_AUTH"
  | "E_BAD_DATA"
  | "E_BAD_FILE"
  | "E_BAD_ID"
  | "E_BAD_OPTION"
  | "E_BAD_SPARSE"
  | "E_BAD_VECTOR"
  | "E_CLOSED"
  | "E_CONFIG"
  | "E_CORRUPT"
  | "E_DIM_MISMATCH"
  | "E_DUPLICATE_NAME"
  | "E_FAILED"
  | "E_FULL"
  | "E_IO"
  | "E_LIMIT"
  | "E_LOCKED"
  | "E_MEMORY"
  | "E_NOT_FITTED"
  | "E_NOT_FOUND"
  | "E_NOT_REPLICATED"
  | "E_PARTIAL"
  | "E_READONLY"
  | "E_SCHEMA_MISMATCH"
  | "E_STALE"
  | "E_UNAVAILABLE"
  | "E_UNKNOWN_PLUGIN"
  | "E_UNSUPPORTED"
  | "E_VERSION"
  | "E_ZERO_VECTOR";

/** What a {@link NearError} knows beyond its sentence: the values met and expected, by name. */
export type NearErrorDetails = Readonly<Record<string, unknown>>;

/** The one error class of nearts: a stable `code`, a sentence with both values and the remedy, and the values in `details`. */
export class NearError extends Error {
  override readonly name = "NearError";
  readonly code: NearErrorCode;
  readonly details: NearErrorDetails;

  constructor(code: NearErrorCode, message: string, details: NearErrorDetails = {}, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** A short, safe rendering of any value for an error message: never throws, never longer than about 60 characters. */
export function show(value: unknown): string {
  try {
    const text = typeof value === "string" ? JSON.stringify(value) : typeof value === "bigint" ? `${value}n` : describe(value);
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
  } catch {
    return `a ${typeof value}`;
  }
}

function describe(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value);
  const name = value.constructor?.name ?? "object";
  const length = (value as { length?: unknown }).length;
  return typeof length === "number" ? `${name}(${length})` : name;
}
