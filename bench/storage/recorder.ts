import { asBytes, type Client } from "./client.js";

type Command = readonly (string | Buffer)[];

/** A client as the Redis storage takes one, which remembers the commands that go through it, trip by trip. */
export class Recorder {
  /** Commands that were sent before the first of them was answered, one after the other. */
  trips: Command[][] = [];
  readonly #client: Client;
  #waiting = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  async sendCommand(args: Command, options?: object): Promise<unknown> {
    if (this.#waiting === 0) this.trips.push([]);
    this.trips[this.trips.length - 1].push(args);
    this.#waiting++;
    try {
      return await this.#client.sendCommand(args, options);
    } finally {
      this.#waiting--;
    }
  }

  /** Sends the same commands again as bare pipelines, and does nothing with what comes: the least that so many bytes can take. */
  async replay(): Promise<void> {
    for (const trip of this.trips) await Promise.all(trip.map((args) => this.#client.sendCommand(args, asBytes)));
  }

  destroy(): void {
    this.#client.destroy();
  }
}
