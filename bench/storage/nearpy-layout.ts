import { type DenseRows, type Hash, Keys } from "nearts";
import { asBytes, type Client } from "./client.js";

/** NearPy's layout on Redis, for comparison: a list for each bucket, and in it each vector with its data, once for every table (`storage_redis.py` of NearPy 1.0). */
export class NearPyLayout {
  readonly #client: Client;
  readonly #hash: Hash;
  readonly #prefix: string;
  readonly #keys: Keys = new Keys();

  constructor(client: Client, hash: Hash, prefix = "nearpy") {
    this.#client = client;
    this.#hash = hash;
    this.#prefix = prefix;
  }

  /** Puts rows into their buckets, as one pipeline. */
  async store(rows: DenseRows, ids: readonly number[]): Promise<void> {
    this.#keys.clear();
    this.#hash.keys(rows, this.#keys);
    const { count, tables, hi, lo } = this.#keys;
    const values = ids.map((id, i) => this.#value(rows.values.subarray(i * rows.dim, (i + 1) * rows.dim), id));
    const calls = Array.from({ length: count }, (_, e) =>
      this.#client.sendCommand(["RPUSH", this.#bucket(tables[e], hi[e], lo[e]), values[this.#keys.rows[e]]]),
    );
    await Promise.all(calls);
  }

  /** The `k` nearest of what lies in the query's own buckets, by squared distance: all of it comes over the wire. */
  async neighbours(query: DenseRows, k: number): Promise<{ readonly id: number; readonly distance: number }[]> {
    this.#keys.clear();
    this.#hash.keys(query, this.#keys);
    const { count, tables, hi, lo } = this.#keys;
    const lists = await Promise.all(
      Array.from({ length: count }, (_, e) =>
        this.#client.sendCommand(["LRANGE", this.#bucket(tables[e], hi[e], lo[e]), "0", "-1"], asBytes),
      ),
    );
    const found = new Map<number, number>();
    for (const value of (lists as Buffer[][]).flat()) {
      // LRANGE answers a list of what was asked for as bytes
      const id = value.readUInt32LE(0);
      if (!found.has(id)) found.set(id, squaredDistance(query.values, value));
    }
    const all = [...found].map(([id, distance]) => ({ id, distance }));
    return all.sort((a, b) => a.distance - b.distance).slice(0, k);
  }

  #bucket(table: number, hi: number, lo: number): string {
    return `${this.#prefix}_${this.#hash.name}_${table}_${hi.toString(16)}${lo.toString(16)}`;
  }

  /** NearPy pickles vector and data; bytes and a number are no larger. */
  #value(vector: Float32Array, id: number): Buffer {
    const bytes = Buffer.allocUnsafe(4 + vector.byteLength);
    bytes.writeUInt32LE(id, 0);
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), 4);
    return bytes;
  }
}

function squaredDistance(query: Float32Array, value: Buffer): number {
  const vector = new Float32Array(new Uint8Array(value.subarray(4)).buffer);
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (query[i] - vector[i]) ** 2;
  return sum;
}
