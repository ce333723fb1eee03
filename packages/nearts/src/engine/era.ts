import { NearError } from "../core/errors.js";
import { closedError } from "./guards.js";
import { turnTaker } from "./turns.js";

/** How long work on an index makes sense: while an engine of it is open, and until what is known of it is forgotten, which begins another era. */
export class Era {
  #number = 0;
  readonly #engines = new Set<object>();
  readonly #requireOpen: (() => void) | undefined;

  /** `requireOpen` throws once the work is to end, where that is not for the engines that join to say. */
  constructor(requireOpen?: () => void) {
    this.#requireOpen = requireOpen;
  }

  /** Changes when what is known is forgotten. */
  get number(): number {
    return this.#number;
  }

  /** An engine goes by what is known from now on. */
  join(engine: object): void {
    this.#engines.add(engine);
  }

  /** An engine was closed: without any, work under way ends. */
  leave(engine: object): void {
    this.#engines.delete(engine);
  }

  /** What is known is forgotten: work on it ends. */
  end(): void {
    this.#number++;
  }

  /** E_CLOSED where no engine is open. */
  requireOpen(): void {
    if (this.#requireOpen !== undefined) this.#requireOpen();
    else if (this.#engines.size === 0) throw closedError();
  }

  /** To be called between pieces of work: lets others have their turn, and throws once the work makes no sense any more, or its signal is aborted. */
  turns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
    const turn = turnTaker(signal);
    const begun = this.#number;
    const goOn = () => {
      this.requireOpen();
      if (begun !== this.#number) throw new NearError("E_NOT_FOUND", "what was worked on is gone: begin again", {});
    };
    return () => {
      goOn();
      return turn()?.then(goOn);
    };
  }

  /** Runs work; it ends well where the era does meanwhile, whatever it stumbles over then. */
  async unlessOver(work: () => Promise<void>): Promise<void> {
    const begun = this.#number;
    try {
      await work();
    } catch (error) {
      if (begun === this.#number) throw error;
    }
  }
}
