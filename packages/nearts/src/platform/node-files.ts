import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { FileSystem, FileToRead, PathKind } from "./files.js";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** What is left by a process that seems to live goes after so long: its number may be another's by now. */
const longAgo = 24 * 3_600_000;
/** Systems that cannot sync a folder say one of these. */
const cannotSync: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "ENOSYS"]);
const begun = performance.timeOrigin;

/** The files of this machine. */
export const files: FileSystem | null = {
  process: process.pid,

  async locate(path) {
    const absolute = resolve(path);
    return { folder: await realpath(dirname(absolute)), name: basename(absolute) };
  },

  join,

  async kindOf(path) {
    const found = await lstat(path).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return null;
      throw error;
    });
    return found === null ? { kind: "none", writable: true, modified: 0 } : kindOf(found);
  },

  names: (folder) => readdir(folder),

  async openToRead(path) {
    // Without O_NONBLOCK a pipe would be waited for until somebody writes to it.
    return toRead(await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  },

  async create(path) {
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    return {
      write: async (bytes) => (await file.write(bytes)).bytesWritten,
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },

  rename,
  remove: unlink,

  async syncFolder(folder) {
    const handle = await open(folder, O_RDONLY);
    try {
      await handle.sync();
    } catch (error) {
      if (!cannotSync.has(codeOf(error))) throw error;
    } finally {
      await handle.close();
    }
  },

  isGone(number, modified) {
    if (number === process.pid) return modified < begun;
    if (Date.now() - modified > longAgo) return true;
    try {
      process.kill(number, 0);
      return false;
    } catch (error) {
      return codeOf(error) === "ESRCH";
    }
  },
};

/** An open file, to be read front to back. */
export async function toRead(file: FileHandle): Promise<FileToRead> {
  const found = await file.stat();
  return {
    kind: kindOf(found).kind,
    size: found.size,
    read: async (into) => (await file.read(into, 0, into.length, null)).bytesRead,
    close: () => file.close(),
  };
}

function kindOf(found: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; mode: number; mtimeMs: number }): PathKind {
  const kind = found.isFile() ? "file" : found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "other";
  return { kind, writable: (found.mode & 0o222) !== 0, modified: found.mtimeMs };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
