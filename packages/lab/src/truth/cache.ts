import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DataSet, Truth } from "../data.js";

const digestBytes = 32;
/** Numbers before the distances: k, queries. */
const head = 2;

/** What exact searches found, by content: a file each, which is believed only while its bytes have the digest they were written with. */
export class TruthCache {
  readonly #folder: string;

  /** In this folder, or `nearts/truth` among the user's caches. */
  constructor(folder: string = join(cachesOfUser(), "nearts", "truth")) {
    this.#folder = folder;
  }

  /** What was found before for equal content, distance and k; null where there is nothing, or a damaged file. */
  async recall(dataSet: DataSet, k: number): Promise<Truth | null> {
    const file = await readFile(this.#fileOf(dataSet, k)).catch(() => null);
    if (file === null) return null;
    const payload = Uint8Array.from(file.subarray(digestBytes)); // in memory of its own, aligned for numbers of 8 bytes
    const pairs = k * dataSet.queries.count;
    if (payload.length !== 8 * head + 12 * pairs || !digest(payload).equals(file.subarray(0, digestBytes))) return null;
    const [ownK, queries] = new Float64Array(payload.buffer, 0, head);
    if (ownK !== k || queries !== dataSet.queries.count) return null;
    const distances = new Float64Array(payload.buffer, 8 * head, pairs);
    return { k, rows: new Uint32Array(payload.buffer, 8 * (head + pairs), pairs), distances };
  }

  /** Keeps what was found, under its name all at once; a disk that refuses costs later runs their time and this one nothing. */
  async remember(dataSet: DataSet, { k, rows, distances }: Truth): Promise<void> {
    const numbers = new Float64Array(head + distances.length);
    numbers.set([k, dataSet.queries.count]);
    numbers.set(distances, head);
    const payload = Buffer.concat([bytesOf(numbers), bytesOf(rows)]);
    const file = this.#fileOf(dataSet, k);
    const unfinished = `${file}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(unfinished, Buffer.concat([digest(payload), payload]));
      await rename(unfinished, file);
    } catch {
      await rm(unfinished, { force: true }).catch(() => {});
    }
  }

  #fileOf({ hash, distance }: DataSet, k: number): string {
    const name = createHash("sha256").update(JSON.stringify({ version: 2, hash, distance, k }));
    return join(this.#folder, `${name.digest("hex")}.truth`);
  }
}

/** Where programs of this user keep what they can make again. */
function cachesOfUser(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32" && LOCALAPPDATA) return LOCALAPPDATA;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME || join(homedir(), ".cache");
}

function bytesOf(column: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
