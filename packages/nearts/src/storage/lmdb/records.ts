import { crc32 } from "#platform";
import { NearError } from "../../core/errors.js";

/** Bytes at the head of every record: a CRC-32 of what follows, begun with the record's key, so that a record in the wrong place is noticed too. */
export const sealBytes = 4;

/** Fills in the head of a record that is kept under a number. */
export function seal(record: Uint8Array, key: number): Uint8Array {
  const crc = crc32(record.subarray(sealBytes), key % 2 ** 32);
  for (let i = 0; i < sealBytes; i++) record[i] = crc >>> (8 * i);
  return record;
}

/** A record of these bytes, sealed. */
export function sealed(body: Uint8Array, key: number): Uint8Array {
  const record = new Uint8Array(sealBytes + body.length);
  record.set(body, sealBytes);
  return seal(record, key);
}

/** What follows the head, a view at a multiple of 4 bytes; E_CORRUPT where the head says otherwise. `what` names the record. */
export function unseal(record: Uint8Array, key: number, what: string): Uint8Array {
  // Values in the database lie anywhere; typed arrays over them need their alignment.
  const aligned = record.byteOffset % 4 === 0 ? record : record.slice();
  const body = aligned.subarray(sealBytes);
  const crc = (aligned[0] | (aligned[1] << 8) | (aligned[2] << 16) | (aligned[3] << 24)) >>> 0;
  if (record.length >= sealBytes && crc32(body, key % 2 ** 32) === crc) return body;
  throw corrupt(`${what} is damaged: its ${record.length} bytes do not have the CRC that is stored with them`, { what });
}

/** E_CORRUPT, with what can be done. */
export function corrupt(fact: string, details: Readonly<Record<string, unknown>>, cause?: unknown): NearError {
  const message = `${fact}; verifyLmdb lists what is damaged, and repairLmdb saves what is not into a new index`;
  return new NearError("E_CORRUPT", message, details, cause === undefined ? undefined : { cause });
}
