import { createServer } from "node:net";

/** Below what the system gives to outgoing connections, so that a server that was killed finds its port free again; and so are they 10,000 above. */
const [FIRST, LAST] = [20_000, 22_700];
const BUS = 10_000;

const given = new Set<number>();

/** Loopback ports that nobody listens on now, nor on those 10,000 above them, where nodes of a cluster talk; each is given once by this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 200) throw new Error(`no ${count} free ports from ${FIRST} to ${LAST}: end the servers that tests left behind`);
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port) || !(await isFree(port)) || !(await isFree(port + BUS))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
