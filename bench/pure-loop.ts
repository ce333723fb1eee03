import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { timed } from "./asking.js";

const source = `
const { parentPort } = require("node:worker_threads");
parentPort.on("message", (steps) => {
  let x = 0.5;
  for (let i = 0; i < steps; i++) x = 3.7 * x * (1 - x); // each step waits for the one before: arithmetic alone, no memory
  parentPort.postMessage(x);
});`;

/** A loop of pure computing in workers. */
export class PureLoop {
  readonly #workers: readonly Worker[];
  readonly #steps = 1e8;

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => new Worker(source, { eval: true }));
  }

  /** How many times as much all workers do together as one alone, now: the most that can be hoped for. */
  async gain(): Promise<number> {
    const [alone, together] = [await this.#run(1), await this.#run(this.#workers.length)];
    return (this.#workers.length * alone) / together;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** Seconds until so many workers, started together, have each done the whole loop. */
  async #run(workers: number): Promise<number> {
    const { seconds } = await timed(() =>
      Promise.all(
        this.#workers.slice(0, workers).map((worker) => {
          const answer = once(worker, "message");
          worker.postMessage(this.#steps);
          return answer;
        }),
      ),
    );
    return seconds;
  }
}
