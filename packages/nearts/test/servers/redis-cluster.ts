import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RedisServer, type RedisSettings } from "./redis-server.js";
import { until } from "./until.js";

const SLOTS = 16_384;
const HOST = "127.0.0.1";

/** How a cluster is made. */
export interface RedisClusterOptions {
  /** Nodes that hold slots (3), and copies of each (1). */
  readonly primaries?: number;
  readonly replicas?: number;
  /** Milliseconds without an answer after which a node counts as failed (1,500). */
  readonly nodeTimeout?: number;
  readonly settings?: RedisSettings;
}

/** A real cluster on loopback ports; nodes 0 to primaries − 1 begin as primaries, node primaries·r + i as a copy of node i. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly primaries: number;

  private constructor(nodes: readonly RedisServer[], primaries: number) {
    this.nodes = nodes;
    this.primaries = primaries;
  }

  /** A cluster all of whose nodes know each other, with every slot held and every copy level. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { primaries = 3, replicas = 1, nodeTimeout = 1500, settings = {} } = options;
    const own: RedisSettings = {
      "cluster-enabled": "yes",
      "cluster-node-timeout": String(nodeTimeout),
      "cluster-replica-validity-factor": "0",
      "repl-diskless-sync-delay": "0",
      appendfsync: "everysec",
      ...settings,
    };
    const starting = await Promise.allSettled(Array.from({ length: primaries * (1 + replicas) }, () => RedisServer.start(own)));
    const nodes = starting.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const cluster = new RedisCluster(nodes, primaries);
    try {
      for (const result of starting) if (result.status === "rejected") throw result.reason;
      await cluster.#form();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** Ends when every slot is held by a node that all living ones agree on and `copies` copies, of all primaries together, are level. */
  async ready(copies = this.nodes.length - this.primaries): Promise<void> {
    await until("a ready cluster", async () => {
      const living = await this.#living();
      const states = await Promise.all(living.map(async (node) => String(await node.command("CLUSTER", "INFO"))));
      if (!states.every((state) => state.includes("cluster_state:ok") && state.includes(`cluster_slots_ok:${SLOTS}`))) return false;
      const known = await Promise.all(
        living.map(async (node) => (await this.#table(node)).filter(({ flags }) => flags.includes("slave")).length),
      );
      if (!known.every((count) => count >= copies)) return false;
      const online = await Promise.all(
        living.map(async (node) => [...(await node.info("replication")).values()].filter((value) => value.includes("state=online")).length),
      );
      return online.reduce((sum, count) => sum + count, 0) >= copies;
    });
  }

  /** The nodes that are primaries with slots now, as one living node sees it. */
  async holders(): Promise<RedisServer[]> {
    const [witness] = await this.#living();
    const table = await this.#table(witness);
    const ports = table.filter(({ flags, slots }) => flags.includes("master") && !flags.includes("fail") && slots).map(({ port }) => port);
    return this.nodes.filter(({ port }) => ports.includes(port));
  }

  /** The copy of `primary` that lives. */
  async replicaOf(primary: RedisServer): Promise<RedisServer> {
    const id = await this.#id(primary);
    const ports = (await this.#table(primary))
      .filter((node) => node.primary === id && !node.flags.includes("fail"))
      .map(({ port }) => port);
    const replica = this.nodes.find(({ port }) => ports.includes(port));
    if (replica === undefined) throw new Error(`the primary on port ${primary.port} has no copy`);
    return replica;
  }

  /** Ends when another node holds the slots that `primary` held. */
  async failedOver(primary: RedisServer, witness: RedisServer): Promise<void> {
    await until(`a successor of the primary on port ${primary.port}`, async () => {
      const table = await this.#table(witness);
      const own = table.find(({ port }) => port === primary.port);
      const state = String(await witness.command("CLUSTER", "INFO"));
      return own !== undefined && !own.slots && state.includes("cluster_state:ok");
    });
  }

  /** Moves so many slots with their keys from one primary to another, while clients go on. */
  async reshard(from: RedisServer, to: RedisServer, slots: number): Promise<void> {
    const ids = [await this.#id(from), await this.#id(to)];
    const args = [
      "--cluster",
      "reshard",
      `${HOST}:${from.port}`,
      "--cluster-from",
      ids[0],
      "--cluster-to",
      ids[1],
      "--cluster-slots",
      String(slots),
    ];
    try {
      await promisify(execFile)("redis-cli", [...args, "--cluster-yes"]);
    } catch (cause) {
      throw new Error("redis-cli could not move slots; install it: sudo apt-get install -y redis-tools", { cause });
    }
  }

  /** Kills all nodes and removes their folders. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #form(): Promise<void> {
    const { nodes, primaries } = this;
    await Promise.all(nodes.map((node, i) => node.command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)));
    await Promise.all(nodes.slice(1).map((node) => nodes[0].command("CLUSTER", "MEET", HOST, node.port)));
    const share = (i: number): number => Math.floor((i * SLOTS) / primaries);
    await Promise.all(nodes.slice(0, primaries).map((node, i) => node.command("CLUSTER", "ADDSLOTSRANGE", share(i), share(i + 1) - 1)));
    const ids = await Promise.all(nodes.map((node) => this.#id(node)));
    await Promise.all(
      nodes.slice(primaries).map((node, i) =>
        // Refused until the nodes have heard of each other.
        until("a copy", async () => (await node.command("CLUSTER", "REPLICATE", ids[i % primaries])) === "OK"),
      ),
    );
    await this.ready();
  }

  async #living(): Promise<RedisServer[]> {
    const answers = await Promise.all(
      this.nodes.map((node) =>
        node.command("PING").then(
          () => true,
          () => false,
        ),
      ),
    );
    return this.nodes.filter((_, i) => answers[i]);
  }

  async #id(node: RedisServer): Promise<string> {
    return String(await node.command("CLUSTER", "MYID"));
  }

  async #table(node: RedisServer): Promise<{ port: number; flags: string; primary: string; slots: boolean }[]> {
    const lines = String(await node.command("CLUSTER", "NODES"))
      .trim()
      .split("\n");
    return lines.map((line) => {
      const [, address, flags, primary, , , , , ...slots] = line.split(" ");
      return { port: Number(address.split("@")[0].split(":").at(-1)), flags, primary, slots: slots.length > 0 };
    });
  }
}
