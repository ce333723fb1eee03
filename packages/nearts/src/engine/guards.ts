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
