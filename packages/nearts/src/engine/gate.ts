import { yieldToEventLoop } from "#platform";

/**
 * Lets writes wait while a batch of queries reads a storage from several threads. Batches pass one after another; between two of them everyone who waits has
 * a turn, so that neither side keeps the other out for longer than one batch.
 */
export class Gate {
  #closed: Promise<void> | null = null;
  /** Whether somebody waits for the end of this batch, or did and has not had a turn yet. */
  #due = false;

  /** Resolves when no batch is under way any more, which may have changed again once the caller runs: to be asked until it is undefined, right before writing. */
  wait(): Promise<void> | undefined {
    if (this.#closed === null) return undefined;
    this.#due = true;
    return this.#closed;
  }

  /** Runs a batch while writes wait. */
  async during<T>(batch: () => Promise<T>): Promise<T> {
    // Whoever comes back at once, as a trial does, lets those go first who have waited meanwhile.
    if (this.#closed === null && this.#due) await yieldToEventLoop();
    for (let before = this.wait(); before !== undefined; before = this.wait()) {
      await before;
      await yieldToEventLoop();
    }
    let open: () => void = () => {};
    this.#closed = new Promise((resolve) => {
      open = resolve;
    });
    try {
      return await batch();
    } finally {
      this.#closed = null;
      open();
      if (this.#due) void yieldToEventLoop().then(() => (this.#due = false));
    }
  }
}

const gates = new WeakMap<object, Gate>();

/** The one gate of a storage, whichever engine asks. */
export function gateOf(storage: object): Gate {
  const known = gates.get(storage) ?? new Gate();
  gates.set(storage, known);
  return known;
}
