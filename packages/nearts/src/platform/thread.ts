/** What the starter of a thread hears from it. */
export interface ThreadEvents {
  message(message: unknown): void;
  /** It is gone, or never came: nothing more is heard of it. */
  failed(error: unknown): void;
}

/** A thread that runs a module. It keeps no process alive, but while it is held. */
export interface Thread {
  post(message: unknown): void;
  hold(): void;
  release(): void;
  end(): Promise<void>;
}
