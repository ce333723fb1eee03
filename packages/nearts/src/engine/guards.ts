import { NearError, show } from "../core/errors.js";

/** Refuses (E_BAD_OPTION) options that are no object; whoever writes JavaScript may give anything. */
export function requireOptions(options: unknown, what: string): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new NearError("E_BAD_OPTION", `the options of ${what} are ${show(options)}; give an object, or leave them out`, { what });
}

/** Refuses (E_BAD_OPTION) names that nobody reads: a misspelt option would silently do nothing. */
export function refuseUnknown(options: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new NearError("E_BAD_OPTION", `${what} has no option ${show(name)}; it has ${known.join(", ")}`, { option: name });
  }
}

/** Throws the reason of a signal that is aborted already; E_BAD_OPTION for what is no signal. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) {
    throw new NearError("E_BAD_OPTION", `signal is ${show(signal)}; give the signal of an AbortController, or leave it out`, {});
  }
  signal.throwIfAborted();
}

/** Refuses (E_BAD_OPTION) what is neither true nor false where it is given. */
export function checkFlag(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new NearError("E_BAD_OPTION", `${name} is ${show(value)}; give true or false, or leave it out`, { option: name });
}

/** Refuses (E_BAD_OPTION) what cannot be a storage. */
export function requireStorage(storage: unknown): void {
  const methods = ["open", "write", "scan", "fetch", "find", "remove", "directory"];
  if (
    typeof storage === "object" &&
    storage !== null &&
    methods.every((name) => typeof (storage as Record<string, unknown>)[name] === "function")
  )
    return; // any object may be asked
  throw new NearError("E_BAD_OPTION", `storage is ${show(storage)}; give an instance, such as new MemoryStorage()`, {});
}

/** E_CLOSED, for whoever goes on with an engine that was closed. */
export function closedError(): NearError {
  return new NearError("E_CLOSED", "this engine is closed: make a new one, or open its storage again", {});
}
