import type { GaugedRecall } from "./options.js";

/** Share of the time of queries that checking them may take. */
const mostShare = 0.01;
/** 97.5 % point of the normal distribution. */
const z = 1.96;

/** Checks a small share of the queries exactly, as many as a hundredth of their time allows, and says what recall these had. */
export class Gauge {
  /** Milliseconds that queries took since the last check, and that a check takes. */
  #earned = 0;
  #cost = 5;
  #checked = 0;
  #wanted = 0;
  #found = 0;

  /** Notes a query's milliseconds; says whether it may be checked. */
  earn(millis: number): boolean {
    this.#earned += millis * mostShare;
    if (this.#earned < this.#cost) return false;
    this.#earned = 0;
    return true;
  }

  /** Notes a check: how many neighbours the query should have found, how many of these it did, and what the check took. */
  note(wanted: number, found: number, millis: number): void {
    this.#cost = millis;
    this.#checked++;
    this.#wanted += wanted;
    this.#found += found;
  }

  /** Forgets what was checked: the index is searched otherwise from now on. */
  reset(): void {
    this.#checked = 0;
    this.#wanted = 0;
    this.#found = 0;
  }

  /**
   * The recall of the queries checked, with Wilson's 95 % interval (Wilson 1927), each query counted as one trial: its neighbours are found or missed together. Warns
   * where it is below the recall asked for.
   */
  read(target?: number): GaugedRecall | undefined {
    if (this.#checked === 0 || this.#wanted === 0) return undefined;
    const n = this.#checked;
    const recall = this.#found / this.#wanted;
    const middle = (recall + (z * z) / (2 * n)) / (1 + (z * z) / n);
    const half = (z / (1 + (z * z) / n)) * Math.sqrt((recall * (1 - recall)) / n + (z * z) / (4 * n * n));
    const read = { checked: n, recall, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
    if (target === undefined || read.high >= target) return read;
    const warning = `recall ${target} was asked for, the ${n} queries checked had ${recall.toFixed(3)}: they are unlike what the index was tuned with. Tune with queries like them: tune({ queries })`;
    return { ...read, warning };
  }
}
