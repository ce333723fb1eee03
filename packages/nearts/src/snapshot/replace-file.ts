import { NearError } from "../core/errors.js";
import type { FileSystem, FileToWrite } from "../platform/files.js";
import { fileFault, notAFile } from "./file-faults.js";
import type { Sink } from "./outflow.js";

/** The name of a temporary file: that of the file, the process that makes it, and chance. */
const temporary = /^\.tmp-(\d+)-[0-9a-f]{12}$/;

/** Saves under way, by path: one after the other. */
const saves = new Map<string, Promise<void>>();

/**
 * Replaces the file at a path by what `write` gives to its sink, or makes it: in a temporary file beside it, which takes its name when all of it is on the
 * disk. Until then, and wherever anything fails, the old file is as it was; once this resolves, the new one survives a power cut. E_IO, E_FULL.
 */
export async function replaceFile(files: FileSystem, path: string, write: (sink: Sink) => Promise<void>): Promise<void> {
  const { folder, name } = await told(path, files.locate(path));
  const place = { path, folder, name, whole: files.join(folder, name) };
  const before = saves.get(place.whole) ?? Promise.resolve();
  const now = before.catch(() => {}).then(() => replace(files, place, write));
  saves.set(place.whole, now);
  try {
    await now;
  } finally {
    if (saves.get(place.whole) === now) saves.delete(place.whole);
  }
}

interface Place {
  /** As the caller wrote it. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly whole: string;
}

async function replace(files: FileSystem, place: Place, write: (sink: Sink) => Promise<void>): Promise<void> {
  const { path, folder, name, whole } = place;
  await requireReplaceable(files, place);
  await sweep(files, place);
  const aside = files.join(folder, `${name}.tmp-${files.process}-${chance()}`);
  const file = await told(path, files.create(aside));
  try {
    await fill(file, path, write);
    await told(path, files.rename(aside, whole));
  } catch (error) {
    // Whoever made it takes it away; where even that fails, the next save sweeps it.
    await files.remove(aside).catch(() => {});
    throw error;
  }
  await told(path, files.syncFolder(folder));
}

async function fill(file: FileToWrite, path: string, write: (sink: Sink) => Promise<void>): Promise<void> {
  try {
    await write((bytes) => told(path, writeAll(file, bytes)));
    // Only once: after a failure the system may have dropped what it could not write, and say nothing of it the next time.
    await told(path, file.sync());
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  await told(path, file.close());
}

/** A disk may take less than it was given: then the next write says why. */
async function writeAll(file: FileToWrite, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const more = await file.write(bytes.subarray(written));
    if (more <= 0) throw new NearError("E_IO", `a write of ${bytes.length - written} bytes wrote nothing: check the disk`, {});
    written += more;
  }
}

async function requireReplaceable(files: FileSystem, { path, whole }: Place): Promise<void> {
  const { kind, writable } = await told(path, files.kindOf(whole));
  if (kind === "none") return;
  if (kind !== "file") throw notAFile("save", path, kind);
  if (!writable) {
    throw new NearError("E_IO", `cannot save ${JSON.stringify(path)}: the file there is read-only; make it writable, or save elsewhere`, {
      path,
    });
  }
}

/** Removes what saves of processes that are gone have left. */
async function sweep(files: FileSystem, { path, folder, name }: Place): Promise<void> {
  for (const found of await told(path, files.names(folder))) {
    const made = found.startsWith(name) ? temporary.exec(found.slice(name.length)) : null;
    if (made === null) continue;
    const left = files.join(folder, found);
    const { kind, modified } = await told(path, files.kindOf(left));
    if (kind === "file" && files.isGone(Number(made[1]), modified)) await files.remove(left).catch(() => {});
  }
}

/** What becomes of an operation on files; its failure as an error of nearts. */
function told<T>(path: string, operation: Promise<T>): Promise<T> {
  return operation.catch((error: unknown) => {
    throw fileFault("save", path, error);
  });
}

function chance(): string {
  return Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");
}
