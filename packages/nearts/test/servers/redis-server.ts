import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePorts } from "./free-ports.js";
import { exitOf, guardedFolder, removeFolder, spawnGuarded } from "./guarded.mjs";
import { until } from "./until.js";

/** A Redis, or a Valkey by `NEARTS_REDIS_SERVER=valkey-server`. */
const PROGRAM = process.env["NEARTS_REDIS_SERVER"] ?? "redis-server";
const REMEDY = "install it: sudo apt-get install -y --no-install-recommends redis-server redis-tools";

/** Settings as in redis.conf: `{ appendfsync: "always" }`. */
export type RedisSettings = Readonly<Record<string, string>>;

/** Nothing on the disk: quicker, for tests that are about something else. */
export const IN_MEMORY: RedisSettings = { appendonly: "no" };

/** Each write in the log before its reply, as the strictest set-up has it; nothing is evicted. */
const DEFAULTS: RedisSettings = {
  bind: "127.0.0.1",
  "protected-mode": "no",
  appendonly: "yes",
  appendfsync: "always",
  save: "",
  "maxmemory-policy": "noeviction",
};

/** A real server on a loopback port of its own, with a folder of its own. Neither outlives this process. */
export class RedisServer {
  readonly port: number;
  /** Holds `data`, the server's folder, and its log and pid file beside it. */
  readonly folder: string;
  readonly settings: RedisSettings;
  #process: ChildProcess | undefined;
  #client: Redis | undefined;

  private constructor(port: number, settings: RedisSettings) {
    this.port = port;
    this.settings = { ...DEFAULTS, ...settings };
    this.folder = guardedFolder("redis");
    mkdirSync(join(this.folder, "data"));
  }

  /** A server that answers. */
  static async start(settings: RedisSettings = {}): Promise<RedisServer> {
    for (let tries = 0; ; tries++) {
      const [port] = await freePorts(1);
      const server = new RedisServer(port, settings);
      try {
        await server.restart();
        return server;
      } catch (error) {
        const taken = server.log.includes("Address already in use");
        await server.stop();
        if (!taken || tries === 5) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`the server on port ${this.port} does not run`);
    return pid;
  }

  /** What it has logged. */
  get log(): string {
    const path = join(this.folder, "log");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Sends one command on a connection of its own, which never tries twice. */
  async command(name: string, ...args: (string | number | Buffer)[]): Promise<unknown> {
    if (this.#client === undefined) {
      const options = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, enableOfflineQueue: false };
      const password = this.settings["requirepass"];
      this.#client = new Redis(this.port, "127.0.0.1", { ...options, ...(password === undefined ? {} : { password }) });
      this.#client.on("error", () => {}); // the command that meets it rejects
    }
    if (this.#client.status !== "ready") await this.#client.connect();
    return this.#client.call(name, ...args);
  }

  /** The fields of a section of INFO. */
  async info(section: string): Promise<Map<string, string>> {
    const text = String(await this.command("INFO", section));
    return new Map(text.split("\r\n").flatMap((line) => (line.includes(":") ? [line.split(/:(.*)/s, 2) as [string, string]] : []))); // one colon at least
  }

  /** Starts it (again) on the same port and folder; ends when it has loaded its data and answers. */
  async restart(): Promise<void> {
    const own = {
      port: String(this.port),
      dir: join(this.folder, "data"),
      logfile: join(this.folder, "log"),
      pidfile: join(this.folder, "pid"),
    };
    const args = Object.entries({ ...this.settings, ...own }).flatMap(([name, value]) => [`--${name}`, value]);
    const started = await spawnGuarded(PROGRAM, args, { stdio: "ignore" }, REMEDY);
    this.#process = started;
    let ended = false;
    started.once("exit", () => {
      ended = true;
    });
    await until(`an answer of the server on port ${this.port}`, async () => ended || (await this.command("PING")) === "PONG");
    if (ended) throw new Error(`${PROGRAM} ended at once: ${this.log.slice(-500)}`);
  }

  /** Kills it, as a crash does, paused or not; its folder stays. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const process = this.#process;
    this.#disconnect();
    this.#process = undefined;
    if (process === undefined) return;
    if (signal !== "SIGKILL") process.kill("SIGCONT");
    process.kill(signal);
    await exitOf(process);
  }

  /** Stops it in its tracks; the connections stay. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Kills it and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    removeFolder(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #disconnect(): void {
    this.#client?.disconnect();
    this.#client = undefined;
  }
}
