/** What a path leads to; links are not followed. */
export interface PathKind {
  readonly kind: "file" | "directory" | "link" | "other" | "none";
  /** Whether anyone may write to it, by its permissions. */
  readonly writable: boolean;
  /** When it was written last, in milliseconds as of Date.now(). */
  readonly modified: number;
}

/** A file open for reading, front to back. */
export interface FileToRead {
  readonly kind: PathKind["kind"];
  readonly size: number;
  /** Reads the next bytes into `into`; how many there were, 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A file that was made to be written, front to back. */
export interface FileToWrite {
  /** Appends bytes, perhaps not all of them; how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when everything written will survive a power cut, but for the name of the file. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What files are needed for: few operations, so that tests can put a disk that fails in their place. All reject with the system's error, whose `code` says
 * what happened.
 */
export interface FileSystem {
  /** The folder of a path, links followed, and the name in it. */
  locate(path: string): Promise<{ readonly folder: string; readonly name: string }>;
  /** A path in a folder that `locate` gave. */
  join(folder: string, name: string): string;
  kindOf(path: string): Promise<PathKind>;
  names(folder: string): Promise<readonly string[]>;
  openToRead(path: string): Promise<FileToRead>;
  /** A new file that only this user may read and write. Rejects where there is anything of that name. */
  create(path: string): Promise<FileToWrite>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when the names in a folder will survive a power cut; also where the system does not know how to do that. */
  syncFolder(folder: string): Promise<void>;
  /** A number for this process, and whether the process that a number was for is gone if it made something at `modified`. */
  readonly process: number;
  isGone(process: number, modified: number): boolean;
}
