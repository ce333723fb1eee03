import { NearError, show } from "../../core/errors.js";
import { dialerOfIoCluster, dialerOfIoRedis, type IoRedisClient, type IoRedisCluster } from "./io-redis.js";
import { dialerOfClient, dialerOfCluster, dialerOfUrls, type NodeRedisClient, type NodeRedisCluster } from "./node-redis.js";
import type { Dialer } from "./wire.js";

/** A connected client of `@redis/client` or `ioredis`, of one server or a cluster. It stays the caller's. */
export type RedisClientLike = NodeRedisClient | NodeRedisCluster | IoRedisClient | IoRedisCluster;

/** Options of {@link RedisStorage}. */
export interface RedisStorageOptions {
  /** Name of the index: 1 to 64 letters, digits, "_" or "-". Nothing outside keys that begin with it is touched. */
  readonly name: string;
  /** Where the servers are: one URL, or several of one cluster (`redis://user:password@host:port`, `rediss://` for TLS). This or `client`. */
  readonly url?: string | readonly string[];
  /** Further options of the sockets of connections to `url`: TLS certificates and the like. */
  readonly socket?: object;
  /** A connected client that stays yours. */
  readonly client?: RedisClientLike;
  /** Logical shards of a new index, 1 to 4,096: 1 for one server, and for a cluster two for each primary but 8 at least, when not given. An index that is there has its own. */
  readonly shards?: number;
  /** When a write counts: once the primary has it ("primary"), or once `replicas` replicas have it too ("replica"; E_NOT_REPLICATED where they have not). */
  readonly ack?: "primary" | "replica";
  /** How many replicas (1). */
  readonly replicas?: number;
  /** Milliseconds after which a call is given up, failovers and retries included (10,000). */
  readonly timeoutMs?: number;
  /** Answer from the shards that can be reached; {@link RedisStorage.missing} says which could not. Otherwise that is an error (E_UNAVAILABLE). */
  readonly partial?: boolean;
  /** Open even where the server may throw keys away when memory is short (false). */
  readonly allowEviction?: boolean;
  /** Told what is wrong with the servers but no reason to refuse them. */
  readonly onWarning?: (text: string) => void;
}

const mostShards = 4096;
const known = ["name", "url", "socket", "client", "shards", "ack", "replicas", "timeoutMs", "partial", "allowEviction", "onWarning"];

/** E_BAD_OPTION for what cannot be. */
export function checkOptions(options: RedisStorageOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new NearError("E_BAD_OPTION", `options are ${show(options)}; give { name, url } or { name, client }`, {});
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new NearError("E_BAD_OPTION", `the Redis storage has no option ${show(unknown)}: there are ${known.join(", ")}`, {
      option: unknown,
    });
  }
  const { url, client, shards, ack, replicas, timeoutMs } = options;
  if ((url === undefined) === (client === undefined)) throw new NearError("E_BAD_OPTION", "give either a url or a client", {});
  checkInteger("shards", shards, 1, mostShards);
  checkInteger("replicas", replicas, 1, 100);
  checkInteger("timeoutMs", timeoutMs, 1, 2 ** 31 - 1);
  if (ack !== undefined && ack !== "primary" && ack !== "replica") {
    throw new NearError("E_BAD_OPTION", `ack is ${show(ack)}; give "primary" or "replica"`, { ack });
  }
}

function checkInteger(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)) return; // an integer
  throw new NearError("E_BAD_OPTION", `${name} is ${show(value)}; give an integer from ${least} to ${most}`, { option: name });
}

/** How connections are made. E_BAD_OPTION for a URL or client of no known kind. */
export function dialerOf({ url, client, socket, timeoutMs }: RedisStorageOptions & { readonly timeoutMs: number }): Dialer {
  if (url !== undefined) {
    const urls = typeof url === "string" ? [url] : url;
    for (const one of urls) {
      // The text may hold a password: it is not shown.
      if (!isRedisUrl(one)) throw new NearError("E_BAD_OPTION", "url is none of the form redis://host:port or rediss://host:port", {});
    }
    if (urls.length === 0) throw new NearError("E_BAD_OPTION", "url is an empty array: give at least one", {});
    return dialerOfUrls({ urls, connectMillis: Math.min(timeoutMs, 2000), ...(socket === undefined ? {} : { socket }) });
  }
  const given = client as unknown as Record<string, unknown>; // looked at member by member
  if (typeof given === "object" && given !== null) {
    if (given["isCluster"] === true && typeof given["nodes"] === "function") return dialerOfIoCluster(client as IoRedisCluster);
    if (typeof given["callBuffer"] === "function") return dialerOfIoRedis(client as IoRedisClient);
    if (given["nodeByAddress"] instanceof Map) return dialerOfCluster(client as NodeRedisCluster);
    if (typeof given["sendCommand"] === "function" && !("totalClients" in given)) return dialerOfClient(client as NodeRedisClient);
  }
  const remedy =
    "give a client, or a cluster client, of @redis/client or ioredis (no pool: what waits for replicas must be on the connection that wrote)";
  throw new NearError("E_BAD_OPTION", `client is ${show(client)}; ${remedy}`, {});
}

function isRedisUrl(url: unknown): boolean {
  return typeof url === "string" && URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol);
}

/** Shards of a new index on so many primaries: each is a command of every query, and no more nodes than shards are of use. */
export function shardsFor(primaries: number): number {
  return Math.min(mostShards, Math.max(8, 2 * primaries));
}
