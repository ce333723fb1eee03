import { createClient } from "@redis/client";

/** What is used of a connection to one server. */
export interface Client {
  readonly isOpen: boolean;
  sendCommand(args: readonly (string | Buffer)[], options?: object): Promise<unknown>;
  destroy(): void;
}

/** Bulk strings as bytes (36 in the protocol's alphabet) and maps as flat arrays (37), as the storage asks for them. */
export const asBytes: object = { typeMapping: { 36: Buffer, 37: Array } };

/** Connects; rejects where nobody answers. */
export async function connect(url: string): Promise<Client> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => {}); // every command says so too
  await client.connect();
  return client;
}
