import type { FileSystem, FileToRead, FileToWrite, PathKind } from "../../src/platform/files.js";
import type { DiskEvent } from "../faults/disk/log.js";

/** A call that fails: its number from 1, the system's code, and whether it is a write that takes some bytes first. */
export interface DiskFault {
  readonly at: number;
  readonly code: string;
}

/** Bytes that one write takes at most: a large one is several, as on a disk that is nearly full or a pipe. */
const mostWritten = 1500;

/** A folder "/disk" in memory that notes what is done to it, for {@link cutPower}, and fails on purpose. */
export class Disk implements FileSystem {
  readonly process = 1;
  readonly files = new Map<string, Uint8Array>();
  readonly events: DiskEvent[] = [];
  /** Names of the calls that can fail, in order. */
  readonly calls: string[] = [];
  fault: DiskFault | undefined;
  #syncs = 0n;

  locate = async (path: string) => ({ folder: "/disk", name: path });
  join = (folder: string, name: string) => `${folder}/${name}`;
  isGone = () => true;

  async kindOf(path: string): Promise<PathKind> {
    this.#call("kindOf");
    return { kind: this.files.has(path) ? "file" : "none", writable: true, modified: 0 };
  }

  async names(folder: string): Promise<readonly string[]> {
    this.#call("names");
    return [...this.files.keys()].map((path) => path.slice(folder.length + 1));
  }

  async openToRead(path: string): Promise<FileToRead> {
    this.#call("open");
    const bytes = this.files.get(path);
    if (bytes === undefined) throw this.#error("ENOENT");
    let at = 0;
    const read = async (into: Uint8Array) => {
      this.#call("read");
      const some = bytes.subarray(at, at + Math.min(into.length, mostWritten));
      into.set(some);
      at += some.length;
      return some.length;
    };
    return { kind: "file", size: bytes.length, read, close: async () => {} };
  }

  async create(path: string): Promise<FileToWrite> {
    this.#call("create");
    if (this.files.has(path)) throw this.#error("EEXIST");
    this.files.set(path, new Uint8Array(0));
    // The file is there from now on, empty.
    this.events.push({ kind: "truncate", path, size: 0 });
    return {
      write: async (bytes) => this.#write(path, bytes),
      sync: async () => {
        this.#call("sync");
        this.#sync(path);
      },
      close: async () => this.#call("close"),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call("rename");
    this.files.set(to, this.#bytesOf(from));
    this.files.delete(from);
    this.events.push({ kind: "rename", path: from, to });
  }

  async remove(path: string): Promise<void> {
    this.#call("remove");
    this.files.delete(path);
    this.events.push({ kind: "remove", path });
  }

  async syncFolder(folder: string): Promise<void> {
    this.#call("syncFolder");
    this.#sync(folder);
  }

  #write(path: string, bytes: Uint8Array): number {
    // A disk without room takes what it still can before it says so.
    const taken = this.fault?.at === this.calls.length + 2 && this.fault.code === "ENOSPC" ? 100 : mostWritten;
    this.#call("write");
    const some = Buffer.from(bytes.subarray(0, taken));
    const before = this.#bytesOf(path);
    this.files.set(path, Buffer.concat([before, some]));
    this.events.push({ kind: "write", path, offset: before.length, bytes: some, durable: false });
    return some.length;
  }

  #sync(path: string): void {
    const number = this.#syncs++;
    this.events.push({ kind: "sync", path, number }, { kind: "synced", path, number });
  }

  #bytesOf(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw this.#error("ENOENT");
    return bytes;
  }

  #call(name: string): void {
    const number = this.calls.push(name);
    if (number === this.fault?.at) throw this.#error(this.fault.code);
  }

  #error(code: string): Error {
    return Object.assign(new Error(`${code}: on purpose`), { code });
  }
}
