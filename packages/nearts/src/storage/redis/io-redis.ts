import { pause } from "./time.js";
import { type Argument, type Dialer, type Link, outcomeOf } from "./wire.js";

/** What is used of a client of `ioredis` and its kin. */
export interface IoRedisClient {
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>;
  readonly options: { readonly host?: string | undefined; readonly port?: number | undefined };
}

/** What is used of a cluster client of `ioredis`. */
export interface IoRedisCluster {
  readonly isCluster: boolean;
  nodes(role: "master" | "all"): IoRedisClient[];
  refreshSlotsCache(callback: (error?: unknown) => void): void;
}

/** Connections of a client that somebody else owns. */
export function dialerOfIoRedis(client: IoRedisClient): Dialer {
  const link = linkOf(client);
  return { cluster: undefined, seeds: () => Promise.resolve([link]), dial: () => Promise.resolve(link), close: async () => {} };
}

/** Connections of a cluster client that somebody else owns. */
export function dialerOfIoCluster(cluster: IoRedisCluster): Dialer {
  const links = new WeakMap<IoRedisClient, Link>();
  const linkTo = (client: IoRedisClient) => {
    const link = links.get(client) ?? linkOf(client);
    links.set(client, link);
    return link;
  };
  const find = (host: string, port: number) => cluster.nodes("all").find(({ options }) => options.host === host && options.port === port);
  return {
    cluster: true,
    seeds: async () => {
      // A client that was just made knows nobody yet.
      for (let looks = 0; looks < mostLooks && cluster.nodes("master").length === 0; looks++) await pause(lookMillis);
      return cluster.nodes("master").map(linkTo);
    },
    dial: async (host, port) => {
      if (find(host, port) === undefined) await new Promise<void>((resolve) => cluster.refreshSlotsCache(() => resolve()));
      const client = find(host, port);
      if (client === undefined) throw new Error(`the cluster client knows no node ${host}:${port}`);
      return linkTo(client);
    },
    close: async () => {},
  };
}

const mostLooks = 100;
const lookMillis = 20;

function linkOf(client: IoRedisClient): Link {
  const { host = "", port = 6379 } = client.options;
  return {
    address: `${host}:${port}`,
    send: (commands) => commands.map(([command, ...args]) => outcomeOf(client.callBuffer(String(command), ...args), isRefusal)),
    end: () => {},
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
