import { NearError } from "../../core/errors.js";
import { type Argument, type Dialer, type Link, outcomeOf } from "./wire.js";

/** What is used of a client of `@redis/client`. */
export interface NodeRedisClient {
  sendCommand(args: readonly Argument[], options?: object): Promise<unknown>;
  destroy(): void;
  readonly isOpen: boolean;
}

/** What is used of a cluster client of `@redis/client`. */
export interface NodeRedisCluster {
  readonly nodeByAddress: ReadonlyMap<string, NodeRedisNode>;
  readonly masters: readonly NodeRedisNode[];
  nodeClient(node: NodeRedisNode): Promise<NodeRedisClient> | NodeRedisClient;
  sendCommand(firstKey: string, isReadonly: boolean, args: readonly Argument[]): Promise<unknown>;
}

/** A node of a cluster client. */
export interface NodeRedisNode {
  readonly address: string;
}

/**
 * Bulk strings (36 in the protocol's alphabet) as bytes, and maps (37) as flat arrays: given with every command, as clients of a cluster's nodes do not
 * inherit what their cluster was made with. No time limit of the client's own: it would cover queued commands only.
 */
const commandOptions = { typeMapping: { 36: Buffer, 37: Array }, timeout: undefined };

/** Connections of clients that somebody else owns. */
export function dialerOfClient(client: NodeRedisClient): Dialer {
  const link = linkOf(client, "", false);
  return { cluster: undefined, seeds: () => Promise.resolve([link]), dial: () => Promise.resolve(link), close: async () => {} };
}

/** Connections of a cluster client that somebody else owns. */
export function dialerOfCluster(cluster: NodeRedisCluster): Dialer {
  const links = new WeakMap<NodeRedisClient, Link>();
  const linkTo = async (node: NodeRedisNode) => {
    const client = await cluster.nodeClient(node);
    const link = links.get(client) ?? linkOf(client, node.address, false);
    links.set(client, link);
    return link;
  };
  return {
    cluster: true,
    seeds: async () => {
      const found = await Promise.allSettled(cluster.masters.map(linkTo));
      return found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    },
    dial: async (host, port) => {
      const address = `${host}:${port}`;
      // A command of its own makes the client look again who is in the cluster.
      if (!cluster.nodeByAddress.has(address)) await cluster.sendCommand("nearts", true, ["EXISTS", "nearts"]);
      const node = cluster.nodeByAddress.get(address);
      if (node === undefined) throw new Error(`the cluster client knows no node ${address}`);
      return linkTo(node);
    },
    close: async () => {},
  };
}

/** How own connections are made. */
export interface OwnConnections {
  readonly urls: readonly string[];
  readonly connectMillis: number;
  /** Options of `createClient` for TLS and the like. */
  readonly socket?: object;
}

/** Connections of our own to the servers at some URLs. */
export function dialerOfUrls({ urls, connectMillis, socket = {} }: OwnConnections): Dialer {
  const open = new Set<NodeRedisClient>();
  const connect = async (url: URL) => {
    const { createClient } = await load();
    const client = createClient({
      url: url.href,
      // We connect again ourselves, to whoever has the slots by then.
      socket: { connectTimeout: connectMillis, reconnectStrategy: false, ...socket },
      disableOfflineQueue: true,
    });
    client.on("error", () => {}); // every command says so too
    await client.connect();
    open.add(client);
    return linkOf(client, `${url.hostname}:${url.port === "" ? 6379 : url.port}`, true, () => open.delete(client));
  };
  const first = new URL(urls[0]);
  return {
    cluster: undefined,
    seeds: async () => {
      const found = await Promise.allSettled(urls.map((url) => connect(new URL(url))));
      const links = found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const failed = found.find((one) => one.status === "rejected");
      if (links.length === 0 && failed !== undefined) throw failed.reason;
      return links;
    },
    dial: (host, port) => {
      const url = new URL(first.href);
      url.hostname = host.includes(":") ? `[${host}]` : host;
      url.port = String(port);
      return connect(url);
    },
    close: async () => {
      for (const client of open) if (client.isOpen) client.destroy();
      open.clear();
    },
  };
}

interface OwnClient extends NodeRedisClient {
  on(event: "error", listener: () => void): unknown;
  connect(): Promise<unknown>;
}

interface ClientLibrary {
  readonly createClient: (options: object) => OwnClient;
}

/** The client library, which is there only where it is used. */
async function load(): Promise<ClientLibrary> {
  try {
    return await import("@redis/client");
  } catch (cause) {
    const message = "to connect to a URL the Redis storage needs the package @redis/client: npm install @redis/client, or give it a client";
    throw new NearError("E_UNSUPPORTED", message, {}, { cause });
  }
}

function linkOf(client: NodeRedisClient, address: string, owned: boolean, ended: () => void = () => {}): Link {
  return {
    address,
    send: (commands) =>
      commands.map((args) =>
        outcomeOf(
          attempt(() => client.sendCommand(args, commandOptions)),
          isRefusal,
        ),
      ),
    end: () => {
      if (!owned) return;
      ended();
      if (client.isOpen) client.destroy();
    },
  };
}

/** A client that was closed throws at once. */
function attempt(send: () => Promise<unknown>): Promise<unknown> {
  try {
    return send();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Whether the server refused, rather than the connection failed: the library's classes for that are not at hand where a client was given. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(SimpleError|BlobError|ErrorReply)$/.test(error.constructor.name);
}
