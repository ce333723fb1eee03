/** A named channel of events: `publish` reaches whoever subscribed. Ask `hasSubscribers` before building a message that costs something. */
export interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}
