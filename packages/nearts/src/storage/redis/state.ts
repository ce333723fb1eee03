import { NearError } from "../../core/errors.js";
import type { Reply } from "./wire.js";

/** What is known of a shard: one small string beside its items, read with every query and answered with every write. */
export interface ShardState {
  /** Of the knowledge that the shard goes by. */
  readonly version: number;
  /** Number of the hash that is being filled; {@link noHash} where none is. */
  readonly filling: number;
  /** Grows whenever a bucket comes or goes. */
  readonly keysVersion: number;
  /** Whether some items have an end. */
  readonly expiring: boolean;
  /** Rows ever numbered. */
  readonly rows: number;
  /** Items, those included that have ended and were not removed yet. */
  readonly size: number;
  /** Grows with every change of the buckets. */
  readonly changes: number;
  /** Whether everything is being removed. */
  readonly clearing: boolean;
  /** Items ever written: the stamp of the last. */
  readonly writes: number;
}

export const noHash = 0xffffffff;
/** The last four are the server's own: how many scripts have written, by which it notices that half of one was done too. */
export const stateBytes = 44;

/** E_CORRUPT where the shard is not there: a server that lost its data must not pass for an empty index. */
export function stateFrom(reply: Reply | undefined, shard: number): ShardState {
  if (!(reply instanceof Buffer) || reply.length < stateBytes) {
    const message = `shard ${shard} of the index is gone: its server was emptied, or restarted without its data. Restore it, or delete the index and store anew`;
    throw new NearError("E_CORRUPT", message, { shards: [shard], retryable: false });
  }
  const word = (i: number) => reply.readUInt32LE(i * 4);
  return {
    version: word(0),
    filling: word(1),
    keysVersion: word(2),
    expiring: word(3) !== 0,
    rows: word(4),
    size: word(5),
    changes: word(6),
    clearing: word(7) !== 0,
    writes: word(8) + word(9) * 2 ** 32,
  };
}
