import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NearError } from "nearts";
import { type Client, connect } from "./client.js";

/** When the log of writes reaches the disk: `off` keeps none. */
export type Fsync = "off" | "no" | "everysec" | "always";

export const fsyncs: readonly Fsync[] = ["off", "no", "everysec", "always"];

const startsWithin = 10_000;
const formsWithin = 20_000;
const slots = 16_384;

/** Servers on loopback, one alone or the primaries of a cluster, with folders of their own. They do not outlive this process. */
export class Servers {
  readonly urls: readonly string[];
  readonly #nodes: readonly Node[];

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
    this.urls = nodes.map(({ url }) => url);
  }

  /** One server, no cluster. E_IO where there is no `redis-server` or it does not start. */
  static async alone(fsync: Fsync): Promise<Servers> {
    return new Servers([await startNode(fsync, [])]);
  }

  /** A cluster of so many primaries and no replicas, its slots shared out evenly. */
  static async cluster(primaries: number, fsync: Fsync): Promise<Servers> {
    const nodes: Node[] = [];
    try {
      for (let i = 0; i < primaries; i++) nodes.push(await startNode(fsync, ["--cluster-enabled", "yes"]));
      await form(nodes);
    } catch (error) {
      for (const node of nodes) await node.stop();
      throw error;
    }
    return new Servers(nodes);
  }

  /** The numbers of a section of each server's INFO. */
  async info(section: string): Promise<ReadonlyMap<string, number>[]> {
    const texts = await Promise.all(this.#nodes.map(({ control }) => control.sendCommand(["INFO", section])));
    return texts.map(
      (text) => new Map([...String(text).matchAll(/^(\w+):(\d+(?:\.\d+)?)\r?$/gm)].map(([, name, value]) => [name, Number(value)])),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }
}

interface Node {
  readonly url: string;
  readonly port: number;
  /** For the server's own affairs, apart from the connections that are measured. */
  readonly control: Client;
  stop(): Promise<void>;
}

async function startNode(fsync: Fsync, settings: readonly string[]): Promise<Node> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nearts-bench-redis-"));
  const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const log = fsync === "off" ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", fsync];
  const server = spawn("redis-server", [...place, ...log, ...settings], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    server.once("close", () => resolve());
    server.once("error", () => resolve());
  });
  const watchdog = watch(server);
  const end = async () => {
    server.kill("SIGKILL");
    await ended;
    watchdog?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `redis://127.0.0.1:${port}`;
  try {
    const control = await connected(url, server);
    const stop = () => {
      control.destroy();
      return end();
    };
    return { url, port, control, stop };
  } catch (cause) {
    await end();
    throw new NearError("E_IO", "redis-server does not start: sudo apt-get install -y --no-install-recommends redis-server", {}, { cause });
  }
}

/** Connects as soon as the server answers; rejects where it ended or takes too long. */
async function connected(url: string, server: ChildProcess): Promise<Client> {
  const deadline = performance.now() + startsWithin;
  for (;;) {
    try {
      return await connect(url);
    } catch (error) {
      if (server.pid === undefined || server.exitCode !== null || performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

async function form(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  const from = (i: number) => Math.floor((i * slots) / nodes.length);
  for (const [i, { control }] of nodes.entries()) {
    await control.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", String(i + 1)]);
    await control.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(from(i)), String(from(i + 1) - 1)]);
  }
  for (const { port } of others) await first.control.sendCommand(["CLUSTER", "MEET", "127.0.0.1", String(port)]);
  const deadline = performance.now() + formsWithin;
  while (!(await isFormed(nodes))) {
    if (performance.now() > deadline) throw new NearError("E_IO", `a cluster of ${nodes.length} was not formed in ${formsWithin} ms`, {});
    await sleep(50);
  }
}

async function isFormed(nodes: readonly Node[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(({ control }) => control.sendCommand(["CLUSTER", "INFO"])));
  return states.every(
    (state) => String(state).includes("cluster_state:ok") && String(state).includes(`cluster_known_nodes:${nodes.length}`),
  );
}

/** Outlives this process and ends the server when this one is gone, however it went. */
function watch({ pid }: ChildProcess): ChildProcess | null {
  if (pid === undefined) return null;
  const both = `kill -0 ${process.pid} && kill -0 ${pid}`;
  const dog = spawn("sh", ["-c", `while ${both}; do sleep 1; done 2>/dev/null; kill -9 ${pid} 2>/dev/null`], {
    stdio: "ignore",
    detached: true,
  });
  dog.unref();
  return dog;
}

/** A port that is free, with the one 10,000 above it, where nodes of a cluster talk. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 2700);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
