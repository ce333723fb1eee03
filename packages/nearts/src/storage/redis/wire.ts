/** One part of a command. */
export type Argument = string | Buffer;

/** What a server answers, strings as bytes. */
export type Reply = Buffer | string | number | null | readonly Reply[];

/** What became of one command: a reply, a refusal in the server's words, or nothing known, as the connection failed or took too long. */
export type Outcome = { readonly reply: Reply } | { readonly refused: string } | { readonly lost: unknown };

/** One connection to one server. Commands are answered in the order they were sent in. */
export interface Link {
  /** host:port, where known. */
  readonly address: string;
  /** Sends commands in one go; one promise for each, which never rejects. */
  send(commands: readonly (readonly Argument[])[]): Promise<Outcome>[];
  /** Ends it; does nothing for a client that somebody else owns. */
  end(): void;
}

/** Makes connections. */
export interface Dialer {
  /** Connections there are at once to ask which server has what; the first that works is enough. */
  seeds(): Promise<Link[]>;
  /** A connection to one server of a cluster. */
  dial(host: string, port: number): Promise<Link>;
  /** Whether it is a client of a cluster; undefined where the server has to be asked. */
  readonly cluster: boolean | undefined;
  /** Ends the connections that it made. */
  close(): Promise<void>;
}

/** The outcome of a promise of a reply. */
export function outcomeOf(reply: Promise<unknown>, isRefusal: (error: unknown) => boolean): Promise<Outcome> {
  return reply.then(
    (value): Outcome => ({ reply: value as Reply }), // a client returns what the protocol has
    (error: unknown): Outcome => (isRefusal(error) ? { refused: (error as Error).message } : { lost: error }), // a refusal is an Error
  );
}
