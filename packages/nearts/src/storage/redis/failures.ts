import { NearError, show } from "../../core/errors.js";

/** What is to be done about a refusal. */
export type Remedy =
  | { readonly kind: "moved" | "ask"; readonly slot: number; readonly host: string; readonly port: number }
  | { readonly kind: "text" }
  | { readonly kind: "later" }
  | { readonly kind: "final"; readonly error: NearError };

/** Refusals that pass: a slot on its way, a failover, a server that starts, a script that runs long, a replica that was lost. */
const passing = /^(TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|BUSY|NOREPLICAS|READONLY|UNBLOCKED)\b/;

/** What a refusal, in the server's words, asks for. */
export function remedyFor(refusal: string): Remedy {
  const redirected = /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(refusal);
  if (redirected !== null) {
    const [, kind, slot, host, port] = redirected;
    return { kind: kind === "MOVED" ? "moved" : "ask", slot: Number(slot), host, port: Number(port) };
  }
  if (refusal.startsWith("NOSCRIPT")) return { kind: "text" };
  if (passing.test(refusal)) return { kind: "later" };
  return { kind: "final", error: refused(refusal) };
}

/** A refusal that stays. */
export function refused(refusal: string): NearError {
  const details = { retryable: false, outcome: "none", refusal };
  if (isAuth(refusal)) return authError(refusal);
  if (refusal.startsWith("OOM")) {
    const message = `the server has no memory left (${refusal}): raise its maxmemory, or delete some vectors`;
    return new NearError("E_FULL", message, details);
  }
  if (refusal.startsWith("MISCONF")) {
    const message = `the server refuses writes as it cannot save them (${refusal}): look at its disk and its log`;
    return new NearError("E_FULL", message, details);
  }
  return new NearError("E_FAILED", `the server refused a command: ${refusal}`, { ...details, outcome: "unknown" });
}

/** Whether a refusal is about who is asking. */
export function isAuth(text: string): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM|ERR (invalid password|Client sent AUTH|AUTH ))/.test(text);
}

/** The server does not let this user in, or not do this. Its own words have no password. */
export function authError(refusal: string, cause?: unknown): NearError {
  const message = `the server does not let this user in: ${refusal}. Check user, password and permissions (README of nearts/redis)`;
  return new NearError("E_AUTH", message, { retryable: false, outcome: "none" }, cause === undefined ? {} : { cause });
}

/** A server that cannot be reached, or not in time. */
export function unavailable(
  what: string,
  shards: readonly number[],
  outcome: "none" | "unknown",
  millis: number,
  cause?: unknown,
): NearError {
  const why = cause === undefined ? "" : `: ${textOf(cause)}`;
  const where = shards.length === 0 ? "" : ` of shard ${shards.join(", ")}`;
  const message = `the server${where} did not answer within ${millis} ms (${what})${why}. Check that it runs, or raise timeoutMs`;
  return new NearError(
    "E_UNAVAILABLE",
    message,
    { shards, retryable: true, outcome },
    cause instanceof Error ? { cause: plain(cause) } : {},
  );
}

/** The words of any failure, without the user and password of a URL. */
export function textOf(cause: unknown): string {
  const errors = (cause as { readonly errors?: unknown } | null)?.errors;
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
  const text = cause instanceof Error ? cause.message || textOf(first ?? cause.name) : typeof cause === "string" ? cause : show(cause);
  return withoutUser(text);
}

/** A text without what stands between :// and @ in its URLs. */
export function withoutUser(text: string): string {
  return text.replace(/(\w+:\/\/)[^@/\s]*@/g, "$1***@");
}

/** A failure without anything but its words: clients hang their options, passwords and all, on errors. */
function plain(cause: Error): Error {
  return new Error(textOf(cause));
}
