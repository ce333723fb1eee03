import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.js";

/** A real server on a free loopback port, with a folder of its own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** Sends a signal: SIGKILL, SIGSTOP, SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Starts it again on the same port and folder, after it ended. */
  restart(): Promise<RedisServer>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Where a server listens and keeps its files; new ones when not given. */
export interface ServerPlace {
  readonly port: number;
  readonly dir: string;
}

const startedWithin = 10_000;

/** Starts `redis-server` with these further arguments: `["--requirepass", "x"]`. It dies with this process, however that ends. */
export async function startRedis(options: readonly string[] = [], place?: ServerPlace): Promise<RedisServer> {
  const port = place?.port ?? (await freePorts(1))[0];
  const dir = place?.dir ?? mkdtempSync(join(tmpdir(), "nearts-redis-"));
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...settings, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (bytes) => (log = (log + String(bytes)).slice(-4000)));
  child.stderr.on("data", (bytes) => (log = (log + String(bytes)).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(new Error("redis-server cannot be started: sudo apt-get install -y redis-server", { cause })));
    child.once("exit", (code) => reject(new Error(`redis-server on port ${port} ended with ${code}: ${log}`)));
  });
  failed.catch(() => {});
  await Promise.race([untilItAnswers(port), failed]);
  const watchdog = watch(child);
  const stop = async () => {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await ended;
    watchdog.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid as number, // it answers, so it was started
    dir,
    signal: (name) => void child.kill(name),
    ended,
    restart: async () => {
      await ended;
      watchdog.kill("SIGKILL");
      return startRedis(options, { port, dir });
    },
    stop,
  };
}

/** A process that outlives this one and ends the server when this one is gone: a test that was killed leaves nothing behind. */
function watch(child: ChildProcess): ChildProcess {
  const script = `while kill -0 ${process.pid} 2>/dev/null && kill -0 ${child.pid} 2>/dev/null; do sleep 1; done; kill -CONT ${child.pid}; kill -9 ${child.pid}`;
  const watchdog = spawn("sh", ["-c", `${script} 2>/dev/null`], { stdio: "ignore", detached: true });
  watchdog.unref();
  return watchdog;
}

async function untilItAnswers(port: number): Promise<void> {
  const limit = Date.now() + startedWithin;
  while (!(await answers(port))) {
    if (Date.now() > limit) throw new Error(`redis-server on port ${port} does not answer after ${startedWithin} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether it answers at all: a server with a password refuses PING, which is an answer. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once("error", () => end(false));
    socket.once("data", (bytes) => end(!String(bytes).includes("LOADING")));
  });
}
