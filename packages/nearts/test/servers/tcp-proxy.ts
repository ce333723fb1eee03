import { connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes go: what clients ask, or what the server answers. */
export type Direction = "requests" | "replies";

interface Cut {
  readonly direction: Direction;
  left: number;
  readonly done: () => void;
}

/** A wire between clients and a server on loopback that can be cut in the middle of a message, slowed down, or left dead. */
export class TcpProxy {
  /** Milliseconds by which what passes is late. */
  delay = 0;
  /** Whether bytes vanish both ways while connections stay open. */
  blackHole = false;
  /** Whether new connections are closed at once. */
  refusing = false;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #cut: Cut | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  /** A proxy for the server on `target`, on a port of the system's choice. */
  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Cuts all connections once `bytes` more have passed in that direction, the last of them included; ends when it has. */
  cutAfter(bytes: number, direction: Direction): Promise<void> {
    return new Promise((done) => {
      this.#cut = { direction, left: bytes, done };
    });
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#cut?.done();
    this.#cut = undefined;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(client: Socket): void {
    if (this.refusing) {
      client.destroy();
      return;
    }
    const server = connect(this.#target, "127.0.0.1");
    this.#pipe(client, server, "requests");
    this.#pipe(server, client, "replies");
  }

  #pipe(from: Socket, to: Socket, direction: Direction): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (bytes) => this.#pass(bytes, to, direction));
    from.on("error", () => {}); // "close" follows
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #pass(bytes: Buffer, to: Socket, direction: Direction): void {
    if (this.blackHole) return;
    if (this.delay > 0) {
      setTimeout(() => this.#deliver(bytes, to, direction), this.delay);
      return;
    }
    this.#deliver(bytes, to, direction);
  }

  #deliver(bytes: Buffer, to: Socket, direction: Direction): void {
    const cut = this.#cut;
    if (cut === undefined || cut.direction !== direction || cut.left > bytes.length) {
      if (cut?.direction === direction) cut.left -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      return;
    }
    // The last bytes go out before the end: what is destroyed loses what it has not sent.
    if (to.destroyed) this.cut();
    else to.write(bytes.subarray(0, cut.left), () => this.cut());
  }
}
