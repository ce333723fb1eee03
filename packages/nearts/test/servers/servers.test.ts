import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { birthOf, isAlive } from "./births.mjs";
import { spawnGuarded } from "./guarded.mjs";
import { RedisCluster } from "./redis-cluster.js";
import { RedisServer } from "./redis-server.js";
import { TcpProxy } from "./tcp-proxy.js";
import { until } from "./until.js";

describe("a Redis of the tests", () => {
  it("has what it held after kill -9 and a restart, and answers nothing in between", async () => {
    await using server = await RedisServer.start();
    await server.command("SET", "a", "1");

    await server.kill();
    await expect(server.command("GET", "a")).rejects.toThrow(/closed|ECONNREFUSED/);
    await server.restart();

    expect(await server.command("GET", "a")).toBe("1");
  });

  it("keeps its connections while it is paused, and answers once resumed", async () => {
    await using server = await RedisServer.start();
    await server.command("SET", "a", "1");

    server.pause();
    const answer = server.command("GET", "a");
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, "nothing"))]);
    server.resume();

    expect(early).toBe("nothing");
    expect(await answer).toBe("1");
  });

  it("that does not know a setting is an error in its own words", async () => {
    await expect(RedisServer.start({ appendfsync: "sometimes" })).rejects.toThrow(/ended at once/);
  });

  it("that is not installed is an error that says how to install it", async () => {
    await expect(spawnGuarded("no-such-server", [], {}, "install it: sudo apt-get install x")).rejects.toThrow(
      "no-such-server does not start: install it: sudo apt-get install x",
    );
  });

  it("does not outlive a test process that is killed, nor does its folder", async () => {
    const code = `
      const { guardedFolder, spawnGuarded } = await import(${JSON.stringify(new URL("guarded.mjs", import.meta.url).href)});
      const folder = guardedFolder("guarded");
      console.log((await spawnGuarded("sleep", ["600"], { detached: true }, "")).pid, folder);
      await new Promise(() => setInterval(() => {}, 1000));
    `;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
    const [pid, folder] = line.split(" ");
    const birth = birthOf(Number(pid));
    expect([isAlive(Number(pid), birth), existsSync(folder)]).toEqual([true, true]);

    owner.kill("SIGKILL");

    await until("the end of what it started", async () => !isAlive(Number(pid), birth) && !existsSync(folder));
  });
});

describe("a cluster of the tests", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 30_000);
  afterAll(() => cluster.stop());

  it("has three primaries that hold the slots and a level copy of each", async () => {
    const copies = await Promise.all((await cluster.holders()).map((primary) => cluster.replicaOf(primary)));

    expect(new Set([...(await cluster.holders()), ...copies]).size).toBe(6);
  });

  it("moves slots from one primary to another with their keys", async () => {
    const [from, to] = await cluster.holders();
    await fill(from, 1000);

    await cluster.reshard(from, to, 300);

    const moved = Number(await to.command("DBSIZE"));
    expect(moved).toBeGreaterThan(0);
    expect(Number(await from.command("DBSIZE")) + moved).toBe(1000);
  });

  it("puts the copy in the place of a primary that is killed, and takes the old one back as a copy", async () => {
    const [primary, witness] = await cluster.holders();
    const copy = await cluster.replicaOf(primary);

    await primary.kill();
    await cluster.failedOver(primary, witness);
    expect(await cluster.holders()).toContain(copy);
    await primary.restart();
    await cluster.ready();

    expect(await cluster.holders()).not.toContain(primary);
  });
});

/** Sets so many keys in slots of that node. */
async function fill(node: RedisServer, count: number): Promise<void> {
  for (let i = 0, set = 0; set < count; i++) {
    try {
      await node.command("SET", `k${i}`, 1);
      set++;
    } catch (error) {
      if (!String(error).includes("MOVED")) throw error;
    }
  }
}

describe("a proxy of the tests", () => {
  const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  let proxy: TcpProxy;
  beforeAll(async () => {
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    proxy = await TcpProxy.start((echo.address() as { port: number }).port); // it listens on TCP
  });
  afterAll(async () => {
    await proxy.close();
    echo.close();
  });

  it("passes bytes both ways", async () => {
    expect(await echoed("hello")).toBe("hello");
  });

  it.each(["requests", "replies"] as const)("cuts after so many bytes of %s", async (direction) => {
    const cut = proxy.cutAfter(3, direction);
    const answer = await echoed("hello");
    await cut;

    // Cut among the requests, what had passed may be answered or not: the wire is cut both ways.
    if (direction === "replies") expect(answer).toBe("hel");
    else expect("hel").toContain(answer);
    expect(await echoed("again")).toBe("again");
  });

  it("lets nothing through as a black hole, and is late by its delay", async () => {
    proxy.blackHole = true;
    const silent = await echoed("hello", 150);
    proxy.blackHole = false;
    proxy.delay = 60;
    const start = performance.now();
    const late = await echoed("hello");
    proxy.delay = 0;

    expect([silent, late]).toEqual(["", "hello"]);
    expect(performance.now() - start).toBeGreaterThan(110);
  });

  it("closes new connections at once while it refuses", async () => {
    proxy.refusing = true;
    const answer = await echoed("hello");
    proxy.refusing = false;

    expect(answer).toBe("");
  });

  /** What comes back through the proxy until as much came as was sent, the end, or the time. */
  async function echoed(text: string, millis = 2000): Promise<string> {
    const socket: Socket = connect(proxy.port, "127.0.0.1").setNoDelay(true);
    socket.setTimeout(millis, () => socket.destroy());
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      answer += bytes.toString();
      if (answer.length >= text.length) socket.destroy();
    });
    socket.write(text);
    await once(socket, "close");
    return answer;
  }
});
