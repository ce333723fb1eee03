import { NearError, show } from "../../core/errors.js";
import { refused, textOf, unavailable } from "./failures.js";
import type { RedisStorageOptions } from "./redis-options.js";
import type { Servers } from "./servers.js";
import { pause, within } from "./time.js";
import type { Link } from "./wire.js";

/** What a server is looked at for before an index is kept on it. */
export interface PreflightOptions {
  /** Whether a server that may throw keys away is refused. */
  readonly requireNoEviction: boolean;
  readonly warn: (text: string) => void;
}

const oldest = [6, 2];

/** Milliseconds between attempts to connect. */
const betweenTries = 50;

/** Connects to the servers and looks at them. E_UNAVAILABLE where they cannot be reached; otherwise as {@link preflight} says. */
export async function reach(servers: Servers, options: RedisStorageOptions & { readonly timeoutMs: number }): Promise<void> {
  const { timeoutMs, allowEviction = false, onWarning = () => {} } = options;
  const limit = performance.now() + timeoutMs;
  for (;;) {
    try {
      await within(servers.connect(), limit - performance.now());
      return await within(preflight(servers, { requireNoEviction: !allowEviction, warn: onWarning }), limit - performance.now());
    } catch (error) {
      if (error instanceof NearError) throw error;
      // The time of a connection also runs out where this very process was busy with something else.
      const again = /timeout/i.test(textOf(error)) && performance.now() < limit;
      if (!again) throw unavailable("connecting", [], "none", timeoutMs, textOf(error));
      await pause(betweenTries);
    }
  }
}

/**
 * Refuses servers that are too old (E_UNSUPPORTED), may throw keys away when memory is short (E_CONFIG), or are read-only (E_READONLY); warns of a primary
 * that keeps nothing on its disk though it has replicas: restarted empty, it empties these.
 */
export async function preflight(servers: Servers, { requireNoEviction, warn }: PreflightOptions): Promise<void> {
  for (const link of await servers.primaries()) {
    const info = await infoOf(link);
    const version = (info.get("redis_version") ?? info.get("valkey_version") ?? "0.0").split(".").map(Number);
    if (version[0] < oldest[0] || (version[0] === oldest[0] && version[1] < oldest[1])) {
      const message = `the server at ${link.address} has version ${version.join(".")}: nearts needs Redis 6.2 or newer, or Valkey`;
      throw new NearError("E_UNSUPPORTED", message, { version: version.join(".") });
    }
    if (!servers.cluster && info.get("role") === "slave") {
      throw new NearError("E_READONLY", `the server at ${link.address} is a read-only replica: connect to the primary`, {});
    }
    const policy = info.get("maxmemory_policy");
    if (policy !== "noeviction" && requireNoEviction) {
      const message = `the server at ${link.address} has maxmemory-policy ${show(policy ?? "(not told)")} and would throw vectors away without a word: CONFIG SET maxmemory-policy noeviction`;
      throw new NearError("E_CONFIG", message, { policy });
    }
    if (policy !== "noeviction") warn(`the server at ${link.address} has maxmemory-policy ${String(policy)}: vectors may vanish`);
    const [save] = await Promise.all(link.send([["CONFIG", "GET", "save"]]));
    const saves = "reply" in save && Array.isArray(save.reply) && String(save.reply[1]) !== "";
    const unknown = !("reply" in save);
    if (!unknown && !saves && info.get("aof_enabled") === "0" && Number(info.get("connected_slaves") ?? 0) > 0) {
      warn(
        `the primary at ${link.address} keeps nothing on its disk but has replicas: restarted empty it would empty them. Turn on appendonly`,
      );
    }
  }
}

/** INFO as names and values; without the right to ask, what can be told of it. */
async function infoOf(link: Link): Promise<Map<string, string>> {
  const [outcome] = await Promise.all(link.send([["INFO"]]));
  if ("refused" in outcome) throw refused(outcome.refused);
  if ("lost" in outcome) throw outcome.lost;
  const lines = String(outcome.reply).split("\r\n");
  return new Map(
    lines.filter((line) => line.includes(":")).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}
