import type { Verdict } from "./campaign.js";
import { type Operation, operation, type Workload } from "./workload.js";

/** What is stored: the operation that stored each name's vector. Names that hold none are not there. */
export type Held = ReadonlyMap<number, number>;

/**
 * What must be and what may be stored, kept by the test's own process from what writers say: a call sent but not answered, or failed, may have been done or
 * not; an answered one must have been.
 */
export class Oracle {
  readonly #workload: Workload;
  /** Whether an operation is all or nothing. */
  readonly #atomic: boolean;
  #held = new Map<number, number>();
  /** Sent and not answered well, in order. */
  #open: Operation[] = [];
  #acked = 0;
  #next = 1;

  constructor(workload: Workload, atomic: boolean) {
    this.#workload = workload;
    this.#atomic = atomic;
  }

  /** The first operation that was not sent yet. */
  get next(): number {
    return this.#next;
  }

  /** Operations answered so far. */
  get acked(): number {
    return this.#acked;
  }

  sent(number: number): void {
    this.#open.push(operation(this.#workload, number));
    this.#next = Math.max(this.#next, number + 1);
  }

  answered(number: number): void {
    const done = this.#open.find((open) => open.number === number);
    if (done === undefined) throw new Error(`operation ${number} was answered and never sent`);
    this.#acked++;
    this.#apply(done);
    // What was sent before to the same names and never answered well can no longer be what they hold.
    const settled = new Set(done.names);
    this.#open = this.#open
      .filter((open) => open !== done)
      .map((open) => (open.number < number ? { ...open, names: open.names.filter((name) => !settled.has(name)) } : open))
      .filter((open) => open.names.length > 0);
  }

  /** Compares what is stored with what must and may be, then takes it for what is. */
  judge(held: Held): Verdict {
    const why: string[] = [];
    let [lost, inconsistent] = [0, 0];
    const names = new Set([...held.keys(), ...this.#held.keys(), ...this.#open.flatMap((open) => open.names)]);
    for (const name of names) {
      const [must, is] = [this.#held.get(name), held.get(name)];
      if (is === must || this.#open.some((open) => open.names.includes(name) && effectOf(open) === is)) continue;
      const was = is === undefined ? "nothing" : `what operation ${is} stored`;
      if (is === undefined || is < this.#next) {
        lost++;
        why.push(`name ${name} holds ${was}, acknowledged was ${must === undefined ? "its removal" : `operation ${must}`}`);
      } else {
        inconsistent++;
        why.push(`name ${name} holds ${was}, which was never sent`);
      }
    }
    if (this.#atomic) {
      for (const open of this.#open) {
        const halves = new Set(open.names.filter((name) => this.#tells(open, name)).map((name) => held.get(name) === effectOf(open)));
        if (halves.size < 2) continue;
        inconsistent++;
        why.push(`operation ${open.number} was done in part`);
      }
    }
    this.#held = new Map(held);
    this.#open = [];
    return { lost, inconsistent, why };
  }

  #apply(done: Operation): void {
    for (const name of done.names) {
      if (done.kind === "store") this.#held.set(name, done.number);
      else this.#held.delete(name);
    }
  }

  /** Whether a name's content says if the operation was done: nothing else would leave the same. */
  #tells(open: Operation, name: number): boolean {
    const others = this.#open.filter((other) => other !== open && other.names.includes(name));
    return this.#held.get(name) !== effectOf(open) && others.length === 0;
  }
}

function effectOf({ kind, number }: Operation): number | undefined {
  return kind === "store" ? number : undefined;
}
