import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type RedisServer, startRedis } from "./start-redis.js";

const run = promisify(execFile);

/** A real cluster on loopback: `nodes` begin with those that were made primaries. */
export interface RedisCluster {
  readonly nodes: RedisServer[];
  readonly primaries: number;
  /** URLs of all nodes. */
  readonly urls: string[];
  stop(): Promise<void>;
}

const formedWithin = 20_000;

/** Starts a cluster of so many primaries, each with so many replicas, and waits until every node knows all of it. */
export async function startCluster(primaries = 3, replicas = 0, options: readonly string[] = []): Promise<RedisCluster> {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-replica-validity-factor", "0"];
  const quick = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
  const count = primaries * (1 + replicas);
  const nodes = await Promise.all(Array.from({ length: count }, () => startRedis([...settings, ...quick, ...options])));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await cli(["--cluster", "create", ...addresses, "--cluster-replicas", String(replicas), "--cluster-yes"]);
    const limit = Date.now() + formedWithin;
    for (const { port } of nodes) {
      while (!(await isFormed(port, count, primaries * replicas))) {
        if (Date.now() > limit) throw new Error(`the cluster on ${addresses.join(", ")} was not formed after ${formedWithin} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, primaries, urls: nodes.map(({ url }) => url), stop };
}

/** What `redis-cli` prints. */
export async function cli(args: readonly string[]): Promise<string> {
  const { stdout } = await run("redis-cli", args as string[], { timeout: 60_000, maxBuffer: 2 ** 24 }); // execFile takes no readonly list, and changes none
  return stdout;
}

/** A node's state is ok, it knows all others, and the replicas' links are up. */
async function isFormed(port: number, nodes: number, replicas: number): Promise<boolean> {
  const info = await cli(["-p", String(port), "cluster", "info"]);
  const known = (await cli(["-p", String(port), "cluster", "nodes"])).trim().split("\n");
  const linked = known.filter((line) => / slave /.test(line.replace("myself,", "")) && / connected/.test(line)).length;
  if (!info.includes("cluster_state:ok") || known.length !== nodes || linked !== replicas) return false;
  const role = await cli(["-p", String(port), "info", "replication"]);
  return !role.includes("role:slave") || role.includes("master_link_status:up");
}
